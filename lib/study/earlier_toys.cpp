// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/earlier_toys.hpp"

#include "nuloop/foundation/errors.hpp"
#include "same_run.hpp"

#include <fmt/format.h>

namespace nuloop::study {

EarlierToys::EarlierToys(const std::string& path, const Inputs& inputs)
    : file_(path), study_(job_of(file_, inputs.world), inputs.world), tasks_(file_, study_) {
  if (traits_of(study_.job.kind).extension != Extension::toys)
    throw InputError(path + ": holds no pseudo-experiments and cannot be extended with any");
  const std::string difference =
      first_difference(file_, inputs.job, inputs.provenance, Compare::toys);
  if (!difference.empty())
    throw InputError(fmt::format("{}: cannot be extended: {}", path, difference));
  if (file_.unfinished() > 0)
    throw InputError(path + ": is not complete and cannot be extended; --resume completes it");
  const auto old = values_of(study_.job, "toys.count"),
             wanted = values_of(inputs.job, "toys.count");
  if (old.size() != 1 || wanted.size() != 1)
    throw InputError(path + ": cannot be extended: toys.count is an axis");
  if (old.front() > wanted.front())
    throw InputError(
        fmt::format("{}: cannot be extended: it has {} pseudo-experiments, more than {}", path,
                    old.front(), wanted.front()));
}

void EarlierToys::check_tasks() const {
  for (std::size_t task = 0; task < study_.plan.task_count(); ++task)
    if (tasks_.state(task) != TaskState::done)
      throw InputError(
          fmt::format("{}: cannot be extended: task {} is damaged; `nuloop verify` "
                      "says more",
                      file_.path(), task));
}

TaskResult EarlierToys::operator()(std::size_t task) const {
  if (tasks_.state(task) != TaskState::done)
    throw InputError(fmt::format("{}: task {} is damaged", file_.path(), task));
  TaskResult result = tasks_(task);
  result.status.assign(result.status.size(), Status::pending);
  return result;
}

}  // namespace nuloop::study
