// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/sweep/progress.hpp"

#include "nuloop/foundation/clock.hpp"
#include "nuloop/sweep/json_text.hpp"
#include "output.hpp"

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace nuloop::sweep {
namespace {

constexpr double terminal_interval_s = 0.2;
constexpr double log_interval_s = 10.0;
constexpr double file_interval_s = 1.0;

std::string duration(double seconds) {
  const auto whole = static_cast<long long>(std::ceil(seconds));
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

// Until this share of the work is done, an estimate of the end is a guess.
constexpr double least_share = 1e-3;

double left_s(double elapsed_s, double share) {
  return elapsed_s * (1.0 - share) / share;
}

}  // namespace

std::string progress_path(const std::string& result) {
  return result + ".progress.json";
}

std::optional<ProgressReport> read_progress(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error))
    return std::nullopt;
  try {
    std::ifstream file(path);
    const auto json = nlohmann::json::parse(file);
    return ProgressReport{json.at("state"), json.at("tasks_done"), json.at("tasks")};
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

Progress::Progress(std::string path, std::size_t done, std::size_t tasks)
    : path_(std::move(path)),
      before_(done),
      tasks_(tasks),
      terminal_(::isatty(STDERR_FILENO) == 1),
      start_s_(seconds_now()),
      shown_s_(terminal_ ? start_s_ : start_s_ - log_interval_s + 1.0),  // a log's first after 1 s
      written_s_(start_s_) {
  write(start_s_, "running");
}

void Progress::operator()(std::size_t done, double share) {
  done_ = done;
  share_ = share;
  const double now = seconds_now();
  if (now - shown_s_ >= (terminal_ ? terminal_interval_s : log_interval_s)) {
    show(now, false);
    shown_s_ = now;
  }
  if (now - written_s_ >= file_interval_s) {
    write(now, "running");
    written_s_ = now;
  }
}

void Progress::finish(const std::string& state) {
  const double now = seconds_now();
  show(now, true);
  if (state == "complete") {
    std::error_code ignored;
    if (is_file_or_nothing(path_))
      std::filesystem::remove(path_, ignored);
  } else {
    write(now, state);
  }
}

void Progress::show(double now, bool last) const {
  const double elapsed = now - start_s_;
  const double rate = elapsed > 0.0 ? static_cast<double>(done_) / elapsed : 0.0;
  const std::string end = last ? fmt::format("{:.2f} s", elapsed)
                          : share_ > least_share
                              ? "about " + duration(left_s(elapsed, share_)) + " left"
                              : "no estimate yet";
  fmt::print(stderr, "{}nuloop: {}/{} tasks, {:.3g} per second, {}{}{}", terminal_ ? "\r" : "",
             before_ + done_, tasks_, rate, end, terminal_ ? "\033[K" : "",
             terminal_ && !last ? "" : "\n");
  std::fflush(stderr);
}

// Beside the old one and renamed, so that a reader never sees half of it. A disk that is full or
// gone must not end the run. What is no file is the user's.
void Progress::write(double now, const std::string& state) const {
  const std::string temporary = path_ + ".new";
  if (!is_file_or_nothing(path_) || !is_file_or_nothing(temporary))
    return;
  const double elapsed = now - start_s_;
  nlohmann::ordered_json json = {{"state", state},
                                 {"tasks", tasks_},
                                 {"tasks_done", before_ + done_},
                                 {"tasks_done_in_this_run", done_},
                                 {"share_of_work", share_},
                                 {"elapsed_s", elapsed},
                                 {"left_s", nullptr},
                                 {"process", ::getpid()}};
  if (share_ > least_share)
    json["left_s"] = left_s(elapsed, share_);
  std::error_code ignored;
  {
    std::ofstream file(temporary);
    file << json_text(json) << "\n";
    if (!file.flush()) {
      file.close();
      std::filesystem::remove(temporary, ignored);
      return;
    }
  }
  std::filesystem::rename(temporary, path_, ignored);
}

}  // namespace nuloop::sweep
