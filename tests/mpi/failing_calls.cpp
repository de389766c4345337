// What becomes of errors: those of MPI are told by the name of the call, those of the master by
// its class on every rank. MPI's profiling interface lets a call fail.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "catch.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/parallel/communicator.hpp"
#include "nuloop/parallel/task_farm.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace {

using nuloop::InputError;
using nuloop::LocalFailure;
using nuloop::MachineError;
using nuloop::parallel::Communicator;

std::string_view failing;  // the call that does

// Calls the action while a call fails on all ranks; what is said of it.
template <class Action>
std::string failure_of(std::string_view call, const Action& action) {
  failing = call;
  std::string text;
  try {
    action();
  } catch (const LocalFailure& failure) {
    text = failure.what();
  }
  failing = {};
  return text;
}

template <class Error>
bool is_thrown_everywhere(const Communicator& communicator, const Error& error) {
  try {
    nuloop::parallel::agree(communicator, [&] { throw error; });
  } catch (const Error& found) {
    return std::string(found.what()) == error.what();
  }
  return false;
}

}  // namespace

extern "C" {
int MPI_Barrier(MPI_Comm communicator) {
  return failing == "MPI_Barrier" ? MPI_ERR_OTHER : PMPI_Barrier(communicator);
}
int MPI_Bcast(void* buffer, int count, MPI_Datatype type, int root, MPI_Comm communicator) {
  return failing == "MPI_Bcast" ? MPI_ERR_OTHER
                                : PMPI_Bcast(buffer, count, type, root, communicator);
}
int MPI_Comm_dup(MPI_Comm original, MPI_Comm* copy) {
  return failing == "MPI_Comm_dup" ? MPI_ERR_NO_MEM : PMPI_Comm_dup(original, copy);
}
int MPI_Scatter(const void* sent, int sent_count, MPI_Datatype sent_type, void* received,
                int received_count, MPI_Datatype received_type, int root, MPI_Comm communicator) {
  return failing == "MPI_Scatter" ? MPI_ERR_OTHER
                                  : PMPI_Scatter(sent, sent_count, sent_type, received,
                                                 received_count, received_type, root, communicator);
}
}

TEST_CASE("A call of MPI that fails is named") {
  const Communicator communicator(MPI_COMM_WORLD);
  REQUIRE(communicator.size() > 1);
  const auto starts_with = [](const std::string& text, const std::string& words) {
    return text.rfind(words, 0) == 0 && text.size() > words.size();
  };
  CHECK(starts_with(failure_of("MPI_Barrier", [&] { communicator.barrier(); }),
                    "MPI_Barrier failed: "));
  CHECK(starts_with(failure_of("MPI_Bcast", [&] { communicator.broadcast("text"); }),
                    "MPI_Bcast failed: "));
  CHECK(starts_with(failure_of("MPI_Comm_dup", [] { const Communicator copy(MPI_COMM_WORLD); }),
                    "MPI_Comm_dup failed: "));
  const auto farm = [&] {
    nuloop::parallel::run_tasks(communicator,
                                {[](int) { return std::optional<nuloop::parallel::TaskRange>(); },
                                 [](std::size_t) {}, [] { return false; }, [](std::size_t) {}});
  };
  CHECK(starts_with(failure_of("MPI_Scatter", farm), "MPI_Scatter failed: "));
  // Nothing of it is left.
  CHECK(communicator.broadcast(communicator.is_master() ? "text" : "") == "text");
}

TEST_CASE("Errors of a communicator are returned, not fatal") {
  const Communicator communicator(MPI_COMM_WORLD);
  MPI_Errhandler handler = MPI_ERRHANDLER_NULL;
  MPI_Comm_get_errhandler(communicator.handle(), &handler);
  CHECK(handler == MPI_ERRORS_RETURN);
  MPI_Errhandler_free(&handler);
  const int nobody = communicator.size();
  int number = 0;
  CHECK_THROWS_AS(nuloop::parallel::check_mpi(
                      MPI_Send(&number, 1, MPI_INT, nobody, 0, communicator.handle()), "MPI_Send"),
                  LocalFailure);
}

TEST_CASE("What fails on the master is thrown on every rank, as what it is") {
  const Communicator communicator(MPI_COMM_WORLD);
  CHECK(is_thrown_everywhere(communicator, InputError("job.toml:3: is wrong")));
  CHECK(is_thrown_everywhere(communicator, MachineError("disk: no space is left")));
  const std::error_code denied = std::make_error_code(std::errc::permission_denied);
  CHECK_THROWS_AS(
      nuloop::parallel::agree(communicator,
                              [&] { throw std::filesystem::filesystem_error("a folder", denied); }),
      MachineError);
  CHECK_NOTHROW(nuloop::parallel::agree(communicator, [] {}));
}
