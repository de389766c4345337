// A loop over the OpenMP threads that lets exceptions through.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <exception>

namespace nuloop {

/// Calls body(i) for i in [0, count) on all threads; rethrows the exception of the lowest i that
/// failed, so that the message does not depend on the schedule.
template <class Body>
void parallel_for(std::size_t count, const Body& body) {
  std::exception_ptr error;
  std::size_t failed = count;
#pragma omp parallel for schedule(dynamic) if (count > 1)
  for (std::size_t i = 0; i < count; ++i) {
    try {
      body(i);
    } catch (...) {
#pragma omp critical(nuloop_parallel_for)
      if (i < failed) {
        failed = i;
        error = std::current_exception();
      }
    }
  }
  if (error)
    std::rethrow_exception(error);
}

}  // namespace nuloop
