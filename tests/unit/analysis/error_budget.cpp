// The quoted numerical errors of a result against what changes when its integrals are tightened.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "catch.hpp"
#include "nuloop/setup/job.hpp"
#include "unit/study_fixture.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

namespace {

using namespace nuloop;
using setup::Job;
using sweep::BlockShape;
using sweep::Field;
using sweep::Task;

constexpr std::size_t tolerances = 6;

// The job of Fig. 7 with two experiments, three exposures, bins of 1.5 MeV and the tolerance of the
// integrals as its last axis.
Job coarse_fig7(const std::vector<std::string>& changes) {
  io::Node root = io::parse_toml(
      io::read_text_file(std::string(NULOOP_SOURCE) + "/jobs/fig7.toml", "fig7.toml"));
  for (const char* assignment :
       {"axes.experiment=[\"cloud-surface\", \"tao-30m\"]", "axes.exposure.points=3",
        "axes.\"quadrature.relative_tolerance\"=[1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10]",
        "settings.\"window.bin_width\"=1.5 MeV"})
    io::set_value(root, assignment);
  for (const std::string& assignment : changes)
    io::set_value(root, assignment);
  return analysis::read_job(root, test::world());
}

// All values of all datasets, over the axes of the job and what comes after them.
struct Result {
  explicit Result(const Job& asked) : study(test::study_of(asked)) {
    for (const Field& dataset : study.layout.fields())
      values.emplace_back(length(dataset), 0.0);
    std::vector<std::string> problems;
    const auto worker = study.work->worker(nullptr);
    for (std::size_t i = 0; i < study.plan.task_count(); ++i) {
      const Task task = study.plan.task(i);
      auto result = sweep::blank_result(study, task);
      sweep::compute(study, task, *worker, result, problems);
      for (std::size_t d = 0; d < values.size(); ++d)
        place(task, study.layout.fields()[d], result.values[d], values[d]);
    }
    REQUIRE(problems.empty());
  }

  std::size_t axis_length(const Field& dataset, std::size_t first_axis) const {
    std::size_t product = 1;
    for (std::size_t i = first_axis; i < study.axes.size(); ++i)
      if (study.axes[i].depth <= dataset.along)
        product *= study.axes[i].size();
    return product;
  }

  std::size_t further_length(const Field& dataset) const {
    std::size_t product = 1;
    for (const std::size_t extent : study.layout.further_lengths(dataset))
      product *= extent;
    return product;
  }

  std::size_t length(const Field& dataset) const {
    return axis_length(dataset, 0) * further_length(dataset);
  }

  void place(const Task& task, const Field& dataset, const std::vector<double>& block,
             std::vector<double>& whole) const {
    const BlockShape shape = study.block(task, dataset);
    std::vector<std::size_t> extents;
    for (const setup::Axis& axis : study.axes)
      if (axis.depth <= dataset.along)
        extents.push_back(axis.size());
    for (const std::size_t extent : study.layout.further_lengths(dataset))
      extents.push_back(extent);
    REQUIRE(block.size() == shape.size());
    for (std::size_t n = 0; n < block.size(); ++n) {
      std::size_t rest = n, position = 0, stride = 1;
      for (std::size_t i = extents.size(); i-- > 0;) {
        position += stride * (shape.start()[i] + rest % shape.count()[i]);
        rest /= shape.count()[i];
        stride *= extents[i];
      }
      whole[position] = block[n];
    }
  }

  sweep::Study study;
  std::vector<std::vector<double>> values;
};

// Compares every pair of tolerances, for every dataset that has an error.
void check_errors(const std::vector<std::string>& changes) {
  const Result result(coarse_fig7(changes));
  REQUIRE(result.study.axes.back().column().key == "quadrature.relative_tolerance");
  for (const char* path :
       {"/chi2", "/discovery_time", "/rates/signal_lo", "/rates/signal", "/rates/background"}) {
    CAPTURE(changes, path);
    const std::size_t index = result.study.layout.index(path);
    const std::vector<double>& value = result.values[index];
    const std::vector<double>& error =
        result.values[result.study.layout.index(std::string(path) + "_error")];
    const std::size_t inner = result.further_length(result.study.layout.fields()[index]);
    std::size_t outside = 0, compared = 0;
    double largest_change = 0.0, first_error = 0.0, last_error = 0.0;
    const auto at = [&](std::size_t outer, std::size_t tolerance, std::size_t i) {
      return (outer * tolerances + tolerance) * inner + i;
    };
    for (std::size_t outer = 0; outer < value.size() / (inner * tolerances); ++outer)
      for (std::size_t i = 0; i < inner; ++i) {
        const std::size_t last = at(outer, tolerances - 1, i);
        if (!std::isfinite(value[last]) || value[last] == 0.0) {
          // A discovery that is never made, or a bin above the flux.
          for (std::size_t a = 0; a < tolerances; ++a)
            outside += value[at(outer, a, i)] == value[last] ? 0 : 1;
          continue;
        }
        first_error = std::max(first_error, error[at(outer, 0, i)] / value[last]);
        last_error = std::max(last_error, error[last] / value[last]);
        for (std::size_t a = 0; a < tolerances; ++a)
          for (std::size_t b = a + 1; b < tolerances; ++b) {
            const std::size_t x = at(outer, a, i), y = at(outer, b, i);
            const double change = std::abs(value[x] - value[y]);
            ++compared;
            outside += change <= error[x] + error[y] ? 0 : 1;
            largest_change = std::max(largest_change, change / value[last]);
          }
      }
    CHECK(outside == 0);
    CHECK(compared > 0);
    // The signal of such a bin is smooth, and exact with the first panels. What is not is wrong by
    // more than rounding, and the errors say so and shrink.
    if (std::string(path).starts_with("/rates/signal"))
      continue;
    CHECK(largest_change > 1e-9);
    CHECK(largest_change < first_error);
    CHECK(last_error < 1e-3 * first_error);
  }
}

}  // namespace

TEST_CASE("tightening the integrals changes nothing by more than its quoted error") {
  check_errors({});
  check_errors({"settings.observable=electron"});
  check_errors({"settings.\"window.low\"=0.1 MeV", "settings.\"window.bin_width\"=3.3 MeV"});
}

TEST_CASE("the quoted errors hold with a tabulated flux, whose spectrum has knots") {
  check_errors({"settings.flux=summation"});
}

TEST_CASE("the quoted errors hold with energy resolution") {
  check_errors({"settings.\"resolution.stochastic\"=0.03"});
  check_errors({"settings.\"resolution.stochastic\"=0.05", "settings.flux=summation",
                "settings.\"resolution.constant\"=0.01"});
}

TEST_CASE("the quoted errors hold with a pull on the theory") {
  check_errors({"settings.\"theory.hadronic_3_gamma_uncertainty\"=0.05"});
}

TEST_CASE("the quoted errors hold with systematic uncertainties and data without reactor") {
  check_errors({"settings.\"flux_shape.isotope_scale\"=0.1", "settings.\"isotope_yields.scale\"=1",
                "settings.\"reactor_off.share\"=0.3"});
  check_errors({"settings.\"flux_shape.uncorrelated_scale\"=0.1",
                "settings.energy_scale_uncertainty=0.001",
                "settings.\"resolution.stochastic\"=0.03", "settings.resolution_uncertainty=0.05"});
}
