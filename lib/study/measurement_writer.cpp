// SPDX-License-Identifier: GPL-3.0-or-later
#include "writers.hpp"

#include <cstddef>

namespace nuloop::study {

MeasurementWriter::MeasurementWriter(const Filling& filling)
    : best_fit_(filling, "/measurement/best_fit"),
      best_fit_error_(filling, "/measurement/best_fit_error"),
      chi2_(filling, "/measurement/chi2_min"),
      chi2_error_(filling, "/measurement/chi2_min_error"),
      other_minimum_(filling, "/measurement/other_minimum"),
      low_(filling, "/measurement/interval_low"),
      low_error_(filling, "/measurement/interval_low_error"),
      high_(filling, "/measurement/interval_high"),
      high_error_(filling, "/measurement/interval_high_error") {}

void MeasurementWriter::operator()(const std::vector<std::size_t>& offset,
                                   const statistics::ParameterFit& fit) const {
  *best_fit_.at(offset) = fit.best_fit.value;
  *best_fit_error_.at(offset) = fit.best_fit.error;
  *chi2_.at(offset) = fit.chi2.value;
  *chi2_error_.at(offset) = fit.chi2.error;
  *other_minimum_.at(offset) = fit.other_minimum;
  for (std::size_t level = 0; level < fit.intervals.size(); ++level) {
    low_.at(offset)[level] = fit.intervals[level].low.value;
    low_error_.at(offset)[level] = fit.intervals[level].low.error;
    high_.at(offset)[level] = fit.intervals[level].high.value;
    high_error_.at(offset)[level] = fit.intervals[level].high.error;
  }
}

}  // namespace nuloop::study
