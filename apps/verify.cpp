// nuloop verify: is a result complete and intact, is it the same as another?
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/verify.hpp"

#include "nuloop/foundation/errors.hpp"
#include "nuloop/study/compare.hpp"
#include "put.hpp"
#include "scenario_options.hpp"
#include "verbs.hpp"

#include <cmath>

namespace nuloop::apps {
namespace {

using study::Comparison;

// Prints how much of a result is there. @throws InputError if part of it is damaged.
bool check_one(const std::string& path, const study::World& world) {
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
  return result.complete();
}

std::string describe(const study::Difference& difference) {
  return fmt::format("{}: {} and {}{}", difference.place, difference.value, difference.other,
                     std::isfinite(difference.bounds)
                         ? fmt::format(", {:.2g} of what the error bounds allow", difference.bounds)
                         : "");
}

// Prints in what way two results are the same. @throws InputError if they are not.
void compare_with(const std::string& path, const std::string& other, const study::World& world) {
  const Comparison found = study::compare(path, other, world);
  for (const std::string& remark : found.remarks)
    put("{}: {}\n", other, remark);
  switch (found.outcome) {
    case Comparison::Outcome::same_bytes:
      put("{}: the same bytes\n", other);
      return;
    case Comparison::Outcome::same_values:
      put("{}: the same results, all {} numbers to the last bit\n", other, found.values);
      return;
    case Comparison::Outcome::within_bounds:
      put("{}: the same results within error bounds; {} of {} numbers differ\n", other,
          found.differing, found.values);
      if (!found.largest.place.empty())
        put("{}: the largest difference is at {}\n", other, describe(found.largest));
      return;
    case Comparison::Outcome::different:
      break;
  }
  if (!found.other_job.empty())
    throw InputError(
        fmt::format("{} and {} are results of different jobs: {}", path, other, found.other_job));
  throw InputError(fmt::format(
      "{} and {} differ: {} of {} numbers by more than error bounds allow; the largest difference "
      "is at {}",
      path, other, found.beyond, found.values, describe(found.largest)));
}

}  // namespace

int verify(const Words& words) {
  Options options("verify");
  if (!options.parse(words))
    return status::done;
  const study::World world = load_world();
  const std::string path = options.text("file");
  const bool complete = check_one(path, world);
  if (options.has("other")) {
    const std::string other = options.text("other");
    check_one(other, world);
    compare_with(path, other, world);
  }
  return complete ? status::done : status::stopped;
}

}  // namespace nuloop::apps
