// Valid HDF5 with wrong contents: result files that were edited in one place or several.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/study/job.hpp"
#include "nuloop/study/world.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace nuloop::fuzz {

/// Two reaches, rates, cross sections; an even number finished, the odd one after it not.
inline constexpr std::size_t results_to_begin_with = 8;

/// What is in their attribute `inputs`.
inline constexpr const char* forged_inputs = "00  job.toml\n11  configs/analysis.toml\n";

/// The world of their jobs, that of configs/.
const study::World& forged_world();
/// Their jobs, with one text in place of another if that is wanted.
study::Job forged_job(std::size_t number, const std::pair<std::string, std::string>& change = {});

/// Writes an HDF5 file: a small nuloop result, chosen by the first of `edits`, changed as the
/// others say, four bytes each (which object, what of it, two bytes how). No edits: the first
/// result.
void write_forged_result(const std::string& path, const std::uint8_t* edits, std::size_t size);

}  // namespace nuloop::fuzz
