// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/statistics/groups.hpp"

#include "bin_term.hpp"
#include "nuloop/foundation/contracts.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

namespace nuloop::statistics {

using Eigen::Index;

namespace {

// Whether anything is expected in a bin, or moved into it by a pull.
bool is_empty(const Comparison& c, Index bin) {
  return c.reference.value[bin] == 0.0 && c.tested.value[bin] == 0.0 &&
         c.difference.value[bin] == 0.0 && !(c.pulls.value.row(bin).array() != 0.0).any();
}

// The counts that the statistic needs above zero in each bin.
const Eigen::ArrayXd& needed_counts(Statistic statistic, const Comparison& c) {
  return needs_positive(statistic) ? c.tested.value : c.reference.value;
}

template <class Array>
void add_up(Array& rows, const Groups& groups, Index count) {
  Array sums = Array::Zero(count, rows.cols());
  for (Index bin = 0; bin < rows.rows(); ++bin)
    sums.row(groups[static_cast<std::size_t>(bin)]) += rows.row(bin);
  rows = std::move(sums);
}

}  // namespace

bool any_bin_lacks(Statistic statistic, const Comparison& c) {
  return !(needed_counts(statistic, c) > 0.0).all();
}

Groups groups_of(Statistic statistic, const Comparison& c, const std::vector<Index>& parts,
                 const Comparison* truth) {
  if (!any_bin_lacks(statistic, c))
    return {};
  const Eigen::ArrayXd& needed = needed_counts(statistic, c);
  Groups leaders;  // for each bin the one that it joins
  bool joined = false;
  Index first = 0;
  for (const Index bins : parts) {
    const auto stands = [&](Index bin) { return needed[bin] > 0.0; };
    std::optional<Index> lower;
    for (Index bin = first; bin < first + bins; ++bin) {
      Index leader = bin;
      if (stands(bin)) {
        lower = bin;
      } else if (!is_empty(c, bin) || (truth != nullptr && !is_empty(*truth, bin))) {
        leader = lower.value_or(bin);
        for (Index higher = bin + 1; !lower && leader == bin && higher < first + bins; ++higher)
          if (stands(higher))
            leader = higher;
      }
      joined = joined || leader != bin;
      leaders.push_back(leader);
    }
    first += bins;
  }
  NULOOP_EXPECTS(first == needed.size());
  if (!joined)
    return {};
  Groups numbers(leaders.size());
  Index count = 0;
  for (std::size_t bin = 0; bin < leaders.size(); ++bin)
    if (leaders[bin] == static_cast<Index>(bin))
      numbers[bin] = count++;
  for (std::size_t bin = 0; bin < leaders.size(); ++bin)
    numbers[bin] = numbers[static_cast<std::size_t>(leaders[bin])];
  return numbers;
}

Comparison together(Comparison c, const Groups& groups) {
  if (groups.empty())
    return c;
  NULOOP_EXPECTS(static_cast<Index>(groups.size()) == c.tested.value.size());
  const Index count = *std::max_element(groups.begin(), groups.end()) + 1;
  const auto add_both = [&](auto& part) {
    add_up(part.value, groups, count);
    add_up(part.error, groups, count);
  };
  add_both(c.reference);
  add_both(c.tested);
  add_both(c.difference);
  add_both(c.pulls);
  return c;
}

}  // namespace nuloop::statistics
