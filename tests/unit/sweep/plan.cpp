// Plans: tasks are blocks that cover the grid of a job once, each with one set of integrals, the
// same whoever computes it.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/sweep/plan.hpp"

#include "catch.hpp"
#include "nuloop/io/document.hpp"
#include "nuloop/prediction/rates.hpp"
#include "nuloop/sweep/study.hpp"
#include "unit/world_fixture.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <numeric>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace {

using nuloop::setup::Axis;
using nuloop::setup::Job;
using nuloop::setup::Kind;
using nuloop::setup::Value;
using nuloop::sweep::Plan;
using nuloop::sweep::Task;
using nuloop::test::world;
using Extents = std::vector<std::size_t>;
using Keys = std::vector<const char*>;

const Keys outer_keys = {"detector.mass", "lo.sin2_theta_w", "background.scale",
                         "detector.baseline"};
/// The integrals of a rate depend on these.
const Keys grouping_keys = {"window.low", "window.high", "resolution.constant"};
const std::array<const char*, 3> inner_keys = {"flux_uncertainty", "background_uncertainty",
                                               "exposure"};

Axis axis(const char* key, std::size_t extent) {
  Axis axis{*nuloop::setup::find_parameter(key), {}, {}};
  for (std::size_t i = 0; i < extent; ++i)
    axis.values.emplace_back(static_cast<double>(i + 1));
  return axis;
}

/// A job with outer axes of these extents.
Job job_of(const Extents& extents, const Keys& keys = outer_keys, Kind kind = Kind::reach) {
  Job job;
  job.kind = kind;
  job.settings.resize(nuloop::setup::parameters().size());
  for (std::size_t i = 0; i < extents.size(); ++i)
    job.axes.push_back(axis(keys.at(i), extents[i]));
  return job;
}

bool is_grouping(const char* key) {
  return std::find(grouping_keys.begin(), grouping_keys.end(), key) != grouping_keys.end();
}

std::size_t product(const Extents& extents) {
  return std::accumulate(extents.begin(), extents.end(), std::size_t{1}, std::multiplies<>());
}

/// Why the tasks are not blocks that cover the grid once, or not one set of integrals each and one
/// group for each set; empty if they are.
std::string fault(const Plan& plan, const Extents& extents, const Keys& keys = outer_keys) {
  const std::size_t points = product(extents);
  if (plan.outer_points() != points)
    return "wrong number of outer points";
  if (plan.task_count() == 0 || plan.task_count() > points)
    return "no tasks, or more than points";
  std::size_t sets = 1;
  for (std::size_t i = 0; i < extents.size(); ++i)
    sets *= is_grouping(keys[i]) ? extents[i] : 1;
  if (plan.group_count() != sets || plan.task_count() != sets * plan.tasks_per_group())
    return "wrong number of groups";
  std::set<Extents> places;  // of the groups on the axes that change the integrals
  std::vector<unsigned char> visits(points, 0);
  for (std::size_t index = 0; index < plan.task_count(); ++index) {
    const Task task = plan.task(index);
    if (task.start.size() != extents.size() || task.count.size() != extents.size())
      return "a task has another rank than the grid";
    for (std::size_t i = 0; i < extents.size(); ++i)
      if (task.count[i] == 0 || task.start[i] + task.count[i] > extents[i])
        return "a task is empty or leaves the grid";
    if (task.points() != product(task.count))
      return "a task miscounts its points";
    Extents place;
    for (std::size_t i = 0; i < extents.size(); ++i)
      if (is_grouping(keys[i])) {
        place.push_back(task.start[i]);
        if (task.count[i] != 1)
          return "a task needs more than one set of integrals";
      }
    if (index % plan.tasks_per_group() == 0 ? !places.insert(place).second
                                            : places.count(place) == 0)
      return "tasks of a group do not follow each other";
    if (plan.group_of(index) != places.size() - 1)
      return "a task does not know its group";
    for (std::size_t n = 0; n < task.points(); ++n) {
      const auto offset = task.offset(n);
      std::size_t position = 0;
      for (std::size_t i = 0; i < extents.size(); ++i) {
        if (offset[i] >= task.count[i])
          return "a point leaves its task";
        position = position * extents[i] + task.start[i] + offset[i];
      }
      if (visits[position]++ != 0)
        return "a point is visited twice";
    }
  }
  return std::count(visits.begin(), visits.end(), 1) == static_cast<std::ptrdiff_t>(points)
             ? ""
             : "a point is not visited";
}

