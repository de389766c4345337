// SPDX-License-Identifier: GPL-3.0-or-later
#include "script.hpp"

#include "nuloop/foundation/errors.hpp"
#include "nuloop/setup/world.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>

namespace nuloop::apps {
namespace {

std::string path_of(const std::string& name) {
  std::string path = setup::installed("plots/" + name);
  if (!std::filesystem::exists(path))
    throw MachineError(path + ": is missing; it is installed with the program");
  return path;
}

// Debian's own has h5py and matplotlib; another may come first on the PATH.
std::string python() {
  const char* named = std::getenv("NULOOP_PYTHON");
  return named != nullptr && *named != '\0' ? named : "/usr/bin/python3";
}

}  // namespace

std::string figure_size(const Options& options) {
  std::string size = options.text_or("size", "paper");
  if (size != "paper" && size != "talk")
    throw UsageError(fmt::format("--size: unknown \"{}\"; there are paper and talk", size));
  return size;
}

void become_script(const std::string& name, const Words& words) {
  Words command = {python(), path_of(name)};
  command.insert(command.end(), words.begin(), words.end());
  std::vector<char*> arguments;
  for (std::string& word : command)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  // A figure asks it for what a result says beyond its numbers.
  setenv("NULOOP_PROGRAM", std::filesystem::read_symlink("/proc/self/exe").c_str(), 1);
  execvp(arguments[0], arguments.data());
  throw MachineError(
      fmt::format("{}: cannot be started ({}); NULOOP_PYTHON names a Python with h5py and "
                  "matplotlib",
                  command[0], std::strerror(errno)));
}

}  // namespace nuloop::apps
