// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/parallel/team.hpp"

#include "waiting.hpp"

#include <array>
#include <limits>
#include <numeric>

namespace nuloop::parallel {

std::size_t RankTeam::size() const {
  return static_cast<std::size_t>(communicator_.size());
}

std::size_t RankTeam::member() const {
  return static_cast<std::size_t>(communicator_.rank());
}

bool RankTeam::all_well(std::size_t place, bool well) const {
  if (size() == 1)
    return well;
  // The largest place, the smallest one, and whether any is not well.
  const auto number = static_cast<long long>(place);
  std::array<long long, 3> numbers = {number, -number, well ? 0 : 1};
  MPI_Request request = MPI_REQUEST_NULL;
  check_mpi(MPI_Iallreduce(MPI_IN_PLACE, numbers.data(), static_cast<int>(numbers.size()),
                           MPI_LONG_LONG, MPI_MAX, communicator_.handle(), &request),
            "MPI_Iallreduce");
  constexpr std::chrono::microseconds longest(50);  // members are done at nearly the same time
  wait_until_complete(request, longest);
  check_mpi(MPI_Wait(&request, MPI_STATUS_IGNORE), "MPI_Wait");
  if (numbers[0] != -numbers[1])
    throw Dissent("ranks that share a computation do not do the same");
  return numbers[2] == 0;
}

std::vector<double> RankTeam::gather(const std::vector<double>& mine,
                                     const std::vector<std::size_t>& sizes) const {
  if (size() == 1)
    return mine;
  std::vector<int> counts, offsets;
  std::size_t sum = 0;
  for (const std::size_t size : sizes) {
    offsets.push_back(static_cast<int>(sum));
    counts.push_back(static_cast<int>(size));
    sum += size;
    if (sum > static_cast<std::size_t>(std::numeric_limits<int>::max()))
      throw std::length_error("ranks share more than 2^31 numbers at a time");
  }
  std::vector<double> all(sum);
  check_mpi(MPI_Allgatherv(mine.data(), counts[member()], MPI_DOUBLE, all.data(), counts.data(),
                           offsets.data(), MPI_DOUBLE, communicator_.handle()),
            "MPI_Allgatherv");
  return all;
}

}  // namespace nuloop::parallel
