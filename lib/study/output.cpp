// SPDX-License-Identifier: GPL-3.0-or-later
#include "output.hpp"

#include "nuloop/foundation/errors.hpp"
#include "nuloop/study/result_file.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

namespace nuloop::study {
namespace {

namespace fs = std::filesystem;

std::string part_of(const std::string& path) {
  return path + ".part";
}

void check_space(const std::string& part, double needed) {
  std::error_code error;
  const fs::space_info space = fs::space(fs::absolute(part).parent_path(), error);
  if (!error && needed > static_cast<double>(space.available))
    throw InputError(
        fmt::format("{}: {:.3g} GB are needed and {:.3g} GB free; choose fewer points "
                    "or another place with -o",
                    part, 1e-9 * needed, 1e-9 * static_cast<double>(space.available)));
}

void check_target(const std::string& path) {
  std::error_code error;
  if (fs::path(path).filename().empty() || fs::is_directory(path, error))
    throw InputError(fmt::format("\"{}\": is not the name of a file; give one with -o", path));
  if (fs::exists(path, error) && !is_result_file(path))
    throw InputError(path + ": exists and is not a result of nuloop; it is not overwritten");
}

// Flushes a file or folder to the disk.
void sync(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = file >= 0 && ::fsync(file) == 0;
  const int reason = errno;
  if (file >= 0)
    ::close(file);
  if (!synced)
    throw InputError(fmt::format("{}: cannot be flushed to the disk ({})", path.string(),
                                 std::strerror(reason)));
}

}  // namespace

OutputClaim::OutputClaim(const std::string& path, double bytes) : path_(path) {
  check_target(path);
  const std::string part = part_of(path);
  lock_ = ::open(part.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (lock_ < 0)
    throw InputError(fmt::format("{}: cannot be written ({}); choose another place with -o", path,
                                 std::strerror(errno)));
  // Where the file system has no locks, two runs into one file stay the user's to avoid.
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    ::close(std::exchange(lock_, -1));
    throw InputError(
        fmt::format("{}: another run is writing it; choose another place with -o", part));
  }
  check_space(part, bytes);
}

OutputClaim::OutputClaim(OutputClaim&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

OutputClaim& OutputClaim::operator=(OutputClaim&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(lock_, other.lock_);
  return *this;
}

OutputClaim::~OutputClaim() {
  if (lock_ >= 0)
    ::close(lock_);
}

void OutputClaim::publish() const {
  const std::string part = part_of(path_);
  sync(part);
  std::error_code error;
  fs::rename(part, path_, error);
  if (error)
    throw InputError(fmt::format("{}: cannot be renamed to {} ({})", part, path_, error.message()));
  sync(fs::absolute(path_).parent_path());
}

}  // namespace nuloop::study
