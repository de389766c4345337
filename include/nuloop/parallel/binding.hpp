// Which CPUs the ranks of a run may use, and whether their threads get in each other's way.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/parallel/communicator.hpp"

#include <string>
#include <vector>

namespace nuloop::parallel {

/// Where a rank's threads may run. CPUs are what the operating system counts: hardware threads.
struct RankPlace {
  std::string host;
  int node = 0;           ///< the same for ranks that share memory, different otherwise
  int threads = 1;        ///< of the rank
  int host_cpus = 1;      ///< online on the host, allowed or not
  std::vector<int> cpus;  ///< on which its threads may run, ascending
};

/// Every rank's place, on the master; empty elsewhere. Collective.
std::vector<RankPlace> gather_places(const Communicator& communicator);

/// As in "0-3,8".
std::string cpu_list(const std::vector<int>& cpus);

/// One line: ranks, threads, hosts, CPUs of each rank; of many, some.
std::string describe(const std::vector<RankPlace>& places);

/// What slows a run down.
enum class BindingProblem {
  oversubscribed,  ///< a host has fewer CPUs than threads
  too_few_cpus,    ///< a rank is allowed fewer CPUs than it has threads
  overlap,         ///< ranks of one host are bound to the same CPUs, too few for all of them
};

struct BindingWarning {
  BindingProblem problem;
  std::string text;  ///< the first case of it, how many there are, what to do
};

/// At most one warning of each kind. A host with fewer CPUs than threads is not searched for the
/// other two, nor are ranks that may use the same CPUs a problem while there are enough.
std::vector<BindingWarning> binding_warnings(const std::vector<RankPlace>& places);

}  // namespace nuloop::parallel
