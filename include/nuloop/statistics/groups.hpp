// Bins that are counted together, because a statistic has no term for one of them alone.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/statistics/comparison.hpp"
#include "nuloop/statistics/statistic.hpp"

#include <vector>

#include <Eigen/Core>

namespace nuloop::statistics {

/// For each bin the number of its group, from 0; empty if every bin is alone.
using Groups = std::vector<Eigen::Index>;

/// Whether some bin of a comparison lacks the counts that the statistic needs. Without any, every
/// bin is alone.
bool any_bin_lacks(Statistic statistic, const Comparison& comparison);

/// A bin in which one hypothesis alone expects events has no term if the counts that are missing
/// are needed: those of the reference for `reference` and `neyman`, in the denominator, and those
/// of the tested hypothesis for the others, for which any event is impossible. Such a bin joins the
/// next lower bin that has a term, or the next higher one where none is lower; within its part.
/// Without any it stays alone.
/// @param parts the number of bins of each detector, with and without reactor, one after another.
/// @param truth what counts are drawn from, in the same bins; null for one of the two hypotheses.
Groups groups_of(Statistic statistic, const Comparison& comparison,
                 const std::vector<Eigen::Index>& parts, const Comparison* truth = nullptr);

/// The sums over each group; errors add up.
Comparison together(Comparison comparison, const Groups& groups);

}  // namespace nuloop::statistics
