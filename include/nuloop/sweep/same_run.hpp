// Whether a result came from the same job, inputs and program.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/sweep/result_file.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace nuloop::sweep {

/// Which keys of a job have to agree; all unless said otherwise.
using Matters = std::function<bool(std::string_view section, std::string_view key)>;

/// The first thing in which the file differs from what this program would write for a job: a key of
/// the job with both values, an input file, the program. Empty if nothing does.
/// @param job as TOML, with every setting written out.
/// @throws InputError if what the file holds as its job is none.
std::string first_difference(
    const ResultReader& file, const std::string& job, const Provenance& provenance,
    const Matters& matters = [](std::string_view, std::string_view) { return true; });

/// The first key in which the jobs of two results differ, likewise; the program and the files of
/// configs/ may be others. @throws InputError if what one of them holds as its job is none.
std::string first_difference(const ResultReader& file, const ResultReader& other);

/// The first file of configs/ that was not the same for two results, with both checksums; empty if
/// all were.
std::string first_other_config(const ResultReader& file, const ResultReader& other);

}  // namespace nuloop::sweep
