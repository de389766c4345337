// nuloop plot: the figure of a result, by the Python scripts of apps/plots.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/foundation/errors.hpp"
#include "nuloop/setup/world.hpp"
#include "verbs.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <unistd.h>

#include <fmt/format.h>

namespace nuloop::apps {
namespace {

std::string script() {
  std::string path = setup::installed("plots/plot.py");
  if (!std::filesystem::exists(path))
    throw InputError(path + ": is missing; it is installed with the program");
  return path;
}

// Debian's own has h5py and matplotlib; another may come first on the PATH.
std::string python() {
  const char* named = std::getenv("NULOOP_PYTHON");
  return named != nullptr && *named != '\0' ? named : "/usr/bin/python3";
}

}  // namespace

int plot(const Words& words) {
  Options options("plot");
  if (!options.parse(words))
    return status::done;
  const std::string size = options.text_or("size", "paper");
  if (size != "paper" && size != "talk")
    throw UsageError(fmt::format("--size: unknown \"{}\"; there are paper and talk", size));
  Words command = {python(), script(), options.text("file"), "--size", size};
  for (const std::string& selection : options.texts("only"))
    command.insert(command.end(), {"--only", selection});
  for (const char* flag : {"html", "open"})
    if (options.has(flag))
      command.push_back(fmt::format("--{}", flag));

  std::vector<char*> arguments;
  for (std::string& word : command)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  throw InputError(
      fmt::format("{}: cannot be started ({}); NULOOP_PYTHON names a Python with h5py and "
                  "matplotlib",
                  command[0], std::strerror(errno)));
}

}  // namespace nuloop::apps
