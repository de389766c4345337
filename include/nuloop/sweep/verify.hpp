// Whether a result is complete and intact.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/sweep/result_file.hpp"
#include "nuloop/sweep/study.hpp"

#include <cstddef>
#include <string>

namespace nuloop::sweep {

struct Verification {
  std::size_t tasks = 0;
  std::size_t tasks_done = 0;     ///< complete, with the right checksum
  std::size_t tasks_failed = 0;   ///< some points failed; the checksum is right
  std::size_t tasks_damaged = 0;  ///< written, but the checksum does not fit the values
  std::size_t points = 0;
  std::size_t points_done = 0;  ///< in tasks with the right checksum
  std::string first_damage;     ///< says which task is the first damaged one, and how

  bool complete() const { return tasks_done == tasks; }
  bool intact() const { return tasks_damaged == 0; }
};

/// Reads all of a result, finished or not. Checks its structure against that of its study.
/// @throws InputError if the file has another structure.
Verification verify(const ResultReader& file, const Study& study);

/// Refuses a result that is sealed and has other bytes than those it was sealed with.
/// @throws InputError
void check_seal(const std::string& path);

/// Refuses a result without a seal, unfinished or of an earlier format, if a task or a coordinate
/// is damaged, or if only the seal is missing. One of format 1 passes: it has no checksums.
/// @throws InputError
void check_tasks(const ResultReader& file, const Study& study);

}  // namespace nuloop::sweep
