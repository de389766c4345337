// Which placements of ranks are reported as slow, and how placements are described.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/parallel/binding.hpp"

#include "catch.hpp"

#include <algorithm>
#include <numeric>
#include <sched.h>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <omp.h>

namespace {

using namespace nuloop::parallel;

std::vector<int> range(int first, int last) {
  std::vector<int> cpus(static_cast<std::size_t>(last - first + 1));
  std::iota(cpus.begin(), cpus.end(), first);
  return cpus;
}

// A rank on a host of eight CPUs.
RankPlace rank_on(int node, int threads, std::vector<int> cpus) {
  return {fmt::format("n{}", node), node, threads, 8, std::move(cpus)};
}

std::vector<BindingProblem> problems(const std::vector<RankPlace>& places) {
  std::vector<BindingProblem> found;
  for (const auto& warning : binding_warnings(places))
    found.push_back(warning.problem);
  return found;
}

using Problems = std::vector<BindingProblem>;
constexpr auto oversubscribed = BindingProblem::oversubscribed;
constexpr auto too_few_cpus = BindingProblem::too_few_cpus;
constexpr auto overlap = BindingProblem::overlap;

}  // namespace

TEST_CASE("Ranks that are not bound are no problem while there is a CPU for each thread") {
  CHECK(problems({rank_on(0, 8, range(0, 7))}).empty());
  CHECK(problems({rank_on(0, 4, range(0, 7)), rank_on(0, 4, range(0, 7))}).empty());
  CHECK(problems({rank_on(0, 1, range(0, 7)), rank_on(0, 2, range(0, 7))}).empty());
}

TEST_CASE("More threads than CPUs on a host are reported once, whatever the binding") {
  CHECK(problems({rank_on(0, 9, range(0, 7))}) == Problems{oversubscribed});
  CHECK(problems({rank_on(0, 8, range(0, 7)), rank_on(0, 1, range(0, 7))}) ==
        Problems{oversubscribed});
  CHECK(problems({rank_on(0, 8, {0}), rank_on(0, 8, {0}), rank_on(0, 8, {1})}) ==
        Problems{oversubscribed});
  const auto warnings = binding_warnings(
      {rank_on(0, 8, range(0, 7)), rank_on(0, 2, range(0, 7)), rank_on(1, 9, range(0, 7))});
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].text.find("10 threads on the 8 CPUs of n0 (and 1 other host)") == 0);
}

TEST_CASE("Each rank of two threads bound to one CPU is reported, as mpirun does it") {
  const std::vector<RankPlace> places = {rank_on(0, 2, {0}), rank_on(0, 2, {1})};
  const auto warnings = binding_warnings(places);
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].problem == too_few_cpus);
  CHECK(warnings[0].text.find("rank 0 on n0 has 2 threads on CPU 0 (and 1 other rank)") == 0);
  CHECK(warnings[0].text.find("PE=2") != std::string::npos);
  CHECK(problems({rank_on(0, 1, {0}), rank_on(0, 1, {1})}).empty());
  CHECK(problems({rank_on(0, 2, {0, 1}), rank_on(0, 2, {2, 3})}).empty());
  CHECK(problems({rank_on(0, 2, {0, 1}), rank_on(0, 2, {2})}) == Problems{too_few_cpus});
}

TEST_CASE("Ranks bound to overlapping CPUs are reported") {
  CHECK(problems({rank_on(0, 2, {0, 1}), rank_on(0, 2, {1, 2})}) == Problems{overlap});
  CHECK(problems({rank_on(0, 1, range(0, 7)), rank_on(0, 1, {3})}) == Problems{overlap});
  // The same two CPUs for two ranks of two threads, though the host has six others.
  CHECK(problems({rank_on(0, 2, {0, 1}), rank_on(0, 2, {0, 1})}) == Problems{overlap});
  CHECK(problems({rank_on(0, 1, {0, 1}), rank_on(0, 1, {0, 1})}).empty());
  CHECK(problems({rank_on(0, 1, {0, 1}), rank_on(0, 1, {0, 1}), rank_on(0, 1, {0, 1})}) ==
        Problems{overlap});
  CHECK(problems({rank_on(0, 3, {0}), rank_on(0, 1, {0})}) == Problems{too_few_cpus, overlap});
}

