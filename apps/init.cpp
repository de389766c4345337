// nuloop init: a folder to start an experiment of one's own from.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/foundation/errors.hpp"
#include "nuloop/setup/world.hpp"
#include "put.hpp"
#include "verbs.hpp"

#include <filesystem>
#include <system_error>

#include <fmt/format.h>

namespace nuloop::apps {

int init(const Words& words) {
  Options options("init");
  if (!options.parse(words))
    return status::done;
  namespace fs = std::filesystem;
  const fs::path folder = options.text("folder");
  const fs::path example = fs::path(setup::configs_folder()) / "example";
  std::error_code error;
  if (fs::exists(fs::symlink_status(folder, error)))
    throw InputError(fmt::format("{}: exists; nothing is written into it", folder.string()));
  fs::copy(example, folder, error);
  if (error) {
    const std::string reason = error.message();
    fs::remove_all(folder, error);  // so that the same command can be given again
    throw MachineError(fmt::format("{}: {} cannot be copied there ({})", folder.string(),
                                   example.string(), reason));
  }
  put("{0}: a research reactor and a plastic scintillator; change what is yours, then\n"
      "  nuloop list experiments --configs {0}\n"
      "  nuloop run {0}/job.toml\n",
      folder.string());
  return status::done;
}

}  // namespace nuloop::apps
