// The request to stop beside the output, as the run sees it; see nuloop/sweep/stop.hpp.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace nuloop::sweep {

/// The file that asks the run writing `path` to stop.
std::string stop_request_path(const std::string& path);

/// Removes it if it is a request. @returns whether it was one.
bool remove_stop_request(const std::string& path);

/// On one process of the run.
class StopRequest {
 public:
  explicit StopRequest(const std::string& path) : path_(path) {}
  StopRequest(const StopRequest&) = delete;
  StopRequest& operator=(const StopRequest&) = delete;
  /// One that came too late is not left for the next run.
  ~StopRequest() { remove_stop_request(path_); }

  /// What is at the place of the request and is none; empty if nothing is.
  std::string obstacle() const;

  /// Whether a request has been found, which is removed. Cheap: looks four times a second.
  bool operator()();

 private:
  std::string path_;
  double looked_s_ = 0.0;
  bool found_ = false;
};

}  // namespace nuloop::sweep
