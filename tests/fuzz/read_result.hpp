// Reads a file as all of nuloop reads results, and checks what comes out of it.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "fuzz/forged_result.hpp"
#include "fuzz/harness.hpp"
#include "nuloop/analysis/analysis.hpp"
#include "nuloop/analysis/earlier_result.hpp"
#include "nuloop/analysis/earlier_toys.hpp"
#include "nuloop/analysis/scenarios.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/sweep/compare.hpp"
#include "nuloop/sweep/result_file.hpp"
#include "nuloop/sweep/study.hpp"
#include "nuloop/sweep/verify.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

#include <nlohmann/json.hpp>

namespace nuloop::fuzz {

/// A file in memory, where there is such a folder; gone with the object.
class TemporaryFile {
 public:
  TemporaryFile() : path_(std::filesystem::exists("/dev/shm") ? "/dev/shm" : "/tmp") {
    path_ += "/nuloop-fuzz-XXXXXX";
    const int descriptor = ::mkstemp(path_.data());
    promise(descriptor >= 0 && ::close(descriptor) == 0, "a temporary file can be made");
  }
  ~TemporaryFile() { ::unlink(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// @param named a scale of names that is no parameter.
inline void check_values(const std::string& key, const std::vector<setup::Value>& values,
                         bool named = false) {
  const auto parameter = setup::find_parameter(key);
  const bool numbers = parameter ? setup::parameters()[*parameter].quantity() != nullptr : !named;
  for (const setup::Value& value : values) {
    promise(std::holds_alternative<double>(value) == numbers, "an axis is of its kind");
    if (const auto* name = std::get_if<std::string>(&value))
      static_cast<void>(nlohmann::json(*name).dump());  // throws if it is not UTF-8
  }
}

// As `nuloop report` reads a dataset.
inline void check_table(const setup::Result& file, const std::string& dataset, sweep::Depth along,
                        const std::vector<std::string>& further = {},
                        const std::vector<std::string>& names = {}) {
  const sweep::ResultTable table = file.table(dataset, along, further, names);
  std::size_t points = 1;
  for (const auto& axis : table.axes) {
    points *= axis.values.size();
    const bool named = std::find(names.begin(), names.end(), "/impacts/" + axis.key) != names.end();
    check_values(axis.key, axis.values, named);
    for (const auto& [key, values] : axis.companions) {
      promise(values.size() == axis.values.size(), "what moves along is as long as the axis");
      check_values(key, values);
    }
  }
  promise(points > 0 && table.values.size() == points, "there is a value for each point");
}

inline void check_tables(const setup::Result& file) {
  static_cast<void>(nlohmann::json(file.title()).dump());
  static_cast<void>(file.unfinished());
  const std::string_view kind = file.kind().name;
  if (kind == "reach") {
    check_table(file, "/discovery_time", sweep::Depth::inner);
  } else if (kind == "impacts") {
    check_table(file, "/discovery_time", sweep::Depth::inner);
    for (const char* name : {"value", "derivative", "elasticity", "uncertainty", "shift"})
      check_table(file, std::string("/impacts/") + name, sweep::Depth::outer, {},
                  {"/impacts/input"});
    static_cast<void>(file.texts("/impacts/unit"));
  } else if (kind == "rates") {
    for (const char* name : {"/rates/signal_lo", "/rates/signal", "/rates/background"})
      check_table(file, name, sweep::Depth::outer, {"/rates/bin"});
  } else if (kind == "cross-section") {
    for (const char* name : {"/born", "/loops", "/photonic", "/cross_section"})
      check_table(file, name, sweep::Depth::outer);
  } else if (kind == "toys") {
    for (const char* name :
         {"/toys/significance", "/toys/z_expected", "/toys/p_value_of_significance"})
      check_table(file, name, sweep::Depth::innermost);
    check_table(file, "/toys/quantile", sweep::Depth::innermost, {"/toys/probability"});
    check_table(file, "/toys/p_value", sweep::Depth::innermost, {"/toys/threshold"});
  } else {
    promise(kind == "measurement", "the tables of every kind are known here");
    for (const char* name :
         {"/measurement/best_fit", "/measurement/chi2_min", "/measurement/other_minimum"})
      check_table(file, name, sweep::Depth::outer);
    for (const char* name : {"/measurement/interval_low", "/measurement/interval_high"})
      check_table(file, name, sweep::Depth::outer, {"/measurement/level"});
  }
}

// As `nuloop verify` and `run --resume` read the tasks.
inline void check_tasks(const std::string& path) {
  const setup::Result file = analysis::read_result(path);
  const sweep::Study study = analysis::study_of(file, forged_world());
  const sweep::Verification verification = sweep::verify(file, study);
  const sweep::Plan& plan = study.plan;
  const sweep::TaskReader tasks(file, study);
  std::size_t done = 0;
  for (std::size_t task = 0; task < plan.task_count(); ++task)
    done += tasks.state(task) == sweep::TaskState::done ? 1 : 0;
  promise(verification.tasks == plan.task_count() && verification.tasks_done == done,
          "verify and resume agree on what is done");
  promise(verification.points_done <= verification.points, "no more is done than there is");
  promise(!verification.complete() || verification.points_done == verification.points,
          "what is complete has all points");
}

// As `run --extend` reads an earlier result, for a job with more experiments than the first forged
// one has. Whether the file has been read so.
inline bool check_earlier(const std::string& path) {
  static const setup::Inputs wanted = {
      forged_world(),
      forged_job(0, {"\"tao-30m\", \"tao-44m\"", "\"tao-44m\", \"cloud-surface\", \"tao-30m\""}),
      {forged_inputs}};
  static const sweep::Plan plan = analysis::make_study(wanted.job, wanted.world).plan;
  static const std::size_t bins = analysis::most_bins(wanted.job);
  const analysis::EarlierResult earlier(path, {wanted.job, wanted.world, wanted.provenance});
  bool any = false;
  for (std::size_t index = 0; index < plan.task_count(); ++index) {
    const sweep::Task task = plan.task(index);
    const auto rates = earlier.rates(task, std::vector<std::size_t>(task.points(), bins));
    promise(rates.has_value() == earlier.covers(task), "what is covered can be read");
    promise(!rates || rates->size() == task.points(), "there are rates for each point");
    any = any || rates;
  }
  return any;
}

// The same for more pseudo-experiments than the forged result has.
inline void check_earlier_toys(const std::string& path) {
  static const setup::Inputs wanted = {
      forged_world(),
      forged_job(old_results, {"toys.count = 5000", "toys.count = 10000"}),
      {forged_inputs}};
  static const sweep::Study study = analysis::make_study(wanted.job, wanted.world);
  const analysis::EarlierToys earlier(path, {wanted.job, wanted.world, wanted.provenance});
  earlier.check();
  for (std::size_t index = 0; index < study.plan.task_count(); ++index) {
    const std::optional<sweep::TaskResult> task = earlier.begin(index);
    promise(task && task->values.size() == study.layout.fields().size(), "a task has all datasets");
    for (const sweep::Status status : task->status)
      promise(status == sweep::Status::pending, "what is extended is to be done");
  }
}

/// In which way a file is read: one at a time, so that a run gets through many files.
enum class Way { report, resume, compare, extend };
inline constexpr std::size_t ways = 4;

/// Whether the file is accepted when it is read so. @param number the forged result to compare
/// with.
inline bool read_result(const std::string& path, Way way, std::size_t number = 0) {
  const bool claims = sweep::is_result_file(path);
  try {
    switch (way) {
      case Way::report:
        check_tables(analysis::read_result(path));
        break;
      case Way::resume:
        check_tasks(path);
        break;
      case Way::compare: {
        static const std::array<TemporaryFile, results_to_begin_with> good;
        if (std::filesystem::file_size(good.at(number).path()) == 0) {
          const std::uint8_t choice = forged_choice(number);
          write_forged_result(good.at(number).path(), &choice, 1);
        }
        const setup::Result file = analysis::read_result(path);
        const setup::Result other = analysis::read_result(good.at(number).path());
        static_cast<void>(sweep::compare(file, analysis::study_of(file, forged_world()), other,
                                         analysis::study_of(other, forged_world())));
        break;
      }
      case Way::extend:
        if (&analysis::read_result(path).kind() == &analysis::kind_named("toys"))
          check_earlier_toys(path);
        else
          promise(check_earlier(path), "what can be extended has points to give");
        break;
    }
  } catch (const InputError&) {
    return false;
  }
  promise(claims, "what is read as a result says that it is one");
  return true;
}

}  // namespace nuloop::fuzz
