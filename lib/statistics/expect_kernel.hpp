// What pseudo-experiments expect, for registers of the width that the including source is compiled
// for.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "expect_lanes.hpp"
#include "lanes.hpp"

namespace nuloop::statistics::NULOOP_PACKS {
namespace {

// Real is a Pack or, for toys that fill none, a double: both round alike.
template <class Real>
Real larger(Real a, Real b) {
  return select(a < b, b, a);
}

template <std::size_t known_pulls = 0>
bool expect(const ThrownMeans& m) {
  const std::size_t pulls = known_pulls > 0 ? known_pulls : m.pulls;
  bool within = true;
  unsigned bits = bits_within(pack_width);
  for (std::size_t i = 0; i < m.bins; ++i) {
    const double* const slopes = m.slopes + i * pulls;
    double* const means = m.means + i * m.toys;
    const auto mean_of = [&](std::size_t toy, auto read) {
      auto sum = slopes[0] * read(m.normals + toy);
      for (std::size_t k = 1; k < pulls; ++k)
        sum += slopes[k] * read(m.normals + k * m.toys + toy);
      return sum + m.nominal[i];
    };
    std::size_t toy = 0;
    for (; toy + pack_width <= m.toys; toy += pack_width) {
      const Pack mean = mean_of(toy, [](const double* from) { return load(from); });
      store(means + toy, larger(mean, Pack(0.0)));
      bits &= bits_up_to(mean, m.limit);
    }
    for (; toy < m.toys; ++toy) {
      const double mean = mean_of(toy, [](const double* from) { return *from; });
      means[toy] = larger(mean, 0.0);
      within &= mean <= m.limit;
    }
  }
  return within && bits == bits_within(pack_width);
}

}  // namespace

bool expect_counts(const ThrownMeans& means) {
  return means.pulls == 2 ? expect<2>(means) : expect(means);
}

}  // namespace nuloop::statistics::NULOOP_PACKS
