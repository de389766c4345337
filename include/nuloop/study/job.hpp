// A job: what to compute, read from TOML.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/io/document.hpp"
#include "nuloop/study/parameters.hpp"

#include <string>
#include <vector>

namespace nuloop::study {

struct Axis {
  std::size_t parameter;  ///< index into parameters()
  std::vector<Value> values;

  const Parameter& definition() const { return parameters()[parameter]; }
};

struct Job {
  std::string name;  ///< also that of the result file
  std::string title;
  Kind kind;
  std::vector<Axis> axes;  ///< in the order of the file; one dimension of the result each
  Settings settings;       ///< defaults, then what the job sets; empty where an axis rules
  std::string resolved;    ///< the job as TOML with every setting written out

  const Axis* axis(std::string_view key) const;
};

/// A number on an axis or in the settings, whichever has it; several if it is an axis.
std::vector<double> values_of(const Job& job, std::string_view key);

/// Values in the order of parameters() from the tables of settings, later ones first.
/// @throws InputError on unknown keys and bad values.
Settings read_settings(const std::vector<const io::Node*>& tables, const World& world);

/// @param root the job's document, after any --set.
/// @throws InputError with file, line and key.
Job read_job(const io::Node& root, const World& world);

}  // namespace nuloop::study
