// The place of a result on disk: checked before, filled under another name, renamed at the end.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/study/job.hpp"
#include "nuloop/study/plan.hpp"

#include <string>

namespace nuloop::study {

/// That a result of this job can be created at `part` and renamed to `path`; leaves what is there.
/// @throws InputError if not, or if an unrelated file is in the way or the disk is too small.
void check_output(const std::string& path, const std::string& part, const Job& job,
                  const Plan& plan);

/// Makes the finished file `part` appear as `path`, in place of an earlier result, durably.
/// @throws InputError
void publish(const std::string& part, const std::string& path);

}  // namespace nuloop::study
