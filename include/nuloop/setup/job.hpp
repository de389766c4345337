// A job: what to compute, read from TOML.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/io/document.hpp"
#include "nuloop/setup/parameters.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nuloop::setup {

using sweep::Axes;
using sweep::Axis;
using sweep::Column;

/// What a column of a job's axes is.
inline const Parameter& definition_of(const Column& column) {
  return parameters()[column.parameter];
}

/// A column of these values. @param parameter index into parameters().
Column column_of(std::size_t parameter, std::vector<Value> values);

/// An axis as a job of that kind has it. @param columns as of Axis.
Axis axis_of(std::vector<Column> columns, const Kind& kind);

/// Whether `predicate` holds for any of the axis's parameters.
template <class Predicate>
bool any_parameter(const Axis& axis, const Predicate& predicate) {
  return std::any_of(axis.columns.begin(), axis.columns.end(),
                     [&](const Column& column) { return predicate(definition_of(column)); });
}

/// Whether the axis changes the bins.
bool shapes_the_bins(const Axis& axis);

struct Job {
  std::string name;  ///< also that of the result file
  std::string title;
  const Kind* kind = nullptr;
  bool store_rates = true;  ///< whether a reach's result holds its spectra
  Axes axes;
  Settings settings;     ///< the job's own, else the defaults; empty for parameters of an axis
  std::string resolved;  ///< the job as TOML with every setting written out

  /// The axis whose dimension has the name `key`, or null.
  const Axis* axis(std::string_view key) const { return sweep::find_axis(axes, key); }
};

/// The keys of an axis. A job writes several as "detector.baseline, background".
std::vector<std::string> axis_keys(const std::string& written);

/// All values that a job gives to a numeric parameter: those of its axis or of a companion, else
/// the one of the settings.
std::vector<double> values_of(const Job& job, std::string_view key);

/// Whether at some point of the job the data come from another world than that of the fit.
bool has_data_world(const Job& job);

/// The names that a job gives to a choice, each once.
std::vector<std::string> names_of(const Job& job, std::string_view key);

/// Values in the order of parameters(), from tables of settings. Later tables overrule earlier
/// ones.
/// @throws InputError on unknown keys and bad values.
Settings read_settings(const std::vector<const io::Node*>& tables, const World& world);

/// Keys and values of a table of settings, whose keys are dotted or tables of their own. Nothing is
/// said of keys that no job has.
/// @param table kept by reference.
std::vector<std::pair<std::string, const io::Node*>> leaves_of(const io::Node& table);

/// Leaves out what configs/analysis.toml says of a resolution, where the job does not say it and
/// one of these experiments has its own. The others then bring what analysis.toml says.
/// @param own what the job itself sets.
void leave_to_experiments(Settings& settings, const Settings& own,
                          const std::vector<std::string>& experiments, const World& world);

/// The same of a choice and of its counterpart in the world of the data.
std::vector<std::string> names_in_both_worlds(const Job& job, const std::string& key);

/// The models that a job has as that hypothesis, "model" (under test) or "reference", each once.
std::vector<physics::Model> models_of(const Job& job, std::string_view key = "model");

/// Reads a job.
/// @param root the job's document, after any --set.
/// @param kinds of which it may be.
/// @throws InputError with file, line and key. A job too large for the memory is an error too.
Job read_job(const io::Node& root, const World& world, const Kinds& kinds);

/// Reads and checks a job of one point, of which no result is written.
/// @param root its `settings`. What they leave to configs/analysis.toml is blamed on root.where.
/// @param elsewhere keys that the kind needs and the settings do not have.
/// @throws InputError as read_job does.
Job read_point(const io::Node& root, const Kind& kind, const std::vector<std::string>& elsewhere,
               const World& world);

}  // namespace nuloop::setup
