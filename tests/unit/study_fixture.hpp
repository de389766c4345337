// Jobs of the repository's configs/, and what is made of them.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/analysis/analysis.hpp"
#include "nuloop/analysis/scenarios.hpp"
#include "nuloop/io/document.hpp"
#include "nuloop/sweep/compute.hpp"
#include "unit/world_fixture.hpp"

#include <string>
#include <vector>

namespace nuloop::test {

inline setup::Job read_job(const std::string& text) {
  return analysis::read_job(io::parse_toml({"job.toml", "job.toml", text}), world());
}

inline sweep::Study study_of(const setup::Job& job) {
  return analysis::make_study(job, world());
}

inline sweep::Plan plan_of(const setup::Job& job) {
  return study_of(job).plan;
}

/// The scenario at the n-th point of a task.
inline setup::Scenario scenario_of(const setup::Job& job, const sweep::Task& task, std::size_t n) {
  return analysis::scenario_at(job, world(), task.at(n));
}

/// Computes all tasks and calls visit(task, result) for each. @returns the reasons of points that
/// failed.
template <class Visit>
std::vector<std::string> for_each_result(const sweep::Study& study, const Visit& visit) {
  const auto worker = study.work->worker(nullptr);
  std::vector<std::string> problems;
  for (std::size_t i = 0; i < study.plan.task_count(); ++i) {
    const sweep::Task task = study.plan.task(i);
    sweep::TaskResult result = sweep::blank_result(study, task);
    sweep::compute(study, task, *worker, result, problems);
    visit(task, result);
  }
  return problems;
}

}  // namespace nuloop::test
