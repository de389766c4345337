// SPDX-License-Identifier: GPL-3.0-or-later
#include "writers.hpp"

#include <algorithm>

namespace nuloop::study {

Block::Block(const Filling& f, const std::string& path)
    : shape(f.job, f.plan, f.task, f.layout.datasets()[f.layout.index(path)].along,
            f.layout.further_lengths(f.layout.datasets()[f.layout.index(path)])),
      values(f.result.values[f.layout.index(path)]) {}

RatesWriter::RatesWriter(const Filling& filling) : bins_(filling.layout.bins()) {
  if (bins_ == 0)
    return;
  const auto block = [&](const std::string& name) -> ValueAndError {
    return {Block(filling, "/rates/" + name), Block(filling, "/rates/" + name + "_error")};
  };
  for (const char* name : stored_rates(filling.job))
    blocks_.push_back(block(name));
  if (filling.job.kind == Kind::rates)
    for (const char* name : {"signal_by_isotope", "background_by_isotope"})
      by_isotope_.push_back(block(name));
}

void RatesWriter::operator()(const std::vector<std::size_t>& offset, const Rates& rates) const {
  for (std::size_t i = 0; i < blocks_.size(); ++i)
    write(blocks_[i], offset, 0, rates.*spectra_of_rates[i]);
}

void RatesWriter::operator()(const std::vector<std::size_t>& offset,
                             const RatesByIsotope& rates) const {
  for (std::size_t i = 0; i < rates.tested.size(); ++i)
    write(by_isotope_[0], offset, i, rates.tested[i]);
  for (std::size_t i = 0; i < rates.background.size(); ++i)
    write(by_isotope_[1], offset, i, rates.background[i]);
}

void RatesWriter::write(const ValueAndError& block, const std::vector<std::size_t>& offset,
                        std::size_t row, const experiment::Spectrum& spectrum) const {
  std::copy(spectrum.value.begin(), spectrum.value.end(), block.value.at(offset) + row * bins_);
  std::copy(spectrum.error.begin(), spectrum.error.end(), block.error.at(offset) + row * bins_);
}

}  // namespace nuloop::study
