// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/parallel/communicator.hpp"

#include "nuloop/foundation/errors.hpp"

#include <array>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <numeric>
#include <stdexcept>

namespace nuloop::parallel {
namespace {

int message_size(std::size_t size) {
  if (size > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    throw std::length_error("a message of more than 2 GB");
  return static_cast<int>(size);
}

}  // namespace

void check_mpi(int code, const char* call) {
  if (code == MPI_SUCCESS)
    return;
  std::array<char, MPI_MAX_ERROR_STRING> text{};
  int length = 0;
  if (MPI_Error_string(code, text.data(), &length) != MPI_SUCCESS)
    length = 0;
  throw LocalFailure(std::string(call) +
                     " failed: " + std::string(text.data(), static_cast<std::size_t>(length)));
}

MpiSession::MpiSession(int* argc, char*** argv) {
  int provided = MPI_THREAD_SINGLE;
  check_mpi(MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &provided), "MPI_Init_thread");
  if (provided < MPI_THREAD_FUNNELED) {
    MPI_Finalize();
    throw MachineError("this MPI does not allow threads beside it (MPI_THREAD_FUNNELED)");
  }
}

MpiSession::~MpiSession() {
  MPI_Finalize();
}

Communicator::Communicator(MPI_Comm original) {
  check_mpi(MPI_Comm_dup(original, &handle_), "MPI_Comm_dup");
  check_mpi(MPI_Comm_set_errhandler(handle_, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
  check_mpi(MPI_Comm_rank(handle_, &rank_), "MPI_Comm_rank");
  check_mpi(MPI_Comm_size(handle_, &size_), "MPI_Comm_size");
}

Communicator::~Communicator() {
  if (handle_ != MPI_COMM_NULL)
    MPI_Comm_free(&handle_);
}

void Communicator::barrier() const {
  if (size_ > 1)
    check_mpi(MPI_Barrier(handle_), "MPI_Barrier");
}

std::string Communicator::broadcast(const std::string& text) const {
  if (size_ == 1)
    return text;
  unsigned long long size = text.size();
  check_mpi(MPI_Bcast(&size, 1, MPI_UNSIGNED_LONG_LONG, 0, handle_), "MPI_Bcast");
  std::string received = text;
  received.resize(size);
  check_mpi(MPI_Bcast(received.data(), message_size(size), MPI_CHAR, 0, handle_), "MPI_Bcast");
  return received;
}

std::vector<std::vector<double>> Communicator::gather(const std::vector<double>& values) const {
  if (size_ == 1)
    return {values};
  const std::size_t width = values.size();
  std::vector<double> all(is_master() ? width * static_cast<std::size_t>(size_) : 0);
  check_mpi(MPI_Gather(values.data(), message_size(width), MPI_DOUBLE, all.data(),
                       message_size(width), MPI_DOUBLE, 0, handle_),
            "MPI_Gather");
  std::vector<std::vector<double>> rows;
  for (std::size_t rank = 0; is_master() && rank < static_cast<std::size_t>(size_); ++rank)
    rows.emplace_back(all.data() + rank * width, all.data() + (rank + 1) * width);
  return rows;
}

std::vector<std::string> Communicator::gather(const std::string& text) const {
  if (size_ == 1)
    return {text};
  const int size = message_size(text.size());
  std::vector<int> sizes(is_master() ? static_cast<std::size_t>(size_) : 0);
  check_mpi(MPI_Gather(&size, 1, MPI_INT, sizes.data(), 1, MPI_INT, 0, handle_), "MPI_Gather");
  std::vector<int> offsets(sizes.size());
  std::exclusive_scan(sizes.begin(), sizes.end(), offsets.begin(), 0);
  std::string all(is_master() ? static_cast<std::size_t>(offsets.back() + sizes.back()) : 0, '\0');
  check_mpi(MPI_Gatherv(text.data(), size, MPI_CHAR, all.data(), sizes.data(), offsets.data(),
                        MPI_CHAR, 0, handle_),
            "MPI_Gatherv");
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < sizes.size(); ++i)
    texts.push_back(
        all.substr(static_cast<std::size_t>(offsets[i]), static_cast<std::size_t>(sizes[i])));
  return texts;
}

void agree(const Communicator& communicator, const std::function<void()>& action) {
  constexpr char of_input = 'i', of_machine = 'm';
  std::string problem;  // whose fault, and what it is
  if (communicator.is_master()) {
    try {
      action();
    } catch (const InputError& error) {
      problem = of_input + std::string(error.what());
    } catch (const MachineError& error) {
      problem = of_machine + std::string(error.what());
    } catch (const std::filesystem::filesystem_error& error) {
      problem = of_machine + std::string(error.what());
    }
  }
  problem = communicator.broadcast(problem);
  if (problem.empty())
    return;
  if (problem.front() == of_input)
    throw InputError(problem.substr(1));
  throw MachineError(problem.substr(1));
}

}  // namespace nuloop::parallel
