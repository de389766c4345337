// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/compute.hpp"

#include "nuloop/foundation/errors.hpp"
#include "nuloop/foundation/parallel_for.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace nuloop::study {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// One dataset's block of a task.
struct Block {
  Block(const Job& job, const Plan& plan, const Layout& layout, const Task& task,
        const std::string& path, TaskResult& result)
      : shape(job, plan, task, layout.datasets()[layout.index(path)].along,
              layout.further_lengths(layout.datasets()[layout.index(path)])),
        values(result.values[layout.index(path)]) {}

  // The values of an outer point, the first of them.
  double* at(const std::vector<std::size_t>& offset) const {
    return values.data() + shape.outer_offset(offset);
  }

  BlockShape shape;
  std::vector<double>& values;
};

// Writes the spectra of a point, as far as the layout has them.
class RatesWriter {
 public:
  RatesWriter(const Job& job, const Plan& plan, const Layout& layout, const Task& task,
              TaskResult& result)
      : bins_(layout.bins()) {
    if (bins_ == 0)
      return;
    const auto block = [&](const std::string& name) -> ValueAndError {
      return {Block(job, plan, layout, task, "/rates/" + name, result),
              Block(job, plan, layout, task, "/rates/" + name + "_error", result)};
    };
    for (const char* name : stored_rates(job))
      blocks_.push_back(block(name));
    if (job.kind == Kind::rates)
      for (const char* name : {"signal_by_isotope", "background_by_isotope"})
        by_isotope_.push_back(block(name));
  }

  void operator()(const std::vector<std::size_t>& offset, const Rates& rates) const {
    for (std::size_t i = 0; i < blocks_.size(); ++i)
      write(blocks_[i], offset, 0, rates.*spectra_of_rates[i]);
  }

  void operator()(const std::vector<std::size_t>& offset, const RatesByIsotope& rates) const {
    for (std::size_t i = 0; i < rates.tested.size(); ++i)
      write(by_isotope_[0], offset, i, rates.tested[i]);
    for (std::size_t i = 0; i < rates.background.size(); ++i)
      write(by_isotope_[1], offset, i, rates.background[i]);
  }

 private:
  struct ValueAndError {
    Block value;
    Block error;
  };

  void write(const ValueAndError& block, const std::vector<std::size_t>& offset, std::size_t row,
             const experiment::Spectrum& spectrum) const {
    std::copy(spectrum.value.begin(), spectrum.value.end(), block.value.at(offset) + row * bins_);
    std::copy(spectrum.error.begin(), spectrum.error.end(), block.error.at(offset) + row * bins_);
  }

  std::size_t bins_;
  std::vector<ValueAndError> blocks_;
  std::vector<ValueAndError> by_isotope_;
};

// Writes chi2 and discovery times of a point for all values of the inner axes.
class ReachWriter {
 public:
  ReachWriter(const Job& job, const Plan& plan, const Layout& layout, const Task& task,
              TaskResult& result)
      : chi2_(job, plan, layout, task, "/chi2", result),
        chi2_error_(job, plan, layout, task, "/chi2_error", result),
        significance_(job, plan, layout, task, "/significance", result),
        time_(job, plan, layout, task, "/discovery_time", result),
        time_error_(job, plan, layout, task, "/discovery_time_error", result),
        exposures_(values_of(job, "exposure")),
        exposure_stride_(chi2_.shape.stride("exposure")) {
    for (const Axis& axis : job.axes)
      if (axis.definition().role == Parameter::Role::uncertainty)
        add_uncertainty(axis);
  }

  void operator()(const std::vector<std::size_t>& offset, Scenario scenario,
                  const Rates& rates) const {
    const bool with_theory =
        std::any_of(points_.begin(), points_.end(), [&](const InnerPoint& point) {
          point.apply(scenario);
          return theory_pull(scenario) == TheoryPull::on;
        });
    const statistics::AsimovComparison comparison =
        compare(rates, with_theory ? TheoryPull::on : TheoryPull::off);
    for (const InnerPoint& point : points_) {
      point.apply(scenario);
      const statistics::ChiSquareCurve curve = chi_square_curve(comparison, scenario);
      const double time_yr = discovery_time_yr(curve, scenario);
      time_.at(offset)[point.time_offset] = time_yr;
      time_error_.at(offset)[point.time_offset] = curve.reach_error(time_yr);
      for (std::size_t i = 0; i < exposures_.size(); ++i) {
        const std::size_t position = point.chi2_offset + i * exposure_stride_;
        const double chi2 = curve(exposures_[i]);
        chi2_.at(offset)[position] = chi2;
        chi2_error_.at(offset)[position] = curve.error(exposures_[i]);
        significance_.at(offset)[position] = std::sqrt(chi2);
      }
    }
  }

