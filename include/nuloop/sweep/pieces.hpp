// Pieces of work and the time they took.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>

namespace nuloop::sweep {

struct Pieces {
  double count = 0.0;
  double sum_s = 0.0;
  double shortest_s = 0.0;  ///< of a single one; 0 without any
  double longest_s = 0.0;

  void add(double pieces, double seconds) {
    if (pieces > 0.0)
      add({pieces, seconds, seconds / pieces, seconds / pieces});
  }
  void add(const Pieces& more) {
    if (more.count <= 0.0)
      return;
    shortest_s = count > 0.0 ? std::min(shortest_s, more.shortest_s) : more.shortest_s;
    longest_s = std::max(longest_s, more.longest_s);
    count += more.count;
    sum_s += more.sum_s;
  }
};

}  // namespace nuloop::sweep
