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

/// Two reaches, rates, cross sections, pseudo-experiments; an even number finished, the odd one
/// after it not.
inline constexpr std::size_t results_to_begin_with = 10;

/// Bytes below 128 choose among the first eight and, by the bits above, the way to read; the others
/// among the rest. So the inputs in corpus/ keep their meaning when a kind is added.
inline constexpr std::size_t old_results = 8;
constexpr std::size_t forged_number(std::uint8_t choice) {
  return choice < 128 ? choice % old_results
                      : old_results + choice % (results_to_begin_with - old_results);
}
constexpr std::size_t forged_rest(std::uint8_t choice) {
  return choice < 128 ? choice / old_results
                      : (choice - 128) / (results_to_begin_with - old_results);
}
/// The smallest byte that chooses that result.
constexpr std::uint8_t forged_choice(std::size_t number) {
  return static_cast<std::uint8_t>(number < old_results ? number : 128 + number - old_results);
}

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
