// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/compute.hpp"

#include "nuloop/foundation/errors.hpp"
#include "nuloop/foundation/parallel_for.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace nuloop::study {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// The inner values of a job along one axis; the setting where it is none.
std::vector<double> inner_values(const Job& job, std::string_view key) {
  std::vector<double> values;
  if (const Axis* axis = job.axis(key))
    for (const Value& value : axis->values)
      values.push_back(std::get<double>(value));
  else
    values.push_back(std::get<double>(*job.settings[*find_parameter(key)]));
  return values;
}

// Everything that a point contributes to its task's result.
class PointWriter {
 public:
  PointWriter(const Job& job, const Plan& plan, const Task& task, TaskResult& result)
      : flux_uncertainties_(inner_values(job, "flux_uncertainty")),
        background_uncertainties_(inner_values(job, "background_uncertainty")),
        exposures_(inner_values(job, "exposure")),
        all_(job, plan, task, BlockShape::Part::all),
        times_(job, plan, task, BlockShape::Part::without_exposure),
        bins_(most_bins(job)),
        result_(result) {
    result_.chi2.assign(all_.size(), nan);
    result_.discovery_time.assign(times_.size(), nan);
    for (auto& rates : result_.rates)
      rates.assign(task.points() * bins_, nan);
    result_.status.assign(task.points(), Status::failed);
  }

  void operator()(std::size_t n, const std::vector<std::size_t>& offset, Scenario scenario,
                  const Rates& rates) const {
    write_rates(n, rates);
    const statistics::AsimovComparison comparison = compare(rates);
    for (std::size_t i = 0; i < flux_uncertainties_.size(); ++i)
      for (std::size_t j = 0; j < background_uncertainties_.size(); ++j) {
        scenario.flux_uncertainty = flux_uncertainties_[i];
        scenario.background_uncertainty = background_uncertainties_[j];
        const statistics::ChiSquareCurve curve = chi_square_curve(comparison, scenario);
        result_.discovery_time[position(times_, offset, i, j)] = discovery_time_yr(curve, scenario);
        double* chi2 = &result_.chi2[position(all_, offset, i, j)];
        const std::size_t stride = all_.stride("exposure");
        for (std::size_t k = 0; k < exposures_.size(); ++k)
          chi2[k * stride] = curve(exposures_[k]);
      }
    result_.status[n] = Status::done;
  }

 private:
  static std::size_t position(const BlockShape& shape, const std::vector<std::size_t>& offset,
                              std::size_t flux, std::size_t background) {
    return shape.outer_offset(offset) + flux * shape.stride("flux_uncertainty") +
           background * shape.stride("background_uncertainty");
  }

  void write_rates(std::size_t n, const Rates& rates) const {
    const std::array<const Eigen::ArrayXd*, rate_datasets.size()> spectra = {
        &rates.reference.value, &rates.reference.error,  &rates.tested.value,
        &rates.tested.error,    &rates.background.value, &rates.background.error};
    for (std::size_t i = 0; i < spectra.size(); ++i)
      std::copy(spectra[i]->begin(), spectra[i]->end(),
                result_.rates[i].begin() + static_cast<std::ptrdiff_t>(n * bins_));
  }

  std::vector<double> flux_uncertainties_;
  std::vector<double> background_uncertainties_;
  std::vector<double> exposures_;
  BlockShape all_;
  BlockShape times_;
  std::size_t bins_;
  TaskResult& result_;
};

}  // namespace

TaskResult compute(const Task& task, const Plan& plan, const Job& job, const World& world,
                   RateCalculator& calculator, std::vector<std::string>& problems) {
  TaskResult result;
  const PointWriter write(job, plan, task, result);
  std::vector<std::string> reasons(task.points());
  std::vector<Scenario> scenarios(task.points());
  calculator.make_room();
  for (std::size_t n = 0; n < task.points(); ++n) {
    scenarios[n] = scenario_at(job, plan, task, n, world);
    try {
      calculator.prepare(scenarios[n]);
    } catch (const NumericalError& error) {
      reasons[n] = error.what();
    }
  }
  parallel_for(task.points(), [&](std::size_t n) {
    if (!reasons[n].empty())
      return;
    try {
      write(n, task.offset(n), scenarios[n], calculator.rates(scenarios[n]));
    } catch (const NumericalError& error) {
      reasons[n] = error.what();
    }
  });
  for (std::size_t n = 0; n < task.points(); ++n)
    if (!reasons[n].empty())
      problems.push_back(describe_point(job, plan, task, n) + ": " + reasons[n]);
  return result;
}

}  // namespace nuloop::study
