// The CPUs that the ranks of a run may use, and warnings if their threads get in each other's way.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/parallel/communicator.hpp"

#include <string>
#include <vector>

namespace nuloop::parallel {

/// Where a rank's threads may run. A CPU is a hardware thread, as the operating system counts.
struct RankPlace {
  std::string host;
  int node = 0;           ///< the same for ranks that share memory, different otherwise
  int threads = 1;        ///< of the rank
  int host_cpus = 1;      ///< online on the host, allowed or not
  std::vector<int> cpus;  ///< on which its threads may run, ascending
};

/// Every rank's place, on the master; empty elsewhere. Collective.
std::vector<RankPlace> gather_places(const Communicator& communicator);

/// CPUs in short, as in "0-3,8".
std::string cpu_list(const std::vector<int>& cpus);

/// One line with ranks, threads, hosts and the CPUs of each rank, or of some if there are many.
std::string describe(const std::vector<RankPlace>& places);

/// A reason why a run is slow.
enum class BindingProblem {
  oversubscribed,  ///< a host has fewer CPUs than threads
  too_few_cpus,    ///< a rank is allowed fewer CPUs than it has threads
  overlap,         ///< ranks of one host are bound to the same CPUs, too few for all of them
};

struct BindingWarning {
  BindingProblem problem;
  std::string text;  ///< the first case of it, how many there are, what to do
};

/// At most one warning of each kind. A host with fewer CPUs than threads gets no warning of the
/// other two kinds. Ranks may share CPUs without a warning if there are enough for all of them.
std::vector<BindingWarning> binding_warnings(const std::vector<RankPlace>& places);

}  // namespace nuloop::parallel
