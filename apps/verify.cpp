// nuloop verify: is a result complete and intact, is it the same as another?
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/sweep/verify.hpp"

#include "nuloop/analysis/analysis.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/io/seal.hpp"
#include "nuloop/sweep/compare.hpp"
#include "put.hpp"
#include "verbs.hpp"

#include <cmath>
#include <filesystem>

namespace nuloop::apps {
namespace {

using sweep::Sameness;

// A result and what it is of.
struct Opened {
  explicit Opened(const std::string& path)
      : file(path, analysis::kinds()),
        world(setup::build_world(setup::configs_of(file))),
        study(analysis::study_of(file, world)) {}
  setup::Result file;
  setup::World world;
  sweep::Study study;
};

// Prints how much of a result is there. @throws InputError if part of it is damaged.
bool check_one(const Opened& opened) {
  const std::string& path = opened.file.path();
  const sweep::Verification result = sweep::verify(opened.file, opened.study);
  put("{}: {} of {} points done, in {} of {} tasks\n", path, result.points_done, result.points,
      result.tasks_done, result.tasks);
  if (result.tasks_failed > 0)
    put("{}: points failed in {} tasks\n", path, result.tasks_failed);
  if (!result.intact())
    throw InputError(
        fmt::format("{}: {} tasks are damaged; the first is {}; `nuloop run --resume` "
                    "does them again if the file is named .part",
                    path, result.tasks_damaged, result.first_damage));
  const bool sealed = io::has_seal(path);
  if (sealed && !io::has_right_seal(path))
    throw InputError(
        path +
        ": is damaged, outside the values of its tasks: its job, its axes or what HDF5 "
        "keeps beside them; run its job again");
  put("{}: intact, {}\n", path, result.complete() ? "complete" : "not complete");
  if (std::filesystem::exists(path + ".part"))
    put("{}: beside it is {}.part, of a run that is not complete\n", path, path);
  if (result.complete() && !sealed)
    put("{}: has no seal: nothing says whether its texts and attributes are right\n", path);
  return result.complete();
}

std::string describe(const sweep::Difference& difference) {
  return fmt::format("{}: {} and {}{}", difference.place, difference.value, difference.other,
                     std::isfinite(difference.bounds)
                         ? fmt::format(", {:.2g} of what the error bounds allow", difference.bounds)
                         : "");
}

// Prints in what way two results are the same. @throws InputError if they are not.
void compare_with(const Opened& a, const Opened& b) {
  const std::string& path = a.file.path();
  const std::string& other = b.file.path();
  const Sameness found = sweep::compare(a.file, a.study, b.file, b.study);
  for (const std::string& remark : found.remarks)
    put("{}: {}\n", other, remark);
  switch (found.outcome) {
    case Sameness::Outcome::same_bytes:
      put("{}: the same bytes\n", other);
      return;
    case Sameness::Outcome::same_values:
      put("{}: the same results, all {} numbers to the last bit\n", other, found.values);
      return;
    case Sameness::Outcome::within_bounds:
      put("{}: the same results within error bounds; {} of {} numbers differ\n", other,
          found.differing, found.values);
      if (!found.largest.place.empty())
        put("{}: the largest difference is at {}\n", other, describe(found.largest));
      return;
    case Sameness::Outcome::different:
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
  const Opened result(options.text("file"));
  const bool complete = check_one(result);
  if (options.has("other")) {
    const Opened other(options.text("other"));
    check_one(other);
    compare_with(result, other);
  }
  return complete ? status::done : status::stopped;
}

}  // namespace nuloop::apps
