// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/sweep/stop.hpp"

#include "nuloop/foundation/clock.hpp"
#include "nuloop/foundation/errors.hpp"
#include "output.hpp"
#include "stop_request.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include <fmt/format.h>

namespace nuloop::sweep {
namespace {

enum class Entry { none, request, other };

// A request is an empty file. Whatever else has its name is someone's.
Entry look(const std::string& request) {
  struct stat status {};
  if (::lstat(request.c_str(), &status) != 0)
    return Entry::none;
  return S_ISREG(status.st_mode) && status.st_size == 0 ? Entry::request : Entry::other;
}

// Creates a request, unless there is one. @returns 0 or the reason why there is none, as in errno.
int place(const std::string& request) {
  const int file = ::open(request.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file >= 0) {
    ::close(file);
    return 0;
  }
  const int reason = errno;
  return reason == EEXIST && look(request) != Entry::other ? 0 : reason;
}

std::string obstacle_text(const std::string& request) {
  return request + ": is not an empty file, and so no request of nuloop to stop";
}

}  // namespace

std::string stop_request_path(const std::string& path) {
  return path + ".stop";
}

bool remove_stop_request(const std::string& path) {
  const std::string request = stop_request_path(path);
  return look(request) == Entry::request && ::unlink(request.c_str()) == 0;
}

std::string StopRequest::obstacle() const {
  const std::string request = stop_request_path(path_);
  return look(request) == Entry::other ? obstacle_text(request) : "";
}

bool StopRequest::operator()() {
  constexpr double interval_s = 0.25;
  const double now = seconds_now();
  if (!found_ && now - looked_s_ >= interval_s) {
    looked_s_ = now;
    found_ = remove_stop_request(path_);
  }
  return found_;
}

Writing is_being_written(const std::string& path) {
  return is_locked(path + ".part");
}

void request_stop(const std::string& path) {
  if (is_being_written(path) == Writing::no)
    throw InputError(fmt::format("{}: no run is writing it: there is nothing to stop", path));
  const std::string request = stop_request_path(path);
  const int reason = place(request);
  if (reason == EEXIST)
    throw InputError(obstacle_text(request) + "; move it away");
  if (reason != 0)
    throw MachineError(fmt::format("{}: cannot be created ({}); send SIGUSR1 to mpirun instead",
                                   request, std::strerror(reason)));
}

void wait_for_stop(const std::string& path) {
  using std::chrono::milliseconds;
  constexpr milliseconds pause(50);
  constexpr int pauses_between_requests = 20;
  for (int i = 1; is_being_written(path) == Writing::yes; ++i) {
    std::this_thread::sleep_for(pause);
    // A run that was just beginning may have taken the request for an earlier run's.
    if (i % pauses_between_requests == 0)
      place(stop_request_path(path));
  }
  if (is_being_written(path) == Writing::no)
    remove_stop_request(path);
}

}  // namespace nuloop::sweep
