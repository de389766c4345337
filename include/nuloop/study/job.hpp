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
  /// Another parameter that moves along with the axis.
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

struct Job {
  std::string name;  ///< also that of the result file
  std::string title;
  Kind kind{};
  bool store_rates = true;  ///< whether a reach's result holds its spectra
  std::vector<Axis> axes;   ///< in the order of the file; one dimension of the result each
  Settings settings;        ///< defaults, then what the job sets; empty where an axis rules
  std::string resolved;     ///< the job as TOML with every setting written out

  /// The axis whose dimension that key names, or null.
  const Axis* axis(std::string_view key) const;
};

/// The keys of an axis along which several move together, "detector.baseline, background".
std::vector<std::string> axis_keys(const std::string& written);

/// A number on an axis, as its companion or in the settings, whichever has it; several if it is an
/// axis.
std::vector<double> values_of(const Job& job, std::string_view key);

/// Values in the order of parameters() from the tables of settings, later ones first.
/// @throws InputError on unknown keys and bad values.
Settings read_settings(const std::vector<const io::Node*>& tables, const World& world);

/// Checks that settings have all that a job of that kind needs beyond what experiments bring
/// (reactor, detector, background) and configs/couplings.toml (the inputs of the loops).
/// @param elsewhere keys whose values are not in the settings.
/// @throws InputError located at `where` on a key that is missing.
void check_complete(const Settings& settings, Kind kind, const std::vector<std::string>& elsewhere,
                    const io::Location& where);

/// Checks that each free parameter of these models, and no other, is among the keys.
/// @param where says where a key is written, or "model" if it is not.
/// @throws InputError located there.
void check_free_parameters(const std::vector<physics::Model>& models,
                           const std::vector<std::string>& keys,
                           const std::function<io::Location(std::string_view)>& where);

/// The models under test in a job, each once.
std::vector<physics::Model> models_of(const Job& job);

/// @param root the job's document, after any --set.
/// @throws InputError with file, line and key; also if the job is too large to be held.
Job read_job(const io::Node& root, const World& world);

}  // namespace nuloop::study
