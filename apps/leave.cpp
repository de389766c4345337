// SPDX-License-Identifier: GPL-3.0-or-later
#include "leave.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define NULOOP_LEAVES_AT_ONCE 1
#else
#define NULOOP_LEAVES_AT_ONCE 0
#endif

namespace nuloop::apps {
namespace {

// For the signal handler, which can be told in no other way.
std::atomic<int> held_status{0};
static_assert(std::atomic<int>::is_always_lock_free);

}  // namespace

// In MPI_Finalize, Open MPI 4.1 with PMIx 4.2 unloads its component pmix/ext3x before it ends the
// thread that still has a call into it if it got no CPU since MPI_Init, as on a busy machine.
void hold_status(int status) {
  if (NULOOP_LEAVES_AT_ONCE == 0)
    return;
  held_status = status;
  struct sigaction action {};
  action.sa_handler = [](int) { ::_exit(held_status); };
  for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT})
    ::sigaction(signal, &action, nullptr);
}

// On Linux the writing end of a pipe knows how much is unread.
void wait_for_reader() {
  struct stat kind {};
  if (::fstat(STDERR_FILENO, &kind) != 0 || !S_ISFIFO(kind.st_mode))
    return;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  int unread = 0;
  while (::ioctl(STDERR_FILENO, FIONREAD, &unread) == 0 && unread > 0 &&
         std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

void leave(int status) {
  std::cout.flush();
  std::cerr.flush();
  std::fflush(nullptr);
  if (NULOOP_LEAVES_AT_ONCE == 0)
    std::exit(status);
  std::_Exit(status);
}

}  // namespace nuloop::apps
