// Valid HDF5 with wrong contents: result files that were edited in one place or several.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/setup/job.hpp"
#include "nuloop/setup/world.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace nuloop::fuzz {

/// Two reaches, rates, cross sections, pseudo-experiments; an even number finished, the odd one
/// after it not. First all of format version 2, then the same of version 3.
inline constexpr std::size_t results_of_a_format = 10;
inline constexpr std::size_t results_to_begin_with = 2 * results_of_a_format;

/// Bytes below 128 choose among the first eight and, by the bits above, the way to read; those
/// below 136 among the other two of version 2; the others among those of version 3. So the inputs
/// in corpus/ keep their meaning when a kind or a format is added.
inline constexpr std::size_t old_results = 8;
constexpr std::size_t forged_number(std::uint8_t choice) {
  if (choice < 128)
    return choice % old_results;
  return choice < 136 ? old_results + choice % 2
                      : results_of_a_format + (choice - 136) % results_of_a_format;
}
constexpr std::size_t forged_rest(std::uint8_t choice) {
  if (choice < 128)
    return choice / old_results;
  return choice < 136 ? (choice - 128) / 2 : (choice - 136) / results_of_a_format;
}
/// The smallest byte that chooses that result.
constexpr std::uint8_t forged_choice(std::size_t number) {
  if (number < old_results)
    return static_cast<std::uint8_t>(number);
  return static_cast<std::uint8_t>(number < results_of_a_format
                                       ? 128 + number - old_results
                                       : 136 + number - results_of_a_format);
}

/// What is in their attribute `inputs`.
inline constexpr const char* forged_inputs = "00  job.toml\n11  configs/analysis.toml\n";

/// The world of their jobs, that of configs/.
const setup::World& forged_world();
/// Their jobs, with one text in place of another if that is wanted.
setup::Job forged_job(std::size_t number, const std::pair<std::string, std::string>& change = {});

/// Writes an HDF5 file: a small nuloop result, chosen by the first of `edits`, changed as the
/// others say, four bytes each (which object, what of it, two bytes how). What of a dataset of
/// variable length from 128 on: a byte of where its texts stand, or of the place that they stand
/// in. No edits: the first result.
void write_forged_result(const std::string& path, const std::uint8_t* edits, std::size_t size);

}  // namespace nuloop::fuzz
