// A job: what to compute, read from TOML.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/io/document.hpp"
#include "nuloop/study/parameters.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace nuloop::study {

struct Axis {
  /// Another parameter, with a value for each value of the axis.
  struct Companion {
    std::size_t parameter;
    std::vector<Value> values;  ///< as many as the axis has
    const Parameter& definition() const { return parameters()[parameter]; }
  };

  std::size_t parameter;  ///< index into parameters(); it names the dimension
  std::vector<Value> values;
  std::vector<Companion> companions;

  const Parameter& definition() const { return parameters()[parameter]; }

  /// Whether `predicate` holds for the definition of any parameter of the axis.
  template <class Predicate>
  bool any(const Predicate& predicate) const {
    return predicate(definition()) ||
           std::any_of(companions.begin(), companions.end(), [&](const Companion& companion) {
             return predicate(companion.definition());
           });
  }

  /// Calls visit(parameter index, value) for all its parameters at the n-th point.
  template <class Visit>
  void visit(std::size_t n, const Visit& visit) const {
    visit(parameter, values[n]);
    for (const Companion& companion : companions)
      visit(companion.parameter, companion.values[n]);
  }
};

/// Whether the axis changes the bins.
bool shapes_the_bins(const Axis& axis);

struct Job {
  std::string name;  ///< also that of the result file
  std::string title;
  Kind kind{};
  bool store_rates = true;  ///< whether a reach's result holds its spectra
  std::vector<Axis> axes;   ///< in the order of the file; each is a dimension of the result
  Settings settings;        ///< the job's own, else the defaults; empty for parameters of an axis
  std::string resolved;     ///< the job as TOML with every setting written out

  /// The axis whose dimension has the name `key`, or null.
  const Axis* axis(std::string_view key) const;
};

/// The keys of an axis. A job writes several as "detector.baseline, background".
std::vector<std::string> axis_keys(const std::string& written);

/// All values that a job gives to a numeric parameter: those of its axis or of a companion, else
/// the one of the settings.
std::vector<double> values_of(const Job& job, std::string_view key);

/// Values in the order of parameters(), from tables of settings. Later tables overrule earlier
/// ones.
/// @throws InputError on unknown keys and bad values.
Settings read_settings(const std::vector<const io::Node*>& tables, const World& world);

/// Checks that the settings have every key that a job of this kind needs. An experiment has those
/// of reactor, detector and background, and configs/couplings.toml those of the loops; they are not
/// asked for.
/// @param elsewhere keys whose values are not in the settings, such as axes.
/// @throws InputError located at `where` if a key is missing.
void check_complete(const Settings& settings, Kind kind, const std::vector<std::string>& elsewhere,
                    const io::Location& where);

/// Checks that the keys have all free parameters of these models, and no others.
/// @param where gives the place of a key, or of "model" for a key that is missing.
/// @throws InputError located there.
void check_free_parameters(const std::vector<physics::Model>& models,
                           const std::vector<std::string>& keys,
                           const std::function<io::Location(std::string_view)>& where);

/// The models under test in a job, each once.
std::vector<physics::Model> models_of(const Job& job);

/// Reads a job.
/// @param root the job's document, after any --set.
/// @throws InputError with file, line and key. A job too large for the memory is an error too.
Job read_job(const io::Node& root, const World& world);

}  // namespace nuloop::study
