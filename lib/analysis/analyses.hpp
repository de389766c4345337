// The kinds of jobs, each in a source of its own.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "further_tables.hpp"
#include "job_work.hpp"
#include "nuloop/analysis/report.hpp"
#include "nuloop/setup/kind.hpp"
#include "nuloop/setup/result.hpp"

#include <array>
#include <memory>
#include <span>
#include <string>

namespace nuloop::analysis {

/// A kind of jobs with what it computes and what `nuloop report` shows of its results.
struct Analysis {
  setup::Kind kind;
  std::unique_ptr<sweep::Work> (*work)(const Asked&);
  std::unique_ptr<Report> (*report)(const setup::Result&);
  std::span<const FurtherTable> tables = {};  ///< what else it can show
};

extern const Analysis reach_analysis;
extern const Analysis rates_analysis;
extern const Analysis cross_section_analysis;
extern const Analysis impacts_analysis;
extern const Analysis measurement_analysis;
extern const Analysis toys_analysis;

/// All of them. A job that does not name its kind is of the first.
inline constexpr std::array<const Analysis*, 6> analyses = {
    &reach_analysis,   &rates_analysis,       &cross_section_analysis,
    &impacts_analysis, &measurement_analysis, &toys_analysis};

const Analysis& analysis_of(const setup::Kind& kind);

/// The field of the discovery time.
inline sweep::Field discovery_time_field() {
  return {"/discovery_time",
          std::string(io::common_spelling(io::Dimension::time)),
          "exposure at which the significance reaches discovery.significance; inf for never",
          sweep::Depth::inner,
          {},
          sweep::Beyond::infinity};
}

/// What the errors of rates are called.
inline constexpr const char* rates_error = "error bound";

/// The spectra that chi2 is made of, in the order of `spectra_of_rates`.
struct StoredRates {
  const char* name;  ///< in /rates
  const char* long_name;
};
inline constexpr std::array<StoredRates, prediction::spectra_of_rates.size()> stored_rates = {
    {{"signal_lo", "events of the reference"},
     {"signal", "events of the tested model"},
     {"background", "cosmogenic background"},
     {"signal_difference", "signal_lo - signal, of which most errors cancel"},
     {"hadronic_response", "what Pi_3gamma + 1 would add to signal"}}};

}  // namespace nuloop::analysis
