// Plans: tasks are blocks that cover a grid once, each in one group, the same whoever computes it.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/sweep/plan.hpp"

#include "catch.hpp"
#include "unit/sweep/plan_fault.hpp"
#include "unit/sweep/tiny_work.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace {

using nuloop::size_of;
using nuloop::sweep::Axes;
using nuloop::sweep::Axis;
using nuloop::sweep::Depth;
using nuloop::sweep::Grain;
using nuloop::sweep::Plan;
using nuloop::test::counting_axis;
using Extents = nuloop::Indices;
using Keys = std::vector<const char*>;

const Keys outer_keys = {"mass", "angle", "scale", "baseline"};
/// Their axes divide groups.
const Keys grouping_keys = {"low", "high", "resolution"};
const std::array<std::pair<const char*, Depth>, 3> inner_keys = {
    {{"flux_uncertainty", Depth::inner},
     {"background_uncertainty", Depth::inner},
     {"exposure", Depth::innermost}}};

bool is_grouping(const char* key) {
  return std::find(grouping_keys.begin(), grouping_keys.end(), key) != grouping_keys.end();
}

/// Outer axes of these extents.
Axes axes_of(const Extents& extents, const Keys& keys = outer_keys) {
  Axes axes;
  for (std::size_t i = 0; i < extents.size(); ++i)
    axes.push_back(counting_axis(keys.at(i), extents[i], Depth::outer, is_grouping(keys[i])));
  return axes;
}

Plan plan_of(const Axes& axes) {
  return {axes, Grain{}};
}

std::string fault(const Plan& plan, const Extents& extents, const Keys& keys = outer_keys) {
  std::vector<bool> divides_groups;
  for (std::size_t i = 0; i < extents.size(); ++i)
    divides_groups.push_back(is_grouping(keys[i]));
  return nuloop::test::plan_fault(plan, extents, divides_groups);
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
      const std::string problem = fault(plan_of(axes_of(extents)), extents);
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
    const std::string problem = fault(plan_of(axes_of(extents)), extents);
    if (!problem.empty())
      FAIL(problem << " with extents " << shape_text(extents));
  }
  CHECK(plan_of(axes_of({})).task_count() == 1);
  CHECK(plan_of(axes_of({})).task(0).points() == 1);
}

TEST_CASE("Tasks lie in one group wherever the axes stand that divide groups") {
  std::mt19937_64 random(9);
  for (int i = 0; i < 200; ++i) {
    Keys keys = outer_keys;
    keys.insert(keys.end(), grouping_keys.begin(), grouping_keys.end());
    std::shuffle(keys.begin(), keys.end(), random);
    keys.resize(1 + random() % keys.size());
    const Extents extents = random_shape(random, keys.size(), i % 10 == 0 ? 300'000 : 20'000);
    const std::string problem = fault(plan_of(axes_of(extents, keys)), extents, keys);
    if (!problem.empty())
      FAIL(problem << " with extents " << shape_text(extents));
  }
  // Every place of one such axis among others.
  for (std::size_t position = 0; position <= outer_keys.size(); ++position) {
    Keys keys = outer_keys;
    keys.insert(keys.begin() + static_cast<std::ptrdiff_t>(position), "low");
    Extents extents = {3, 40, 5, 30};
    extents.insert(extents.begin() + static_cast<std::ptrdiff_t>(position), 7);
    CAPTURE(position);
    CHECK(fault(plan_of(axes_of(extents, keys)), extents, keys).empty());
    CHECK(plan_of(axes_of(extents, keys)).group_count() == 7);
  }
}

TEST_CASE("An axis that does not divide groups leaves one group") {
  Axes axes = axes_of({7, 300}, {"low", "angle"});
  CHECK(plan_of(axes).group_count() == 7);
  axes[0].divides_groups = false;
  const Plan plan = plan_of(axes);
  CHECK(plan.group_count() == 1);
  CHECK(plan.outer_points() == 2100);
}

