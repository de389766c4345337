// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/compute.hpp"

#include "nuloop/foundation/errors.hpp"
#include "nuloop/foundation/parallel_for.hpp"
#include "nuloop/foundation/special_values.hpp"
#include "nuloop/study/impacts.hpp"
#include "nuloop/study/measurement.hpp"
#include "writers.hpp"

#include <optional>

namespace nuloop::study {
namespace {

// What becomes of the points of a task.
class Points {
 public:
  explicit Points(TaskResult& result) : result_(result), reasons_(result.status.size()) {}

  // Calls work(n) for every point that is not done and has not failed, on all threads.
  template <class Work>
  void for_each_open(const Work& work) {
    parallel_for(reasons_.size(), [&](std::size_t n) { attempt(n, work); });
  }

  // The same for work that uses all threads itself.
  template <class Work>
  void for_each_open_in_turn(const Work& work) {
    for (std::size_t n = 0; n < reasons_.size(); ++n)
      attempt(n, work);
  }

  void finish(const Task& task, const Plan& plan, const Job& job,
              std::vector<std::string>& problems) {
    for (std::size_t n = 0; n < reasons_.size(); ++n)
      if (reasons_[n].empty()) {
        result_.status[n] = Status::done;
      } else {
        result_.status[n] = Status::failed;
        problems.push_back(describe_point(job, plan, task, n) + ": " + reasons_[n]);
      }
  }

 private:
  template <class Work>
  void attempt(std::size_t n, const Work& work) {
    if (result_.status[n] == Status::done || !reasons_[n].empty())
      return;
    try {
      work(n);
    } catch (const NumericalError& error) {
      reasons_[n] = error.what();
    }
  }

  TaskResult& result_;
  std::vector<std::string> reasons_;
};

}  // namespace

TaskResult blank_result(const Task& task, const Plan& plan, const Job& job, const Layout& layout) {
  TaskResult result;
  for (const Dataset& dataset : layout.datasets())
    result.values.emplace_back(
        BlockShape(job, plan, task, dataset.along, layout.further_lengths(dataset)).size(), nan);
  result.status.assign(task.points(), Status::pending);
  return result;
}

void prepare_integrals(RateCalculator& calculator, const Scenario& scenario, const World& world,
                       Kind kind) {
  if (kind == Kind::impacts)
    ImpactCalculator(world, {scenario.model}).prepare(calculator, scenario);
  else if (kind != Kind::cross_section)
    calculator.prepare(scenario);
}

std::size_t sets_of_integrals(const Scenario& scenario, const World& world, Kind kind) {
  if (kind == Kind::impacts)
    return ImpactCalculator(world, {scenario.model}).signal_sets(scenario);
  return kind == Kind::cross_section ? 0 : 1;
}

void compute(const Task& task, const Plan& plan, const Job& job, const Layout& layout,
             const World& world, RateCalculator& calculator, const EarlierResult* earlier,
             TaskResult& result, std::vector<std::string>& problems) {
  const Filling filling{job, plan, layout, task, result};
  Points points(result);
  const auto scenario = [&](std::size_t n) { return scenario_at(job, plan, task, n, world); };
  if (job.kind == Kind::cross_section) {
    const CrossSectionWriter write(filling);
    points.for_each_open([&](std::size_t n) { write(task.offset(n), scenario(n)); });
    points.finish(task, plan, job, problems);
    return;
  }
  std::optional<std::vector<Rates>> known;
  // All points ask for the same kinds of rates, and results hold none for systematic uncertainties.
  if (earlier != nullptr && earlier->covers(task) && !needs_systematic_rates(scenario(0))) {
    std::vector<std::size_t> bins;
    for (std::size_t n = 0; n < task.points(); ++n)
      bins.push_back(binning(scenario(n)).size());
    known = earlier->rates(task, bins);
  }
  if (!known) {  // the points of a task share their integrals
    calculator.make_room();
    points.for_each_open_in_turn(
        [&](std::size_t n) { prepare_integrals(calculator, scenario(n), world, job.kind); });
  }
  const RatesWriter write_rates(filling);
  switch (job.kind) {
    case Kind::reach: {
      const ReachWriter write_reach(filling);
      points.for_each_open([&](std::size_t n) {
        const Scenario s = scenario(n);
        const Rates rates = known ? (*known)[n] : calculator.rates(s);
        write_rates(task.offset(n), rates);
        write_reach(task.offset(n), s, rates);
      });
      break;
    }
    case Kind::impacts: {
      const ImpactsWriter write_impacts(filling);
      const ImpactCalculator impacts(world, models_of(job));
      points.for_each_open(
          [&](std::size_t n) { write_impacts(task.offset(n), impacts(calculator, scenario(n))); });
      break;
    }
    case Kind::rates:
      points.for_each_open([&](std::size_t n) {
        const Scenario s = scenario(n);
        write_rates(task.offset(n), calculator.rates(s));
        write_rates(task.offset(n), calculator.rates_by_isotope(s));
      });
      break;
    case Kind::toys: {
      const ToysWriter write_toys(filling);
      points.for_each_open_in_turn([&](std::size_t n) {
        write_toys(task.offset(n), static_cast<std::uint32_t>(plan.point(task, n)), scenario(n),
                   calculator);
      });
      break;
    }
    case Kind::measurement: {
      const MeasurementWriter write(filling);
      points.for_each_open(
          [&](std::size_t n) { write(task.offset(n), measure(scenario(n), calculator)); });
      break;
    }
    case Kind::cross_section:
      break;
  }
  points.finish(task, plan, job, problems);
}

}  // namespace nuloop::study
