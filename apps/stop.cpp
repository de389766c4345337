// nuloop stop: ends a run in good order, from outside.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/sweep/stop.hpp"

#include "nuloop/sweep/progress.hpp"
#include "verbs.hpp"

#include <filesystem>

#include <fmt/format.h>

namespace nuloop::apps {
namespace {

// What the run has left behind.
std::string ending(const std::string& path) {
  const std::string part = path + ".part";
  std::error_code error;
  if (!std::filesystem::exists(part, error))
    return fmt::format("{}: the run had come to its end and is complete", path);
  const auto progress = sweep::read_progress(sweep::progress_path(path));
  const std::string done =
      progress ? fmt::format(" with {} of {} tasks done", progress->tasks_done, progress->tasks)
               : "";
  return fmt::format("{}: {}{}; --resume continues it", part,
                     progress && progress->state == "stopped" ? "stopped" : "the run has ended",
                     done);
}

}  // namespace

int stop(const Words& words) {
  Options options("stop");
  if (!options.parse(words))
    return status::done;
  const std::string path = options.text("file");
  sweep::request_stop(path);
  fmt::print(stderr, "nuloop: {}: asked to stop; the ranks finish the tasks in hand\n", path);
  if (options.has("no-wait"))
    return status::done;
  sweep::wait_for_stop(path);
  if (sweep::is_being_written(path) == sweep::Writing::unknown)
    fmt::print(stderr, "nuloop: {}: its file system does not tell when the run ends\n", path);
  else
    fmt::print(stderr, "nuloop: {}\n", ending(path));
  return status::done;
}

}  // namespace nuloop::apps