TEST_CASE("There are tasks for many ranks and not one per point of a large grid") {
  std::mt19937_64 random(8);
  for (int i = 0; i < 300; ++i) {
    const Extents extents = random_shape(random, 1 + static_cast<std::size_t>(i % 4), 1'000'000);
    const Plan plan = plan_of(axes_of(extents));
    CAPTURE(shape_text(extents));
    CHECK(plan.task_count() >= std::min<std::size_t>(plan.outer_points(), 64));
    if (plan.outer_points() > 500'000)
      CHECK(plan.task_count() < plan.outer_points() / 10);
  }
  // A group of its own for each value must not make a task of each.
  const Plan grouped = plan_of(axes_of({50, 2000}, {"low", "angle"}));
  CHECK(grouped.task_count() < 5000);
  CHECK(grouped.task_count() >= 64);
}

TEST_CASE("Inner axes are not divided, and where they stand does not matter") {
  for (const Extents& extents : {Extents{}, Extents{5, 2}, Extents{10'000}, Extents{30, 40, 50}}) {
    const auto with_inner = [&](std::size_t position) {
      Axes axes = axes_of(extents);
      for (const auto& [key, depth] : inner_keys)
        axes.insert(axes.begin() + static_cast<std::ptrdiff_t>(position),
                    counting_axis(key, 50, depth));
      return axes;
    };
    const Plan first = plan_of(with_inner(0));
    for (std::size_t position = 0; position <= extents.size(); ++position) {
      const Axes axes = with_inner(position);
      const Plan plan = plan_of(axes);
      CHECK(plan.outer_points() == size_of(extents));
      CHECK(plan.inner_points() == 50 * 50 * 50);
      CHECK(fault(plan, extents).empty());
      CHECK(same_tasks(plan, first));
      REQUIRE(plan.outer_axes().size() == extents.size());
      for (std::size_t i = 0; i < extents.size(); ++i) {
        CHECK(plan.outer_axes()[i] == (i < position ? i : i + inner_keys.size()));
        CHECK(axes[plan.outer_axes()[i]].column().key == outer_keys.at(i));
      }
    }
  }
}

TEST_CASE("The division follows from the extents of the outer axes and the grain alone") {
  Axes axes = axes_of({7, 900, 3});
  const Plan plan = plan_of(axes);
  for (Axis& changed : axes) {
    changed.columns[0].key += " of another";
    std::reverse(changed.columns[0].values.begin(), changed.columns[0].values.end());
  }
  CHECK(same_tasks(plan, plan_of(axes)));
  CHECK_FALSE(same_tasks(plan, {axes, Grain{1.0, 0.0}}));
}

TEST_CASE("A point that fills all threads is a task") {
  Grain grain;
  grain.fills_all_threads = true;
  CHECK(plan_of(axes_of({7, 900})).task_count() < 6300);
  CHECK(Plan(axes_of({7, 900}), grain).task_count() == 6300);
}

TEST_CASE("A point is described by its outer values with units") {
  using nuloop::io::Dimension;
  using nuloop::test::column_of;
  const nuloop::sweep::Study study = nuloop::test::tiny_study(
      {{{column_of("detector.mass", {1.0, 2.0}, Dimension::mass)}},
       {{column_of("detector.baseline", {1.0, 2.0, 3.0}, Dimension::length)}},
       counting_axis("exposure", 4, Depth::innermost),
       {{column_of("experiment", {"tao-30m", "tao-44m"}),
         column_of("detector.power", {4.6, 9.2}, Dimension::power)}}});
  const Plan& plan = study.plan;
  REQUIRE(plan.task_count() == 12);
  const auto first_of = [&](std::size_t task) {
    return study.describe(study.point(plan.task(task), 0));
  };
  // Row-major: the last axis changes fastest.
  CHECK(first_of(0) ==
        "detector.mass = 1 t, detector.baseline = 1 m, experiment = tao-30m, "
        "detector.power = 4.6 GW");
  CHECK(first_of(3) ==
        "detector.mass = 1 t, detector.baseline = 2 m, experiment = tao-44m, "
        "detector.power = 9.2 GW");
  CHECK(first_of(11) ==
        "detector.mass = 2 t, detector.baseline = 3 m, experiment = tao-44m, "
        "detector.power = 9.2 GW");
}
