// A loop over the OpenMP threads that lets exceptions through.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <exception>

namespace nuloop {

/// Calls body(i, tool) for i in [0, count) on all threads, each of which has a Tool of its own;
/// rethrows the exception of the lowest i that failed, so that the message does not depend on the
/// schedule.
template <class Tool, class Body>
void parallel_for_with(std::size_t count, const Body& body) {
  std::exception_ptr error;
  std::size_t failed = count;
#pragma omp parallel if (count > 1)
  {
    Tool tool;
#pragma omp for schedule(dynamic)
    for (std::size_t i = 0; i < count; ++i) {
      try {
        body(i, tool);
      } catch (...) {
#pragma omp critical(nuloop_parallel_for)
        if (i < failed) {
          failed = i;
          error = std::current_exception();
        }
      }
    }
  }
  if (error)
    std::rethrow_exception(error);
}

/// The same without tools: calls body(i).
template <class Body>
void parallel_for(std::size_t count, const Body& body) {
  struct Nothing {};
  parallel_for_with<Nothing>(count, [&](std::size_t i, Nothing&) { body(i); });
}

}  // namespace nuloop
