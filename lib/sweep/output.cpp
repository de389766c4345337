// SPDX-License-Identifier: GPL-3.0-or-later
#include "output.hpp"

#include "nuloop/foundation/errors.hpp"
#include "nuloop/io/seal.hpp"
#include "nuloop/sweep/progress.hpp"
#include "nuloop/sweep/result_file.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

namespace nuloop::sweep {
namespace {

namespace fs = std::filesystem;

std::string part_of(const std::string& path) {
  return path + ".part";
}

// A byte far beyond any file's end, so that neither HDF5's own locks nor those of MPI are concerned
// and anyone may read.
struct flock lock_region() {
  struct flock region {};
  region.l_type = F_WRLCK;
  region.l_whence = SEEK_SET;
  region.l_start = off_t{1} << 62;
  region.l_len = 1;
  return region;
}

// Where another process holds a lock on the file, false; where the file system has none, two runs
// into one file stay the user's to avoid.
bool lock(int file) {
  struct flock region = lock_region();
  return ::fcntl(file, F_OFD_SETLK, &region) == 0 || (errno != EAGAIN && errno != EACCES);
}

// Whether an open file is the one that has this name.
bool is_still_at(int file, const std::string& name) {
  struct stat opened {
  }, present{};
  return ::fstat(file, &opened) == 0 && ::stat(name.c_str(), &present) == 0 &&
         opened.st_dev == present.st_dev && opened.st_ino == present.st_ino;
}

// Flushes a file or folder to the disk.
void sync(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = file >= 0 && ::fsync(file) == 0;
  const int reason = errno;
  if (file >= 0)
    ::close(file);
  if (!synced)
    throw MachineError(fmt::format("{}: cannot be flushed to the disk ({})", path.string(),
                                   std::strerror(reason)));
}

}  // namespace

bool is_file_or_nothing(const std::string& path) {
  std::error_code ignored;
  const auto type = fs::symlink_status(path, ignored).type();
  return type == fs::file_type::regular || type == fs::file_type::not_found;
}

Writing is_locked(const std::string& part) {
  const int file = ::open(part.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0)
    return Writing::no;
  struct flock region = lock_region();
  const bool asked = ::fcntl(file, F_OFD_GETLK, &region) == 0;
  ::close(file);
  if (!asked)
    return Writing::unknown;
  return region.l_type == F_UNLCK ? Writing::no : Writing::yes;
}

namespace {

// Whether something is there that no run can have left: no regular file, or one that does not begin
// as results do. A run that was killed at the beginning leaves nothing, or zeros.
bool is_foreign(const std::string& part) {
  std::error_code error;
  const fs::file_status status = fs::symlink_status(part, error);
  if (!fs::exists(status))
    return false;
  if (!fs::is_regular_file(status))
    return true;
  constexpr std::string_view signature = "\x89HDF\r\n\x1a\n";
  std::string begin(signature.size(), '\0');
  std::ifstream(part, std::ios::binary)
      .read(begin.data(), static_cast<std::streamsize>(begin.size()));
  return begin != signature && begin != std::string(signature.size(), '\0');
}

// Tasks that an earlier run into the file has finished, as far as it has told.
std::size_t tasks_told_of(const std::string& path) {
  const auto progress = read_progress(progress_path(path));
  return progress ? progress->tasks_done : 0;
}

}  // namespace

OutputClaim::OutputClaim(const std::string& path, Existing existing) : path_(path) {
  std::error_code error;
  if (fs::path(path).filename().empty() || fs::is_directory(path, error))
    throw InputError(fmt::format("\"{}\": is not the name of a file; give one with -o", path));
  finished_ = fs::exists(path, error);
  if (finished_ && !is_result_file(path))
    throw InputError(
        path +
        ": exists and is not a result of nuloop, or another program has it open; it is "
        "not overwritten");
  if (finished_ && existing == Existing::keep)
    throw InputError(path + ": exists; --force replaces it, -o chooses another place");

  const std::string part = part_of(path);
  if (is_foreign(part))
    throw InputError(part +
                     ": is in the way and nothing that nuloop has written; it is left as it is");
  lock_ = ::open(part.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (lock_ < 0)
    throw InputError(fmt::format("{}: cannot be written ({}); choose another place with -o", path,
                                 std::strerror(errno)));
  if (!lock(lock_)) {
    ::close(std::exchange(lock_, -1));
    throw InputError(fmt::format(
        "{}: another run is writing it; choose another place with -o (if it is a rank of "
        "this run, use the mpirun of the MPI that nuloop was built with, or set "
        "NULOOP_START_MPI=yes)",
        part));
  }
  // Another run may have finished, and so renamed what was opened, before the lock was free.
  if (!is_still_at(lock_, part)) {
    ::close(std::exchange(lock_, -1));
    throw InputError(fmt::format("{}: another run has just finished it; look at {}", part, path));
  }
  // A file that was killed while it was created holds nothing.
  unfinished_ = is_result_file(part);
  const std::size_t lost = unfinished_ || existing == Existing::replace ? 0 : tasks_told_of(path);
  if (fs::file_size(part) > 0 && lost > 0) {
    ::close(std::exchange(lock_, -1));
    throw InputError(
        fmt::format("{}: is damaged and cannot be read, though it had {} finished tasks; "
                    "--force starts anew",
                    part, lost));
  }
  if (unfinished_ && existing == Existing::keep) {
    ::close(std::exchange(lock_, -1));
    throw InputError(fmt::format(
        "{}: is an unfinished result; --resume continues it, --force starts anew", part));
  }
}

OutputClaim::OutputClaim(OutputClaim&& other) noexcept
    : path_(std::move(other.path_)),
      lock_(std::exchange(other.lock_, -1)),
      finished_(other.finished_),
      unfinished_(other.unfinished_) {}

OutputClaim& OutputClaim::operator=(OutputClaim&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(lock_, other.lock_);
  std::swap(finished_, other.finished_);
  std::swap(unfinished_, other.unfinished_);
  return *this;
}

OutputClaim::~OutputClaim() {
  if (lock_ >= 0)
    ::close(lock_);
}

void OutputClaim::check_space(double bytes) const {
  const std::string part = part_of(path_);
  std::error_code error;
  const fs::space_info space = fs::space(fs::absolute(part).parent_path(), error);
  if (!error && bytes > static_cast<double>(space.available))
    throw MachineError(
        fmt::format("{}: {:.3g} GB are needed and {:.3g} GB free; choose fewer points "
                    "or another place with -o",
                    part, 1e-9 * bytes, 1e-9 * static_cast<double>(space.available)));
  // Quotas show only when room is taken; not every file system can do that.
  if (::ftruncate(lock_, 0) != 0 ||
      (::fallocate(lock_, 0, 0, static_cast<off_t>(bytes)) != 0 &&
       (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)) ||
      ::ftruncate(lock_, 0) != 0)
    throw MachineError(
        fmt::format("{}: has no room for {:.3g} GB ({}); choose fewer points or another "
                    "place with -o",
                    part, 1e-9 * bytes, std::strerror(errno)));
}

void OutputClaim::check_writable() const {
  if (!is_still_at(lock_, part_of(path_)))
    throw MachineError("it has been moved, removed or replaced meanwhile");
  char byte = 0;
  if (::pread(lock_, &byte, 1, 0) != 1 || ::pwrite(lock_, &byte, 1, 0) != 1)
    throw MachineError(std::strerror(errno));
}

void OutputClaim::sync() const {
  sweep::sync(part_of(path_));
}

void OutputClaim::discard() const noexcept {
  ::unlink(part_of(path_).c_str());
}

void OutputClaim::publish() const {
  const std::string part = part_of(path_);
  if (!finished_ && fs::exists(fs::symlink_status(path_)) && !is_result_file(path_))
    throw MachineError(
        fmt::format("{}: has appeared during the run and is not a result of nuloop; it is not "
                    "overwritten, and with it out of the way --resume completes {}",
                    path_, part));
  io::seal(part);
  sync();
  std::error_code error;
  fs::rename(part, path_, error);
  if (error)
    throw MachineError(
        fmt::format("{}: cannot be renamed to {} ({})", part, path_, error.message()));
  sweep::sync(fs::absolute(path_).parent_path());
}

}  // namespace nuloop::sweep
