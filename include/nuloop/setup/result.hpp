// The result of a job, as a file whose axes are known.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/setup/job.hpp"
#include "nuloop/sweep/result_file.hpp"

#include <string>
#include <vector>

namespace nuloop::setup {

class Result : public sweep::ResultReader {
 public:
  /// @throws InputError if the file is no result, or of none of the kinds.
  Result(const std::string& path, const Kinds& kinds);

  const Kind& kind() const { return *kind_; }

  /// The axes that its job names, with the file's values. @throws InputError
  Axes axes() const;

  /// As sweep::ResultReader::table, along these axes.
  sweep::ResultTable table(const std::string& dataset, sweep::Depth along,
                           const std::vector<std::string>& further = {},
                           const std::vector<std::string>& names = {}) const {
    return ResultReader::table(axes(), dataset, along, further, names);
  }
  /// As sweep::ResultReader::rows, likewise.
  sweep::ResultTable rows(const std::string& dataset, sweep::Depth along) const {
    return ResultReader::rows(axes(), dataset, along);
  }
  std::size_t unfinished() const { return ResultReader::unfinished(axes()); }

 private:
  const Kind* kind_;
};

/// The configurations of a result: those of this program, and over them what the result holds,
/// which is all that its numbers depend on; of earlier ones the user's own that it was made with.
/// @throws InputError
std::vector<io::TextFile> configs_of(const sweep::ResultReader& file);

/// The job of a result. @throws InputError if the job is wrong, or of another kind than the file.
Job job_of(const Result& file, const World& world, const Kinds& kinds);

}  // namespace nuloop::setup
