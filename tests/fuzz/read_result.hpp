// Reads a file as a result and checks what comes out of it.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "fuzz/harness.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/study/result_file.hpp"

#include <string>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

#include <nlohmann/json.hpp>

namespace nuloop::fuzz {

/// A file in memory, where there is such a folder; gone with the object.
class TemporaryFile {
 public:
  TemporaryFile() : path_(std::filesystem::exists("/dev/shm") ? "/dev/shm" : "/tmp") {
    path_ += "/nuloop-fuzz-XXXXXX";
    const int descriptor = ::mkstemp(path_.data());
    promise(descriptor >= 0 && ::close(descriptor) == 0, "a temporary file can be made");
  }
  ~TemporaryFile() { ::unlink(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// Whether the file is a result. All that it holds then fits together, as `nuloop report` needs.
inline bool read_result(const std::string& path) {
  const bool claims = study::is_result_file(path);
  study::DiscoveryTimes times;
  try {
    times = study::read_discovery_times(path);
  } catch (const InputError&) {
    return false;
  }
  promise(claims, "what is read as a result says that it is one");
  std::size_t points = 1;
  for (const auto& axis : times.axes) {
    points *= axis.values.size();
    const auto parameter = study::find_parameter(axis.key);
    promise(parameter.has_value(), "every axis is that of a parameter");
    const bool numbers = study::parameters()[*parameter].quantity() != nullptr;
    for (const study::Value& value : axis.values) {
      promise(std::holds_alternative<double>(value) == numbers, "an axis is of its kind");
      if (const auto* name = std::get_if<std::string>(&value))
        static_cast<void>(nlohmann::json(*name).dump());  // throws if it is not UTF-8
    }
  }
  promise(times.years.size() == points, "there is a time for each point");
  promise(times.unfinished <= points, "no more points are unfinished than there are");
  static_cast<void>(nlohmann::json(times.title).dump());
  return true;
}

}  // namespace nuloop::fuzz
