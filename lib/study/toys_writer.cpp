// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/toys.hpp"
#include "writers.hpp"

#include <algorithm>
#include <cmath>

namespace nuloop::study {

ToysWriter::ToysWriter(const Filling& filling)
    : significance_(filling, "/toys/significance"),
      z_expected_(filling, "/toys/z_expected"),
      quantile_(filling, "/toys/quantile"),
      quantile_error_(filling, "/toys/quantile_error"),
      critical_(filling, "/toys/critical"),
      critical_error_(filling, "/toys/critical_error"),
      p_value_(filling, "/toys/p_value"),
      p_value_error_(filling, "/toys/p_value_error"),
      own_p_value_(filling, "/toys/p_value_of_significance"),
      own_p_value_error_(filling, "/toys/p_value_of_significance_error"),
      moments_(filling, "/toys/moments"),
      histogram_(filling, "/toys/histogram"),
      histogram_squares_(filling, "/toys/histogram_squares"),
      tails_(filling, "/toys/tails") {}

void ToysWriter::operator()(const std::vector<std::size_t>& offset, std::uint32_t stream,
                            const Scenario& scenario, const RateCalculator& calculator) const {
  const ToyExperiment experiment = toy_experiment(scenario, calculator);
  statistics::ToyTally tally = empty_tally(experiment);
  if (!std::isnan(*moments_.at(offset)))  // the beginning of a larger number
    restore(offset, tally);
  const auto first = static_cast<std::uint64_t>(tally.toys());
  const auto count = static_cast<std::uint64_t>(scenario.toys.count);
  statistics::run_toys(experiment.ensemble, *experiment.statistic,
                       {static_cast<std::uint64_t>(scenario.toys.seed), stream}, first,
                       count - std::min(first, count), tally);
  *significance_.at(offset) = experiment.significance;
  *z_expected_.at(offset) = experiment.z_expected;
  write(offset, tally);
}

// The pieces in the order of ToyTally::numbers.
std::array<const Block*, 4> ToysWriter::pieces() const {
  return {&moments_, &histogram_, &histogram_squares_, &tails_};
}

std::array<std::size_t, 4> ToysWriter::lengths(const statistics::ToyTally& tally) {
  return {statistics::ToyTally::scalars, statistics::ToyTally::bins, statistics::ToyTally::bins,
          tally.tails().size()};
}

void ToysWriter::restore(const std::vector<std::size_t>& offset,
                         statistics::ToyTally& tally) const {
  std::vector<double> numbers;
  for (std::size_t i = 0; i < pieces().size(); ++i)
    numbers.insert(numbers.end(), pieces()[i]->at(offset),
                   pieces()[i]->at(offset) + lengths(tally)[i]);
  tally.restore(numbers);
}

void ToysWriter::write(const std::vector<std::size_t>& offset,
                       const statistics::ToyTally& tally) const {
  auto from = tally.numbers().begin();
  for (std::size_t i = 0; i < pieces().size(); ++i) {
    const auto to = from + static_cast<std::ptrdiff_t>(lengths(tally)[i]);
    std::copy(from, to, pieces()[i]->at(offset));
    from = to;
  }
  const auto put = [&](const Block& value, const Block& error, std::size_t i,
                       const statistics::Estimate& estimate) {
    value.at(offset)[i] = estimate.value;
    error.at(offset)[i] = estimate.error;
  };
  const auto probabilities = toy_probabilities();
  for (std::size_t i = 0; i < probabilities.size(); ++i)
    put(quantile_, quantile_error_, i, tally.quantile(probabilities[i]));
  const auto levels = toy_levels();
  for (std::size_t i = 0; i < levels.size(); ++i)
    put(critical_, critical_error_, i, tally.critical(levels[i]));
  const std::size_t thresholds = toy_thresholds().size();
  for (std::size_t i = 0; i < thresholds; ++i)
    put(p_value_, p_value_error_, i, tally.tail(i, statistics::ToyTally::Side::both));
  put(own_p_value_, own_p_value_error_, 0,
      tally.tail(thresholds, statistics::ToyTally::Side::both));
}

}  // namespace nuloop::study