 private:
  // A combination of uncertainties.
  struct InnerPoint {
    std::vector<std::pair<std::size_t, double>> uncertainties;  // parameter, value
    std::size_t chi2_offset = 0;
    std::size_t time_offset = 0;

    void apply(Scenario& scenario) const {
      for (const auto& [parameter, value] : uncertainties)
        parameters()[parameter].quantity()->member(scenario) = value;
    }
  };

  void add_uncertainty(const Axis& axis) {
    const std::string& key = axis.definition().key;
    std::vector<InnerPoint> points;
    for (const InnerPoint& before : points_)
      for (std::size_t i = 0; i < axis.values.size(); ++i) {
        InnerPoint point = before;
        axis.visit(i, [&](std::size_t parameter, const Value& value) {
          point.uncertainties.emplace_back(parameter, std::get<double>(value));
        });
        point.chi2_offset += i * chi2_.shape.stride(key);
        point.time_offset += i * time_.shape.stride(key);
        points.push_back(std::move(point));
      }
    points_ = std::move(points);
  }

  Block chi2_;
  Block chi2_error_;
  Block significance_;
  Block time_;
  Block time_error_;
  std::vector<double> exposures_;
  std::size_t exposure_stride_;
  std::vector<InnerPoint> points_ = {{}};
};

class CrossSectionWriter {
 public:
  CrossSectionWriter(const Job& job, const Plan& plan, const Layout& layout, const Task& task,
                     TaskResult& result)
      : total_(job, plan, layout, task, "/cross_section", result),
        born_(job, plan, layout, task, "/born", result),
        loops_(job, plan, layout, task, "/loops", result),
        photonic_(job, plan, layout, task, "/photonic", result) {}

  void operator()(const std::vector<std::size_t>& offset, const Scenario& s) const {
    const physics::CrossSection value =
        physics::cross_section(physics::expand(s.model, s.neutrino, s.sin2_theta_w, s.one_loop),
                               s.observable, s.energy_MeV, s.recoil_MeV, s.one_loop.scale_MeV);
    if (!std::isfinite(value.total()))
      throw NumericalError("the cross section is not finite");
    *total_.at(offset) = value.total();
    *born_.at(offset) = value.born;
    *loops_.at(offset) = value.loops;
    *photonic_.at(offset) = value.photonic;
  }

 private:
  Block total_;
  Block born_;
  Block loops_;
  Block photonic_;
};

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

void compute(const Task& task, const Plan& plan, const Job& job, const Layout& layout,
             const World& world, RateCalculator& calculator, const EarlierResult* earlier,
             TaskResult& result, std::vector<std::string>& problems) {
  Points points(result);
  const auto scenario = [&](std::size_t n) { return scenario_at(job, plan, task, n, world); };
  if (job.kind == Kind::cross_section) {
    const CrossSectionWriter write(job, plan, layout, task, result);
    points.for_each_open([&](std::size_t n) { write(task.offset(n), scenario(n)); });
    points.finish(task, plan, job, problems);
    return;
  }
  std::optional<std::vector<Rates>> known;
  if (earlier != nullptr && earlier->covers(task)) {
    std::vector<std::size_t> bins;
    for (std::size_t n = 0; n < task.points(); ++n)
      bins.push_back(binning(scenario(n)).size());
    known = earlier->rates(task, bins);
  }
  if (!known) {  // the points of a task share their integrals
    calculator.make_room();
    points.for_each_open_in_turn([&](std::size_t n) { calculator.prepare(scenario(n)); });
  }
  const RatesWriter write_rates(job, plan, layout, task, result);
  if (job.kind == Kind::reach) {
    const ReachWriter write_reach(job, plan, layout, task, result);
    points.for_each_open([&](std::size_t n) {
      const Scenario s = scenario(n);
      const Rates rates = known ? (*known)[n] : calculator.rates(s);
      write_rates(task.offset(n), rates);
      write_reach(task.offset(n), s, rates);
    });
  } else {
    points.for_each_open([&](std::size_t n) {
      const Scenario s = scenario(n);
      write_rates(task.offset(n), calculator.rates(s));
      write_rates(task.offset(n), calculator.rates_by_isotope(s));
    });
  }
  points.finish(task, plan, job, problems);
}

}  // namespace nuloop::study
