// Whether a result is complete and intact.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/study/world.hpp"

#include <cstddef>
#include <string>

namespace nuloop::study {

struct Verification {
  std::size_t tasks = 0;
  std::size_t tasks_done = 0;     ///< complete, checksum right
  std::size_t tasks_failed = 0;   ///< checksum right, some points failed
  std::size_t tasks_damaged = 0;  ///< written, but the checksum is not that of what is there
  std::size_t points = 0;
  std::size_t points_done = 0;  ///< in tasks whose checksum is right
  std::string first_damage;     ///< the first damaged task in words

  bool complete() const { return tasks_done == tasks; }
  bool intact() const { return tasks_damaged == 0; }
};

/// Reads all of a result, finished or not, and checks its structure against its own job.
/// @throws InputError if the file is no result or does not have the structure its job asks for.
Verification verify(const std::string& path, const World& world);

}  // namespace nuloop::study
