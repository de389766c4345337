// nuloop run: a job on all ranks.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/run.hpp"

#include "nuloop/foundation/errors.hpp"
#include "verbs.hpp"

#include <filesystem>
#include <iostream>
#include <sstream>

#include <fmt/format.h>
#include <mpi.h>

namespace nuloop::apps {
namespace {

std::string default_output(const parallel::Communicator& communicator, const std::string& name) {
  study::agree(communicator, [] {
    std::error_code error;
    std::filesystem::create_directories("results", error);
    if (error)
      throw InputError(
          fmt::format("results: cannot be created ({}); choose a file with -o", error.message()));
  });
  return "results/" + name + ".h5";
}

int run_job(const Words& words, const parallel::Communicator& communicator) {
  Options options("run JOB.toml [-o FILE.h5] [--set key=value ...]");
  options.positional("job", "the job to compute", true);
  options.optional("output,o", "result file; results/NAME.h5 if left out");
  options.repeatable("set", "change a key of the job, as in settings.flux=huber");
  if (!options.parse(words))
    return status::done;

  const study::Inputs inputs =
      study::load_inputs(communicator, options.text("job"), options.texts("set"));
  const std::string path = options.has("output") ? options.text("output")
                                                 : default_output(communicator, inputs.job.name);
  const auto problems = study::run(inputs, communicator, path);
  if (problems.empty()) {
    if (communicator.is_master())
      fmt::print(stderr, "nuloop: {}\n", path);
    return status::done;
  }
  constexpr std::size_t shown = 10;
  std::string text = fmt::format("scenarios failed; what could be done is in {}.part", path);
  for (std::size_t i = 0; i < std::min(shown, problems.size()); ++i)
    text += "\n  " + problems[i];
  if (problems.size() > shown)
    text += fmt::format("\n  and {} more", problems.size() - shown);
  throw NumericalError(text);
}

}  // namespace

int run(const Words& words, int* argc, char*** argv) {
  const parallel::MpiSession mpi(argc, argv);
  const parallel::Communicator communicator(MPI_COMM_WORLD);
  try {
    return run_job(words, communicator);
  } catch (...) {
    const Failure failure = current_failure();
    if (communicator.is_master() || !failure.foreseen)
      std::cerr << failure.message << "\n";
    if (!failure.foreseen)  // this rank alone: do not leave the others waiting
      MPI_Abort(communicator.handle(), failure.status);
    return failure.status;
  }
}

}  // namespace nuloop::apps
