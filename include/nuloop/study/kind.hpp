// The kinds of jobs.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <memory>
#include <string_view>
#include <utility>

namespace nuloop::study {

/// What a job asks for; a job that does not say is of the first kind.
enum class Kind {
  reach,          ///< significance and discovery time
  rates,          ///< expected spectra, isotope by isotope
  cross_section,  ///< dsigma/dT and its parts
  impacts,        ///< how the discovery time changes with every input
  measurement,    ///< expected intervals of a model's free parameter
  toys            ///< pseudo-experiments: distribution of the significance, and its p values
};
inline constexpr std::array<std::pair<std::string_view, Kind>, 6> kind_names = {
    {{"reach", Kind::reach},
     {"rates", Kind::rates},
     {"cross-section", Kind::cross_section},
     {"impacts", Kind::impacts},
     {"measurement", Kind::measurement},
     {"toys", Kind::toys}}};

struct Job;
struct Parameter;
struct World;
class Report;
class ResultReader;
class Work;

/// How a finished result serves a job that asks for more.
enum class Extension {
  none,
  rates,  ///< its rates are those of the points that it has
  toys    ///< its pseudo-experiments are the first of more
};

/// All that the rest of the program knows of a kind.
struct KindTraits {
  bool (*takes)(const Parameter&);  ///< whether a job depends on the parameter
  bool has_inner_axes = false;      ///< whether one set of rates serves uncertainties and exposures
  bool integrates = true;           ///< whether it takes integrals over the neutrino's energy
  bool fills_all_threads = false;   ///< whether a point does; each is a task then
  bool measures = false;            ///< whether it fits the one free parameter of its model
  bool rates_are_optional = false;  ///< whether a job may set store_rates
  Extension extension = Extension::none;
  std::string_view why_no_joint = {};  ///< why it takes no joint experiment; empty if it does
  double outer_point_s = 1e-5;  ///< roughly, from measurements on one core: the part of an outer
                                ///< point, integrals apart,
  double inner_point_s = 1e-7;  ///< and that of each of its inner ones
  std::unique_ptr<Work> (*work)(const Job&, const World&);
  std::unique_ptr<Report> (*report)(const ResultReader&);
};

const KindTraits& traits_of(Kind kind);

}  // namespace nuloop::study
