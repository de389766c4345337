// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/parallel/binding.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <optional>
#include <sched.h>
#include <set>
#include <sstream>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <omp.h>

namespace nuloop::parallel {
namespace {

// What the operating system allows the calling thread.
std::vector<int> affinity() {
  for (int size = 1024; size <= 1 << 20; size *= 2) {
    cpu_set_t* set = CPU_ALLOC(static_cast<std::size_t>(size));
    const std::size_t bytes = CPU_ALLOC_SIZE(static_cast<std::size_t>(size));
    std::vector<int> cpus;
    const bool known = set != nullptr && ::sched_getaffinity(0, bytes, set) == 0;
    for (int cpu = 0; known && cpu < size; ++cpu)
      if (CPU_ISSET_S(static_cast<std::size_t>(cpu), bytes, set))
        cpus.push_back(cpu);
    CPU_FREE(set);
    if (known)
      return cpus;
  }
  return {};
}

// Asked of every thread: OMP_PROC_BIND ties each to CPUs of its own, the first one even before main
// begins, and it ties those of two ranks to the same ones if the ranks are not bound themselves.
std::vector<int> cpus_of_threads() {
  std::set<int> cpus;
#pragma omp parallel
  {
    const std::vector<int> own = affinity();
#pragma omp critical
    cpus.insert(own.begin(), own.end());
  }
  return {cpus.begin(), cpus.end()};
}

std::string host_name() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

// The rank of the first of those that share memory with this one.
int node_of(const Communicator& communicator) {
  if (communicator.size() == 1)
    return 0;
  MPI_Comm node = MPI_COMM_NULL;
  check_mpi(MPI_Comm_split_type(communicator.handle(), MPI_COMM_TYPE_SHARED, communicator.rank(),
                                MPI_INFO_NULL, &node),
            "MPI_Comm_split_type");
  int first = communicator.rank();
  check_mpi(MPI_Bcast(&first, 1, MPI_INT, 0, node), "MPI_Bcast");
  check_mpi(MPI_Comm_free(&node), "MPI_Comm_free");
  return first;
}

std::vector<int> read_cpu_list(const std::string& text) {
  std::vector<int> cpus;
  std::istringstream stream(text);
  for (std::string range; std::getline(stream, range, ',');) {
    const std::size_t dash = range.find('-');
    const int last = std::stoi(dash == std::string::npos ? range : range.substr(dash + 1));
    for (int cpu = std::stoi(range); cpu <= last; ++cpu)
      cpus.push_back(cpu);
  }
  return cpus;
}

std::string counted(std::size_t number, const std::string& noun) {
  return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

std::string cpus_text(const std::vector<int>& cpus) {
  return fmt::format("{} {}", cpus.size() == 1 ? "CPU" : "CPUs", cpu_list(cpus));
}

using Ranks = std::vector<std::size_t>;

// The ranks of each node, nodes in the order of their first ranks.
std::vector<Ranks> ranks_of_nodes(const std::vector<RankPlace>& places) {
  std::map<int, std::size_t> position;
  std::vector<Ranks> nodes;
  for (std::size_t rank = 0; rank < places.size(); ++rank) {
    const auto [found, is_new] = position.emplace(places[rank].node, nodes.size());
    if (is_new)
      nodes.emplace_back();
    nodes[found->second].push_back(rank);
  }
  return nodes;
}

// The CPUs of a node's ranks, as in "CPUs 0-1 | 2-3".
std::string cpus_of_node(const std::vector<RankPlace>& places, const Ranks& ranks) {
  constexpr std::size_t shown = 8;
  const auto& first = places[ranks.front()];
  const bool all_alike = std::all_of(ranks.begin(), ranks.end(), [&](std::size_t rank) {
    return places[rank].cpus == first.cpus;
  });
  if (all_alike)
    return cpus_text(first.cpus) + (ranks.size() > 1 ? " for each rank" : "");
  std::vector<std::string> sets;
  for (std::size_t i = 0; i < std::min(shown, ranks.size()); ++i)
    sets.push_back(cpu_list(places[ranks[i]].cpus));
  if (ranks.size() > shown)
    sets.push_back("and so on for " + counted(ranks.size(), "rank"));
  return fmt::format("CPUs {}", fmt::join(sets, " | "));
}

// The first case of a problem and the number of cases.
struct Cases {
  std::optional<std::string> first;
  std::size_t count = 0;

  void add(const std::string& text) {
    if (!first)
      first = text;
    ++count;
  }
};

// Ranks of one node that are in each other's way, if there are any.
std::optional<std::string> overlap_of(const std::vector<RankPlace>& places, const Ranks& ranks) {
  std::map<int, std::size_t> owner;  // the first rank that may use a CPU
  std::map<std::vector<int>, std::size_t> threads_of_set;
  for (const std::size_t rank : ranks) {
    const RankPlace& place = places[rank];
    for (const int cpu : place.cpus) {
      const std::size_t other = owner.emplace(cpu, rank).first->second;
      if (places[other].cpus != place.cpus)
        return fmt::format("ranks {} and {} on {} share CPU {}", other, rank, place.host, cpu);
    }
    std::size_t& threads = threads_of_set[place.cpus];
    threads += static_cast<std::size_t>(place.threads);
    if (threads > place.cpus.size() && threads > static_cast<std::size_t>(place.threads))
      return fmt::format("several ranks on {} share {}", place.host, cpus_text(place.cpus));
  }
  return std::nullopt;
}

}  // namespace

std::vector<RankPlace> gather_places(const Communicator& communicator) {
  const std::string own =
      fmt::format("{} {} {} {} {}", host_name(), node_of(communicator), omp_get_max_threads(),
                  ::sysconf(_SC_NPROCESSORS_ONLN), cpu_list(cpus_of_threads()));
  std::vector<RankPlace> places;
  for (const std::string& text : communicator.gather(own)) {
    RankPlace place;
    std::string cpus;
    std::istringstream(text) >> place.host >> place.node >> place.threads >> place.host_cpus >>
        cpus;
    place.cpus = read_cpu_list(cpus);
    places.push_back(std::move(place));
  }
  return places;
}

std::string cpu_list(const std::vector<int>& cpus) {
  std::vector<std::string> ranges;
  for (std::size_t begin = 0, end = 0; begin < cpus.size(); begin = end) {
    for (end = begin + 1; end < cpus.size() && cpus[end] == cpus[end - 1] + 1;)
      ++end;
    ranges.push_back(end - begin == 1 ? fmt::format("{}", cpus[begin])
                                      : fmt::format("{}-{}", cpus[begin], cpus[end - 1]));
  }
  return fmt::format("{}", fmt::join(ranges, ","));
}

std::string describe(const std::vector<RankPlace>& places) {
  constexpr std::size_t most_hosts = 4, most_groups = 3;
  const auto by_threads = [](const RankPlace& a, const RankPlace& b) {
    return a.threads < b.threads;
  };
  const auto [fewest, most] = std::minmax_element(places.begin(), places.end(), by_threads);
  const auto least_threads =
      fewest->threads == most->threads ? std::string() : fmt::format("{} to ", fewest->threads);
  std::vector<std::pair<std::string, std::vector<std::string>>> groups;  // CPUs, hosts with them
  const std::vector<Ranks> nodes = ranks_of_nodes(places);
  for (const Ranks& ranks : nodes) {
    const std::string cpus = cpus_of_node(places, ranks);
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const auto& known) { return known.first == cpus; });
    if (group == groups.end())
      group = groups.insert(groups.end(), {cpus, {}});
    group->second.push_back(places[ranks.front()].host);
  }
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < std::min(most_groups, groups.size()); ++i) {
    auto& [cpus, hosts] = groups[i];
    const std::size_t others = hosts.size() - std::min(most_hosts, hosts.size());
    hosts.resize(hosts.size() - others);
    parts.push_back(fmt::format("{}{}: {}", fmt::join(hosts, ", "),
                                others > 0 ? fmt::format(" and {} more", others) : "", cpus));
  }
  if (groups.size() > most_groups)
    parts.emplace_back("other hosts otherwise");
  return fmt::format("{} x {}{} on {}{}", counted(places.size(), "rank"), least_threads,
                     counted(static_cast<std::size_t>(most->threads), "thread"),
                     nodes.size() > 1 ? counted(nodes.size(), "host") + ": " : "",
                     fmt::join(parts, "; "));
}

