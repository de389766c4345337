// The place of a result on disk: claimed before, filled under another name, renamed at the end.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/sweep/stop.hpp"

#include <string>

namespace nuloop::sweep {

/// What to do with results that are there already.
enum class Existing {
  keep,     ///< refuse to touch them
  resume,   ///< continue an unfinished one
  replace,  ///< start anew; a finished one stays until the new one is complete
};

/// Whether a file may be written at `path`, or replaced: what is no regular file is the user's.
bool is_file_or_nothing(const std::string& path);

/// Whether a run holds a claim on the file `part`.
Writing is_locked(const std::string& part);

/// A claim on PATH.part, which only one run can hold at a time. One process makes it for all.
class OutputClaim {
 public:
  OutputClaim() = default;

  /// @throws InputError if a result cannot be created at `path`, if something is in the way that
  /// must not be touched, or if another run writes there.
  OutputClaim(const std::string& path, Existing existing);
  OutputClaim(const OutputClaim&) = delete;
  OutputClaim& operator=(const OutputClaim&) = delete;
  OutputClaim(OutputClaim&& other) noexcept;
  OutputClaim& operator=(OutputClaim&& other) noexcept;
  ~OutputClaim();

  /// Whether a finished result is at PATH; whether an unfinished one is at PATH.part.
  bool finished() const { return finished_; }
  bool unfinished() const { return unfinished_; }

  /// @throws MachineError if the disk, or the user's share of it, has less room than `bytes`. What
  /// PATH.part held is gone after it.
  void check_space(double bytes) const;

  /// @throws MachineError if PATH.part can no longer be written, or is another file by now.
  void check_writable() const;

  /// Flushes PATH.part to the disk. @throws MachineError
  void sync() const;

  /// Removes PATH.part.
  void discard() const noexcept;

  /// Makes the finished PATH.part appear as PATH, in place of an earlier result, durably.
  /// @throws MachineError also if something else than a result has come to be at PATH
  void publish() const;

 private:
  std::string path_;
  int lock_ = -1;  // descriptor of PATH.part; the lock goes with it
  bool finished_ = false;
  bool unfinished_ = false;
};

}  // namespace nuloop::sweep
