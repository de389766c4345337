// Waiting for messages without spinning.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/parallel/communicator.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

namespace nuloop::parallel {

/// Waits until `ready`, sleeping longer and longer, up to `longest`.
template <class Ready>
void wait_until(const Ready& ready,
                std::chrono::microseconds longest = std::chrono::microseconds(500)) {
  using std::chrono::microseconds;
  for (microseconds pause(10); !ready(); pause = std::min(2 * pause, longest))
    std::this_thread::sleep_for(pause);
}

/// Waits likewise for an operation and leaves it to be completed by MPI_Wait.
inline void wait_until_complete(const MPI_Request& request, std::chrono::microseconds longest =
                                                                std::chrono::microseconds(500)) {
  wait_until(
      [&] {
        int arrived = 0;
        check_mpi(MPI_Request_get_status(request, &arrived, MPI_STATUS_IGNORE),
                  "MPI_Request_get_status");
        return arrived != 0;
      },
      longest);
}

}  // namespace nuloop::parallel
