// The place of a result on disk: claimed before, filled under another name, renamed at the end.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace nuloop::study {

/// A claim on PATH.part, which only one run can hold at a time. One process makes it for all.
class OutputClaim {
 public:
  OutputClaim() = default;

  /// @param bytes size of the result.
  /// @throws InputError if a result cannot be created at `path`, if an unrelated file is in the
  /// way, if the disk is too small, or if another run writes there.
  OutputClaim(const std::string& path, double bytes);
  OutputClaim(const OutputClaim&) = delete;
  OutputClaim& operator=(const OutputClaim&) = delete;
  OutputClaim(OutputClaim&& other) noexcept;
  OutputClaim& operator=(OutputClaim&& other) noexcept;
  ~OutputClaim();

  /// Makes the finished PATH.part appear as PATH, in place of an earlier result, durably.
  /// @throws InputError
  void publish() const;

 private:
  std::string path_;
  int lock_ = -1;  // descriptor of PATH.part; the lock goes with it
};

}  // namespace nuloop::study
