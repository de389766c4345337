// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/analysis/earlier_toys.hpp"

#include "analyses.hpp"
#include "nuloop/analysis/analysis.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/sweep/same_run.hpp"
#include "nuloop/sweep/verify.hpp"

#include <fmt/format.h>

namespace nuloop::analysis {

EarlierToys::EarlierToys(const std::string& path, const Asked& asked)
    : file_(path, kinds()), study_(study_of(file_, asked.world)), tasks_(file_, study_) {
  if (&file_.kind() != &toys_analysis.kind)
    throw InputError(path + ": holds no pseudo-experiments and cannot be extended with any");
  // All but their number and the job's name.
  const auto matters = [](std::string_view section, std::string_view key) {
    const auto parameter = setup::find_parameter(key);
    return section != "job" &&
           !(parameter && setup::parameters()[*parameter].has(Parameter::Tag::amount));
  };
  const std::string difference =
      sweep::first_difference(file_, asked.job.resolved, asked.provenance, matters);
  if (!difference.empty())
    throw InputError(fmt::format("{}: cannot be extended: {}", path, difference));
  if (file_.unfinished() > 0)
    throw InputError(path + ": is not complete and cannot be extended; --resume completes it");
  const auto counts = [](const Job& job) { return setup::values_of(job, "toys.count"); };
  const auto old = counts(setup::job_of(file_, asked.world, kinds())), wanted = counts(asked.job);
  if (old.size() != 1 || wanted.size() != 1)
    throw InputError(path + ": cannot be extended: toys.count is an axis");
  if (old.front() > wanted.front())
    throw InputError(
        fmt::format("{}: cannot be extended: it has {} pseudo-experiments, more than {}", path,
                    old.front(), wanted.front()));
}

void EarlierToys::check() const {
  sweep::check_tasks(file_, study_);
}

std::optional<sweep::TaskResult> EarlierToys::begin(std::size_t task) const {
  if (tasks_.state(task) != sweep::TaskState::done)
    throw InputError(fmt::format("{}: task {} is damaged", file_.path(), task));
  sweep::TaskResult result = tasks_(task);
  result.status.assign(result.status.size(), sweep::Status::pending);
  return result;
}

}  // namespace nuloop::analysis
