// A loop over the threads of several processes, each of which wants all that comes of it.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/errors.hpp"
#include "nuloop/foundation/parallel_for.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <vector>

namespace nuloop {

/// The members of a team are not where they should be together, which processors that round
/// differently may bring about. It is thrown on all of them at the same call.
struct Dissent : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Processes that run the same code with the same numbers. This one is a team of itself alone;
/// parallel::RankTeam is one of ranks.
class Team {
 public:
  Team() = default;
  virtual ~Team() = default;

  virtual std::size_t size() const { return 1; }
  virtual std::size_t member() const { return 0; }

  /// Whether all members say `well`; collective.
  /// @param place a number that is the same on all of them. @throws Dissent if it is not.
  virtual bool all_well(std::size_t /*place*/, bool well) const { return well; }

  /// The numbers of all members, one after the other; collective.
  /// @param sizes how many each has.
  virtual std::vector<double> gather(const std::vector<double>& mine,
                                     const std::vector<std::size_t>& /*sizes*/) const {
    return mine;
  }

 protected:
  Team(const Team&) = default;
  Team& operator=(const Team&) = default;
};

/// The numbers of a matrix or an array of Eigen whose columns follow each other in memory.
template <class Dense>
std::span<double> numbers_in(Dense&& dense) {
  return {dense.data(), static_cast<std::size_t>(dense.size())};
}

/// Calls fill(i) for i in [0, count), each on one member of the team, and gives all members the
/// numbers that it has filled. They are the same as if each member had filled all of them.
/// @param numbers_of numbers_of(i) is an array of std::span<double>: where fill(i) leaves its
/// numbers, as many for every i.
/// @throws NumericalError on all members if fill does on one. @throws Dissent
template <class Fill, class NumbersOf>
void fill_together(const Team& team, std::size_t count, const Fill& fill,
                   const NumbersOf& numbers_of) {
  if (team.size() == 1 || count == 0) {
    parallel_for(count, fill);
    return;
  }
  // Neighbours take similar times: they go to different members.
  const auto pieces_of = [&](std::size_t member) {
    return (count + team.size() - 1 - member) / team.size();
  };
  bool well = true;
  try {
    parallel_for(pieces_of(team.member()),
                 [&](std::size_t n) { fill(team.member() + n * team.size()); });
  } catch (const NumericalError&) {
    well = false;
  }
  std::size_t width = 0;
  for (const std::span<double> numbers : numbers_of(0))
    width += numbers.size();
  if (!team.all_well(count * width, well))
    throw NumericalError("a part of the integrals that ranks share has failed");
  std::vector<double> mine;
  for (std::size_t i = team.member(); i < count; i += team.size())
    for (const std::span<double> numbers : numbers_of(i))
      mine.insert(mine.end(), numbers.begin(), numbers.end());
  std::vector<std::size_t> sizes;
  for (std::size_t member = 0; member < team.size(); ++member)
    sizes.push_back(pieces_of(member) * width);
  const std::vector<double> all = team.gather(mine, sizes);
  const double* next = all.data();
  for (std::size_t member = 0; member < team.size(); ++member)
    for (std::size_t i = member; i < count; i += team.size())
      for (const std::span<double> numbers : numbers_of(i)) {
        std::copy_n(next, numbers.size(), numbers.data());
        next += numbers.size();
      }
}

}  // namespace nuloop
