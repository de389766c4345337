// Whether two results of one study are the same, though different systems computed them.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/sweep/result_file.hpp"
#include "nuloop/sweep/study.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace nuloop::sweep {

/// Where two results differ by the most units of what they may differ by.
struct Difference {
  std::string place;    ///< dataset, index, coordinates: "/height[3] at tree = oak, age = 2 yr"
  double value = 0.0;   ///< there, in the one file
  double other = 0.0;   ///< and in the other
  double bounds = 0.0;  ///< how many bounds they are apart; infinite where only one is finite
};

/// What a comparison found.
struct Sameness {
  enum class Outcome {
    same_bytes,
    same_values,    ///< every number to the last bit; the files need not be of one format
    within_bounds,  ///< no number further from the other than both files' error bounds allow
    different
  };
  Outcome outcome = Outcome::different;
  std::string other_job;  ///< what makes them results of different jobs; empty if nothing
  std::vector<std::string> remarks;  ///< what differs and does no harm, such as the revision
  std::size_t values = 0;
  std::size_t differing = 0;  ///< of the values, those that are not the same bits
  std::size_t beyond = 0;     ///< of those, by more than the bounds
  Difference largest;         ///< the first of those that are the most bounds apart
};

/// Compares two intact results, finished or not. Work::bound says by how much a value of
/// each field may differ. Only results of one job can be the same. Another revision of the
/// program, other files of configs/ and another wording of the job are remarked on: the numbers
/// decide.
/// @throws InputError if either does not have the structure of its study.
Sameness compare(const ResultReader& file, const Study& study, const ResultReader& other_file,
                 const Study& other_study);

}  // namespace nuloop::sweep