std::string shape_text(const Extents& extents) {
  std::string text;
  for (const std::size_t extent : extents)
    text += std::to_string(extent) + " ";
  return text;
}

/// Extents of `axes` axes with at most `most` points in all, small ones as likely as large.
Extents random_shape(std::mt19937_64& random, std::size_t axes, std::size_t most) {
  Extents extents;
  std::size_t left = most;
  for (std::size_t i = 0; i < axes; ++i) {
    std::uniform_real_distribution<double> exponent(0.0, std::log(static_cast<double>(left)));
    extents.push_back(
        std::clamp<std::size_t>(static_cast<std::size_t>(std::exp(exponent(random))), 1, left));
    left /= extents.back();
  }
  std::shuffle(extents.begin(), extents.end(), random);
  return extents;
}

bool same_tasks(const Plan& a, const Plan& b) {
  if (a.task_count() != b.task_count())
    return false;
  for (std::size_t i = 0; i < a.task_count(); ++i)
    if (a.task(i).start != b.task(i).start || a.task(i).count != b.task(i).count)
      return false;
  return true;
}

}  // namespace

TEST_CASE("Tasks are blocks that cover every outer point once for any shape") {
  std::mt19937_64 random(7);
  for (std::size_t axes = 0; axes <= 4; ++axes)
    for (int i = 0; i < (axes == 0 ? 1 : 60); ++i) {
      const Extents extents = random_shape(random, axes, i % 10 == 0 ? 1'000'000 : 50'000);
      const std::string problem = fault(Plan(job_of(extents)), extents);
      if (!problem.empty())
        FAIL(problem << " with extents " << shape_text(extents));
    }
}

TEST_CASE("Tasks cover the grid once where the division changes its manner") {
  for (const Extents& extents : {Extents{},
                                 Extents{1},
                                 Extents{1, 1, 1, 1},
                                 Extents{4095},
                                 Extents{4096},
                                 Extents{4097},
                                 Extents{8191},
                                 Extents{8192},
                                 Extents{8193},
                                 Extents{1'000'000},
                                 Extents{1, 8192},
                                 Extents{8192, 1},
                                 Extents{2, 4096},
                                 Extents{4096, 2},
                                 Extents{4096, 3},
                                 Extents{3, 4097},
                                 Extents{5, 1, 4096},
                                 Extents{100, 100, 100},
                                 Extents{244, 4096},
                                 Extents{4096, 244},
                                 Extents{1, 1000, 1, 1000},
                                 Extents{10, 10, 100, 100},
                                 Extents{2, 3, 5, 7}}) {
    const std::string problem = fault(Plan(job_of(extents)), extents);
    if (!problem.empty())
      FAIL(problem << " with extents " << shape_text(extents));
  }
  CHECK(Plan(job_of({})).task_count() == 1);
  CHECK(Plan(job_of({})).task(0).points() == 1);
}

TEST_CASE("Tasks need one set of integrals wherever the axes stand that change them") {
  std::mt19937_64 random(9);
  for (int i = 0; i < 200; ++i) {
    Keys keys = outer_keys;
    keys.insert(keys.end(), grouping_keys.begin(), grouping_keys.end());
    std::shuffle(keys.begin(), keys.end(), random);
    keys.resize(1 + random() % keys.size());
    const Extents extents = random_shape(random, keys.size(), i % 10 == 0 ? 300'000 : 20'000);
    const std::string problem = fault(Plan(job_of(extents, keys)), extents, keys);
    if (!problem.empty())
      FAIL(problem << " with extents " << shape_text(extents));
  }
  // Every place of one such axis among others.
  for (std::size_t position = 0; position <= outer_keys.size(); ++position) {
    Keys keys = outer_keys;
    keys.insert(keys.begin() + static_cast<std::ptrdiff_t>(position), "window.low");
    Extents extents = {3, 40, 5, 30};
    extents.insert(extents.begin() + static_cast<std::ptrdiff_t>(position), 7);
    CAPTURE(position);
    CHECK(fault(Plan(job_of(extents, keys)), extents, keys).empty());
    CHECK(Plan(job_of(extents, keys)).group_count() == 7);
  }
}

TEST_CASE("Cross sections have no integrals, and nothing divides them") {
  const Plan plan(job_of({7, 300}, {"window.low", "lo.sin2_theta_w"}, Kind::cross_section));
  CHECK(plan.group_count() == 1);
  CHECK(plan.outer_points() == 2100);
}

TEST_CASE("There are tasks for many ranks and not one per point of a large grid") {
  std::mt19937_64 random(8);
  for (int i = 0; i < 300; ++i) {
    const Extents extents = random_shape(random, 1 + static_cast<std::size_t>(i % 4), 1'000'000);
    const Plan plan(job_of(extents));
    CAPTURE(shape_text(extents));
    CHECK(plan.task_count() >= std::min<std::size_t>(plan.outer_points(), 64));
    if (plan.outer_points() > 500'000)
      CHECK(plan.task_count() < plan.outer_points() / 10);
  }
  // A group of its own for each value must not make a task of each.
  const Plan grouped(job_of({50, 2000}, {"window.low", "lo.sin2_theta_w"}));
  CHECK(grouped.task_count() < 5000);
  CHECK(grouped.task_count() >= 64);
}

TEST_CASE("Inner axes are not divided, and where they stand does not matter") {
  for (const Extents& extents : {Extents{}, Extents{5, 2}, Extents{10'000}, Extents{30, 40, 50}}) {
    const auto with_inner = [&](std::size_t position) {
      Job job = job_of(extents);
      for (const char* key : inner_keys)
        job.axes.insert(job.axes.begin() + static_cast<std::ptrdiff_t>(position), axis(key, 50));
      return job;
    };
    const Plan first(with_inner(0));
    for (std::size_t position = 0; position <= extents.size(); ++position) {
      const Job job = with_inner(position);
      const Plan plan(job);
      CHECK(plan.outer_points() == product(extents));
      CHECK(plan.inner_points() == 50 * 50 * 50);
      CHECK(fault(plan, extents).empty());
      CHECK(same_tasks(plan, first));
      REQUIRE(plan.outer_axes().size() == extents.size());
      for (std::size_t i = 0; i < extents.size(); ++i) {
        CHECK(plan.outer_axes()[i] == (i < position ? i : i + inner_keys.size()));
        CHECK(job.axes[plan.outer_axes()[i]].column().key == outer_keys.at(i));
      }
    }
  }
}

TEST_CASE("All scenarios of a task share their integrals, those of other groups do not") {
  const std::vector<std::string> axes = {
      "experiment = [\"tao-30m\", \"cloud-surface\", \"cloud-25mwe\"]",
      "flux = [\"mueller\", \"huber\"]",
      "model = [\"lo+cr\", \"nlo\"]",
      "\"window.bin_width\" = [\"0.5 MeV\", \"1 MeV\"]",
      "\"lo.sin2_theta_w\" = { from = 0.23, to = 0.24, points = 19 }",
      "observable = [\"electron\", \"electromagnetic\"]"};
  std::vector<std::size_t> order = {0, 1, 2, 3, 4, 5};
  std::mt19937 random(3);
  for (int i = 0; i < 8; ++i) {
    std::shuffle(order.begin(), order.end(), random);
    std::string text = "[job]\nname = \"j\"\ntitle = \"t\"\n[axes]\n";
    for (const std::size_t n : order)
      text += axes[n] + "\n";
    text += "[settings]\nflux_uncertainty = 0.01\nexposure = \"1 yr\"\n";
    CAPTURE(text);
    const Job job =
        nuloop::analysis::read_job(nuloop::io::parse_toml({"job.toml", "job.toml", text}), world());
    const nuloop::sweep::Study study = nuloop::analysis::make_study(job, world());
    const Plan& plan = study.plan;
    REQUIRE(plan.group_count() == 8);
    const auto before = [](const auto& a, const auto& b) {
      return nuloop::prediction::RateCalculator::before(a, b);
    };
    std::set<nuloop::setup::Scenario, decltype(before)> sets(before);
    std::size_t foreign = 0;
    for (std::size_t index = 0; index < plan.task_count(); ++index) {
      const Task task = plan.task(index);
      const auto first =
          study.scenario(plan.task(plan.group_of(index) * plan.tasks_per_group()), 0);
      sets.insert(first);
      for (std::size_t n = 0; n < task.points(); ++n) {
        const auto scenario = study.scenario(task, n);
        foreign += before(first, scenario) || before(scenario, first) ? 1 : 0;
      }
    }
    CHECK(foreign == 0);
    CHECK(sets.size() == plan.group_count());
  }
}

TEST_CASE("The division follows from the extents of the outer axes alone") {
  Job job = job_of({7, 900, 3});
  const Plan plan(job);
  job.name = "another";
  job.settings[*nuloop::setup::find_parameter("exposure")] = 3.0;
  for (Axis& changed : job.axes)
    std::reverse(changed.values.begin(), changed.values.end());
  CHECK(same_tasks(plan, Plan(job)));
}

TEST_CASE("The outer axes of figure 7 are experiment and model") {
  const auto file =
      nuloop::io::read_text_file(std::string(NULOOP_SOURCE) + "/jobs/fig7.toml", "fig7");
  const Job job = nuloop::analysis::read_job(nuloop::io::parse_toml(file), world());
  const Plan plan(job);
  CHECK(plan.outer_axes() == Extents{0, 1});
  CHECK(plan.outer_points() == 10);
  CHECK(plan.task_count() == 10);
  CHECK(fault(plan, {5, 2}).empty());
}

TEST_CASE("Every point has the scenario of its place in the grid") {
  const std::string text =
      "[job]\nname = \"j\"\ntitle = \"t\"\n[axes]\n"
      "\"detector.mass\" = { from = \"1 t\", to = \"90 t\", points = 90 }\n"
      "exposure = [\"1 yr\", \"2 yr\"]\n"
      "experiment = [\"tao-30m\", \"tao-44m\"]\n"
      "\"window.low\" = { from = \"1 MeV\", to = \"2 MeV\", points = 51 }\n"
      "[settings]\nmodel = \"nlo\"\nflux_uncertainty = 0.01\n\"window.high\" = \"8 MeV\"\n";
  const Job job =
      nuloop::analysis::read_job(nuloop::io::parse_toml({"job.toml", "job.toml", text}), world());
  const nuloop::sweep::Study study = nuloop::analysis::make_study(job, world());
  const Plan& plan = study.plan;
  REQUIRE(plan.outer_points() == 90 * 2 * 51);
  REQUIRE(plan.task_count() < plan.outer_points());  // tasks of several points

  const auto value = [&](const char* key, std::size_t i) {
    return std::get<double>(job.axis(key)->values().at(i));
  };
  std::set<std::tuple<double, double, double>> seen;
  std::size_t wrong = 0;
  for (std::size_t index = 0; index < plan.task_count(); ++index) {
    const Task task = plan.task(index);
    for (std::size_t n = 0; n < task.points(); ++n) {
      const auto scenario = study.scenario(task, n);
      const auto offset = task.offset(n);
      // The experiment brings a mass of its own, which the axis replaces.
      const bool right =
          scenario.detector.mass_t == value("detector.mass", task.start[0] + offset[0]) &&
          scenario.detector.baseline_m == (task.start[1] + offset[1] == 0 ? 30.0 : 44.0) &&
          scenario.window_low_MeV == value("window.low", task.start[2] + offset[2]) &&
          scenario.window_high_MeV == 8.0 && scenario.flux_uncertainty == 0.01;
      wrong += right ? 0 : 1;
      seen.emplace(scenario.detector.mass_t, scenario.detector.baseline_m, scenario.window_low_MeV);
    }
  }
  CHECK(wrong == 0);
  CHECK(seen.size() == plan.outer_points());
}

TEST_CASE("A point is described by its outer values with units") {
  Job job = job_of({2, 3}, {"detector.mass", "detector.baseline"});
  job.axes.push_back(axis("exposure", 4));
  Axis experiments{*nuloop::setup::find_parameter("experiment"), {}, {}};
  experiments.values = {Value{"tao-30m"}, Value{"tao-44m"}};
  job.axes.push_back(experiments);
  const nuloop::sweep::Study study = nuloop::analysis::make_study(job, world());
  const Plan& plan = study.plan;
  REQUIRE(plan.task_count() == 12);
  // Row-major: the last axis changes fastest.
  CHECK(study.describe(plan.task(0), 0) ==
        "detector.mass = 1 t, detector.baseline = 1 m, experiment = tao-30m");
  CHECK(study.describe(plan.task(3), 0) ==
        "detector.mass = 1 t, detector.baseline = 2 m, experiment = tao-44m");
  CHECK(study.describe(plan.task(11), 0) ==
        "detector.mass = 2 t, detector.baseline = 3 m, experiment = tao-44m");
}
