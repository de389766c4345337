// What the reading of a job has to know of its kind.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nuloop::setup {

struct Parameter;

/// What a job asks for. Each kind is one object; two are the same if they are the same object.
struct Kind {
  std::string_view name;            ///< in jobs and results
  bool (*takes)(const Parameter&);  ///< whether a job depends on the parameter
  bool has_inner_axes = false;      ///< whether one set of rates serves uncertainties and exposures
  bool integrates = true;           ///< whether it takes integrals over the neutrino's energy
  bool fills_all_threads = false;   ///< whether a point does; each is a task then
  bool measures = false;            ///< whether it fits the one free parameter of its model
  bool rates_are_optional = false;  ///< whether a job may set store_rates
  std::string_view why_no_joint = {};  ///< why it takes no joint experiment; empty if it does
};

/// The kinds that there are. A job that does not name one is of the first.
using Kinds = std::vector<const Kind*>;

/// Null if there is none of that name.
const Kind* find_kind(const Kinds& kinds, std::string_view name);
std::vector<std::string> names_of(const Kinds& kinds);

}  // namespace nuloop::setup