TEST_CASE("CPUs of the same number on two hosts do not overlap") {
  CHECK(problems({rank_on(0, 2, {0, 1}), rank_on(1, 2, {0, 1})}).empty());
  CHECK(problems({rank_on(0, 8, range(0, 7)), rank_on(1, 8, range(0, 7))}).empty());
  // Told apart by memory, not by name.
  auto twin = rank_on(1, 8, range(0, 7));
  twin.host = "n0";
  CHECK(problems({rank_on(0, 8, range(0, 7)), twin}).empty());
}

TEST_CASE("Lists of CPUs are written as ranges") {
  CHECK(cpu_list({}).empty());
  CHECK(cpu_list({5}) == "5");
  CHECK(cpu_list({0, 1}) == "0-1");
  CHECK(cpu_list({0, 2, 3, 4, 8}) == "0,2-4,8");
}

TEST_CASE("A placement is one line") {
  CHECK(describe({rank_on(0, 1, {3})}) == "1 rank x 1 thread on n0: CPU 3");
  CHECK(describe({rank_on(0, 2, range(0, 7)), rank_on(0, 2, range(0, 7))}) ==
        "2 ranks x 2 threads on n0: CPUs 0-7 for each rank");
  CHECK(describe({rank_on(0, 2, {0, 1}), rank_on(0, 1, {2})}) ==
        "2 ranks x 1 to 2 threads on n0: CPUs 0-1 | 2");
  CHECK(describe({rank_on(0, 2, {0, 1}), rank_on(0, 2, {2, 3}), rank_on(2, 2, {0, 1}),
                  rank_on(2, 2, {2, 3})}) ==
        "4 ranks x 2 threads on 2 hosts: n0, n2: CPUs 0-1 | 2-3");
  CHECK(describe({rank_on(0, 1, {0}), rank_on(1, 1, {1})}) ==
        "2 ranks x 1 thread on 2 hosts: n0: CPU 0; n1: CPU 1");
}

TEST_CASE("The line of a large run stays short") {
  std::vector<RankPlace> places;
  for (int node = 0; node < 500; ++node)
    for (int rank = 0; rank < 64; ++rank)
      places.push_back({fmt::format("node{}", node), node, 2, 128, {2 * rank, 2 * rank + 1}});
  const std::string line = describe(places);
  CHECK(line.find("32000 ranks x 2 threads on 500 hosts: node0, node1, node2, node3 and 496 more: "
                  "CPUs 0-1 | 2-3 |") == 0);
  CHECK(line.size() < 300);
  CHECK(binding_warnings(places).empty());
}

TEST_CASE("This process is where the operating system says its threads are") {
  std::vector<bool> allowed(CPU_SETSIZE, false);
#pragma omp parallel
  {
    cpu_set_t set;
    CPU_ZERO(&set);
    ::sched_getaffinity(0, sizeof set, &set);
#pragma omp critical
    for (std::size_t cpu = 0; cpu < allowed.size(); ++cpu)
      allowed[cpu] = allowed[cpu] || CPU_ISSET(cpu, &set);
  }
  const auto places = gather_places(Communicator());
  REQUIRE(places.size() == 1);
  CHECK(std::count(allowed.begin(), allowed.end(), true) ==
        static_cast<std::ptrdiff_t>(places[0].cpus.size()));
  for (const int cpu : places[0].cpus)
    CHECK(allowed[static_cast<std::size_t>(cpu)]);
  CHECK(places[0].threads == omp_get_max_threads());
  CHECK_FALSE(places[0].host.empty());
}
