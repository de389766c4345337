// nuloop: how long must a reactor experiment run before it sees the quantum corrections?
// SPDX-License-Identifier: GPL-3.0-or-later
#include "help.hpp"
#include "leave.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/io/version.hpp"
#include "nuloop/sweep/run.hpp"
#include "verbs.hpp"

#include <exception>
#include <iostream>
#include <string>

#include <fmt/format.h>

namespace nuloop::apps {
namespace {

int dispatch(int argc, char** argv) {
  const Words words(argv + 1, argv + argc);
  const std::string verb = words.empty() ? "" : words.front();
  if (verb == "--help" || verb == "-h") {
    print_help();
    return status::done;
  }
  if (verb == "--version") {
    std::cout << "nuloop " << io::version() << " (" << io::git_revision() << ")\n";
    return status::done;
  }
  return find_verb(verb).call({words.begin() + 1, words.end()});
}

// A line for each problem.
std::string each_line(std::string text) {
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; ++at)
    text.replace(at, 1, "\nnuloop: ");
  return "nuloop: " + text;
}

}  // namespace

Failure current_failure() {
  try {
    throw;
  } catch (const UsageError& error) {
    return {status::usage, fmt::format("nuloop: {}", error.what()), true};
  } catch (const OutsideError& error) {
    return {status::bad_input, each_line(error.what()), true};
  } catch (const NumericalError& error) {
    return {status::numerical_failure, fmt::format("nuloop: numerical failure: {}", error.what()),
            true};
  } catch (const LocalFailure& error) {
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
      throw nuloop::MachineError("standard output cannot be written");
    leave(status);
  } catch (...) {
    const auto failure = nuloop::apps::current_failure();
    std::cerr << failure.message << "\n";
    leave(failure.status);
  }
}
