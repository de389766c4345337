// nuloop: how long must a reactor experiment run before it sees the quantum corrections?
// SPDX-License-Identifier: GPL-3.0-or-later
#include "leave.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/io/reader.hpp"
#include "nuloop/io/version.hpp"
#include "nuloop/study/run.hpp"
#include "verbs.hpp"

#include <exception>
#include <iostream>
#include <map>
#include <string>

#include <fmt/format.h>

namespace nuloop::apps {
namespace {

constexpr const char* usage_text = R"(usage: nuloop VERB ...

  run JOB.toml [-o FILE.h5] [--resume | --force] [--extend EARLIER.h5] [--set key=value ...]
                                                      compute a job, under mpirun, srun or alone
  plan JOB.toml [--ranks N] [--threads N]             what it would cost
  stop FILE.h5 [--no-wait]                            end the run that is writing it, in good order
  report FILE.h5 [--format table|csv|json]            what came out, beside what is published
  verify FILE.h5 [OTHER.h5]                           complete? intact? the same results?
  xsec --model M --observable O --energy E[,E...] (--recoil T[,T...] | --total)
       [--flavour F] [--sin2-theta-w S] [--parts]     cross sections
  rates --experiment NAME --model M [...]             expected spectra of signal and background
  reach --experiment NAME --model M --flux-uncertainty F [...]      discovery time
  list [experiments|models|fluxes|backgrounds|keys]   what there is to choose from

`nuloop VERB --help` lists the options of a verb.
)";

int dispatch(int argc, char** argv) {
  const Words words(argv + 1, argv + argc);
  if (words.empty())
    throw UsageError(
        "a verb is missing: run, plan, stop, report, verify, xsec, rates, reach or list (see "
        "--help)");
  const std::string& verb = words.front();
  const Words rest(words.begin() + 1, words.end());
  if (verb == "--help" || verb == "-h") {
    std::cout << usage_text;
    return status::done;
  }
  if (verb == "--version") {
    std::cout << "nuloop " << io::version() << " (" << io::git_revision() << ")\n";
    return status::done;
  }
  if (verb == "run")
    return run(rest, &argc, &argv);
  const std::map<std::string, int (*)(const Words&)> verbs = {
      {"plan", plan}, {"stop", stop},   {"report", report}, {"verify", verify},
      {"xsec", xsec}, {"rates", rates}, {"reach", reach},   {"list", list}};
  const auto found = verbs.find(verb);
  if (found == verbs.end())
    throw UsageError(fmt::format("unknown verb \"{}\"; {}", verb,
                                 io::suggestion(verb, {"run", "plan", "stop", "report", "verify",
                                                       "xsec", "rates", "reach", "list"})));
  return found->second(rest);
}

}  // namespace

Failure current_failure() {
  try {
    throw;
  } catch (const UsageError& error) {
    return {status::usage, fmt::format("nuloop: {}", error.what()), true};
  } catch (const InputError& error) {
    return {status::bad_input, fmt::format("nuloop: {}", error.what()), true};
  } catch (const NumericalError& error) {
    return {status::numerical_failure, fmt::format("nuloop: numerical failure: {}", error.what()),
            true};
  } catch (const study::LocalFailure& error) {
    return {status::bad_input, fmt::format("nuloop: {}", error.what()), false};
  } catch (const std::exception& error) {
    return {status::numerical_failure, fmt::format("nuloop: unexpected: {}", error.what()), false};
  }
}

}  // namespace nuloop::apps

int main(int argc, char** argv) {
  using nuloop::apps::leave;
  try {
    const int status = nuloop::apps::dispatch(argc, argv);
    std::cout.flush();
    if (!std::cout)
      throw nuloop::InputError("standard output cannot be written");
    leave(status);
  } catch (...) {
    const auto failure = nuloop::apps::current_failure();
    std::cerr << failure.message << "\n";
    leave(failure.status);
  }
}
