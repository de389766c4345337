// nuloop run: a job on all ranks.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/sweep/run.hpp"

#include "leave.hpp"
#include "nuloop/analysis/analysis.hpp"
#include "nuloop/foundation/clock.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/parallel/launcher.hpp"
#include "put.hpp"
#include "verbs.hpp"

#include <csignal>
#include <filesystem>
#include <iostream>
#include <utility>

#include <fmt/format.h>
#include <mpi.h>

namespace nuloop::apps {
namespace {

// The one thing a signal handler may touch.
volatile std::sig_atomic_t stop_requested = 0;

// A batch system's warning that the time is up, and a user's request, end the run in good order.
void listen_for_stop() {
  struct sigaction action {};
  action.sa_handler = [](int) { stop_requested = 1; };
  action.sa_flags = SA_RESTART;
  for (const int signal : {SIGTERM, SIGUSR1})
    ::sigaction(signal, &action, nullptr);
  // So does Ctrl-C, and a second one ends it at once. Where it is ignored, as behind a script's &,
  // it stays so.
  struct sigaction before {};
  ::sigaction(SIGINT, nullptr, &before);
  action.sa_flags |= static_cast<int>(SA_RESETHAND);
  if (before.sa_handler != SIG_IGN)
    ::sigaction(SIGINT, &action, nullptr);
}

std::string default_output(const parallel::Communicator& communicator, const std::string& name) {
  parallel::agree(communicator, [] {
    std::error_code error;
    std::filesystem::create_directories("results", error);
    if (error)
      throw MachineError(
          fmt::format("results: cannot be created ({}); choose a file with -o", error.message()));
  });
  return "results/" + name + ".h5";
}

std::string failure_text(const sweep::RunOutcome& outcome, const std::string& path) {
  constexpr std::size_t shown = 10;
  const auto& problems = outcome.problems;
  std::string text = fmt::format(
      "scenarios failed; what could be done is in {}.part, --resume tries them again", path);
  for (std::size_t i = 0; i < std::min(shown, problems.size()); ++i)
    text += "\n  " + problems[i];
  if (problems.size() > shown)
    text += fmt::format("\n  and {} more", problems.size() - shown);
  return text;
}

void report_warning(const std::string& text) {
  fmt::print(stderr, "nuloop: warning: {}\n", text);
}

// How the ranks sit on the machine, and what slows them down there.
void report_places(const std::vector<parallel::RankPlace>& places) {
  fmt::print(stderr, "nuloop: {}\n", parallel::describe(places));
  for (const auto& warning : parallel::binding_warnings(places))
    report_warning(warning.text);
}

int run_job(const Words& words, const parallel::Communicator& communicator) {
  Options options("run");
  if (!options.parse(words))
    return status::done;

  listen_for_stop();
  const double begin = seconds_now();
  const setup::Inputs inputs = analysis::load_inputs(
      communicator, options.text("job"), options.texts("set"), options.text_or("configs", ""));
  if (communicator.is_master())
    put_warnings(inputs.provenance.warnings);
  const std::string path = options.has("output") ? options.text("output")
                                                 : default_output(communicator, inputs.job.name);
  sweep::Study study = analysis::make_study(inputs.job, inputs.world, inputs.provenance);
  const sweep::RunOutcome outcome =
      sweep::run(std::move(study), inputs.provenance, communicator, path,
                 {options.has("resume"), options.has("force"),
                  options.has("extend") ? options.text("extend") : "", seconds_now() - begin,
                  [] { return stop_requested != 0; }, report_places, report_warning});
  const auto say = [&](const std::string& text) {
    if (communicator.is_master())
      fmt::print(stderr, "nuloop: {}\n", text);
  };
  switch (outcome.end) {
    case sweep::RunOutcome::End::complete:
      say(path);
      return status::done;
    case sweep::RunOutcome::End::stopped:
      say(fmt::format("stopped on request with {} of {} tasks done; --resume continues {}.part",
                      outcome.tasks_done, outcome.tasks, path));
      return status::stopped;
    case sweep::RunOutcome::End::failed:
      throw NumericalError(failure_text(outcome, path));
  }
  return status::done;
}

// The status of the work on all ranks, whatever became of it.
int status_of_job(const Words& words, const parallel::Communicator& communicator) {
  try {
    return run_job(words, communicator);
  } catch (...) {
    const Failure failure = current_failure();
    if (communicator.is_master() || !failure.foreseen)
      std::cerr << failure.message << "\n";
    if (!failure.foreseen && communicator.handle() != MPI_COMM_NULL) {  // others would wait
      wait_for_reader();
      MPI_Abort(communicator.handle(), failure.status);
    }
    return failure.status;
  }
}

}  // namespace

int run(const Words& words) {
  if (!parallel::starts_mpi())
    return status_of_job(words, parallel::Communicator());
  const parallel::MpiSession mpi(nullptr, nullptr);
  const int status = status_of_job(words, parallel::Communicator(MPI_COMM_WORLD));
  std::cout.flush();
  hold_status(status);
  return status;
}

}  // namespace nuloop::apps
