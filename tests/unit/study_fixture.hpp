// Jobs of the repository's configs/, and what is made of them.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/analysis/analysis.hpp"
#include "nuloop/analysis/scenarios.hpp"
#include "nuloop/io/document.hpp"
#include "nuloop/sweep/compute.hpp"
#include "unit/world_fixture.hpp"

#include <map>
#include <string>
#include <vector>

namespace nuloop::test {

inline setup::Job read_job(const std::string& text) {
  return analysis::read_job(io::parse_toml({"job.toml", "job.toml", text}), world());
}

using Changes = std::map<std::string, setup::Value>;

/// The analysis of Fig. 7 with flux 0.5 % and background 10 %, with `values` and then `changes`.
inline setup::Scenario fig7_point(Changes values, const Changes& changes = {}) {
  static const setup::Settings base =
      analysis::read_job(io::parse_toml(io::read_text_file(
                             std::string(NULOOP_SOURCE) + "/jobs/fig7.toml", "fig7.toml")),
                         world())
          .settings;
  for (const auto& [key, value] : changes)
    values.insert_or_assign(key, value);
  values.try_emplace("flux_uncertainty", 0.005);
  values.try_emplace("background_uncertainty", 0.10);
  setup::Settings settings = base;
  for (const auto& [key, value] : values)
    settings.at(setup::find_parameter(key).value()) = value;
  return setup::make_scenario(settings, world());
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
