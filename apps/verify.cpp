// nuloop verify: is a result complete and intact, is it the same as another?
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/verify.hpp"

#include "nuloop/foundation/errors.hpp"
#include "put.hpp"
#include "scenario_options.hpp"
#include "verbs.hpp"

namespace nuloop::apps {

int verify(const Words& words) {
  Options options("verify FILE.h5 [OTHER.h5]");
  options.positional("file", "a result of `nuloop run`, finished or not", true);
  options.positional("other", "another one, to compare with", false);
  if (!options.parse(words))
    return status::done;
  const std::string path = options.text("file");
  const study::World world = load_world();
  const study::Verification result = study::verify(path, world);
  put("{}: {} of {} points done, in {} of {} tasks\n", path, result.points_done, result.points,
      result.tasks_done, result.tasks);
  if (result.tasks_failed > 0)
    put("{}: points failed in {} tasks\n", path, result.tasks_failed);
  if (!result.intact())
    throw InputError(
        fmt::format("{}: {} tasks are damaged; the first is {}; `nuloop run --resume` "
                    "does them again if the file is named .part",
                    path, result.tasks_damaged, result.first_damage));
  put("{}: intact, {}\n", path, result.complete() ? "complete" : "not complete");
  if (options.has("other")) {
    const std::string other = options.text("other");
    const std::string difference = study::first_difference(path, other, world);
    if (!difference.empty())
      throw InputError(fmt::format("{} and {} differ: {}", path, other, difference));
    put("{}: the same results\n", other);
  }
  return result.complete() ? status::done : status::stopped;
}

}  // namespace nuloop::apps
