// Whether a result came from the same job, inputs and program.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/study/job.hpp"
#include "nuloop/study/result_file.hpp"

#include <string>

namespace nuloop::study {

/// What has to agree.
enum class Compare {
  everything,
  rates,  ///< what the rates depend on: not the values of axes, uncertainties, exposure, name
  toys    ///< what pseudo-experiments depend on: not their number, nor the name
};

/// The first thing in which the file differs from what this program would write for `job`: a key of
/// the job with both values, an input file, the program. Empty if nothing does.
/// @throws InputError if what the file holds as its job is none.
std::string first_difference(const ResultReader& file, const Job& job, const Provenance& provenance,
                             Compare compare);

/// The first key in which the jobs of two results differ, likewise; the program and the files of
/// configs/ may be others. @throws InputError if what one of them holds as its job is none.
std::string first_difference(const ResultReader& file, const ResultReader& other);

/// The first file of configs/ that was not the same for two results, with both checksums; empty if
/// all were.
std::string first_other_config(const ResultReader& file, const ResultReader& other);

}  // namespace nuloop::study
