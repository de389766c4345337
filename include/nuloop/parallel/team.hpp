// Ranks that compute something together.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/team.hpp"
#include "nuloop/parallel/communicator.hpp"

namespace nuloop::parallel {

/// All ranks of a communicator. No rank spins while others are still computing.
class RankTeam : public Team {
 public:
  /// @param communicator kept by reference.
  explicit RankTeam(const Communicator& communicator) : communicator_(communicator) {}

  std::size_t size() const override;
  std::size_t member() const override;
  /// @throws Dissent, LocalFailure
  bool all_well(std::size_t place, bool well) const override;
  /// @throws LocalFailure
  std::vector<double> gather(const std::vector<double>& mine,
                             const std::vector<std::size_t>& sizes) const override;

 private:
  const Communicator& communicator_;
};

}  // namespace nuloop::parallel
