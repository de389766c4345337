// A job with all that follows from it.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/study/layout.hpp"
#include "nuloop/study/plan.hpp"
#include "nuloop/study/work.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace nuloop::study {

/// A job, its division into tasks and the layout of its result: built once, for all that is done
/// with the job. The world must outlive it.
struct Study {
  Study(Job asked, const World& of)
      : world(of),
        job(std::move(asked)),
        work(traits_of(job.kind).work(job, world)),
        plan(job),
        layout(*work) {}

  const World& world;
  Job job;
  std::shared_ptr<const Work> work;
  Plan plan;
  Layout layout;

  /// The shape of a task in a field.
  BlockShape block(const Task& task, const Field& field) const {
    return {job, plan, task, field.along, layout.further_lengths(field)};
  }

  /// The scenario at the n-th point of a task. Inner axes stand at their largest values, so that
  /// the scenario has all pulls that any of their points has.
  Scenario scenario(const Task& task, std::size_t n) const;

  /// The same point in words: "experiment = tao-30m, model = nlo".
  std::string describe(const Task& task, std::size_t n) const;
};

}  // namespace nuloop::study
