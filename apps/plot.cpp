// nuloop plot: the figure of a result, by the Python scripts of apps/plots.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "script.hpp"
#include "verbs.hpp"

#include <fmt/format.h>

namespace nuloop::apps {

int plot(const Words& words) {
  Options options("plot");
  if (!options.parse(words))
    return status::done;
  Words command = {options.text("file"), "--size", figure_size(options)};
  for (const std::string& selection : options.texts("only"))
    command.insert(command.end(), {"--only", selection});
  for (const char* flag : {"html", "open"})
    if (options.has(flag))
      command.push_back(fmt::format("--{}", flag));
  become_script("plot.py", command);
}

}  // namespace nuloop::apps