std::vector<BindingWarning> binding_warnings(const std::vector<RankPlace>& places) {
  Cases oversubscribed, too_few, overlap;
  int most_threads = 1;
  for (const Ranks& ranks : ranks_of_nodes(places)) {
    const RankPlace& host = places[ranks.front()];
    int threads = 0;
    for (const std::size_t rank : ranks)
      threads += places[rank].threads;
    if (threads > host.host_cpus) {
      oversubscribed.add(fmt::format("{} threads on the {} of {}", threads,
                                     counted(static_cast<std::size_t>(host.host_cpus), "CPU"),
                                     host.host));
      continue;
    }
    for (const std::size_t rank : ranks) {
      const RankPlace& place = places[rank];
      if (static_cast<std::size_t>(place.threads) <= place.cpus.size())
        continue;
      most_threads = std::max(most_threads, place.threads);
      too_few.add(fmt::format("rank {} on {} has {} threads on {}", rank, place.host, place.threads,
                              cpus_text(place.cpus)));
    }
    if (const auto found = overlap_of(places, ranks))
      overlap.add(*found);
  }

  std::vector<BindingWarning> warnings;
  const auto warn = [&](BindingProblem problem, const Cases& cases, const std::string& kind,
                        const std::string& advice) {
    if (!cases.first)
      return;
    const std::string others =
        cases.count > 1 ? fmt::format(" (and {})", counted(cases.count - 1, "other " + kind)) : "";
    warnings.push_back({problem, fmt::format("{}{}; {}", *cases.first, others, advice)});
  };
  warn(BindingProblem::oversubscribed, oversubscribed, "host",
       "fewer ranks, or OMP_NUM_THREADS, make it faster");
  warn(BindingProblem::too_few_cpus, too_few, "rank",
       fmt::format("bind to more: mpirun --map-by slot:PE={0} or --bind-to none, "
                   "srun --cpus-per-task={0}",
                   most_threads));
  warn(BindingProblem::overlap, overlap, "host",
       "bind each rank to CPUs of its own (mpirun --map-by slot:PE=THREADS, srun "
       "--cpu-bind=cores), or "
       "neither ranks nor threads (mpirun --bind-to none, OMP_PROC_BIND unset)");
  return warnings;
}

}  // namespace nuloop::parallel
