// The kinds of jobs, each in a source of its own; kinds.cpp lists them.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/study/kind.hpp"
#include "nuloop/study/report.hpp"
#include "nuloop/study/work.hpp"

#include <array>
#include <string>

namespace nuloop::study {

extern const KindTraits reach_kind;
extern const KindTraits rates_kind;
extern const KindTraits cross_section_kind;
extern const KindTraits impacts_kind;
extern const KindTraits measurement_kind;
extern const KindTraits toys_kind;

/// The field of the discovery time.
inline Field discovery_time_field() {
  return {"/discovery_time", std::string(io::common_spelling(io::Dimension::time)),
          "exposure at which the significance reaches discovery.significance; inf for never",
          Part::without_exposure};
}

/// What the errors of rates are called.
inline constexpr const char* rates_error = "error bound";

/// The spectra that chi2 is made of, in the order of `spectra_of_rates`.
struct StoredRates {
  const char* name;  ///< in /rates
  const char* long_name;
};
inline constexpr std::array<StoredRates, spectra_of_rates.size()> stored_rates = {
    {{"signal_lo", "events at LO"},
     {"signal", "events of the tested model"},
     {"background", "cosmogenic background"},
     {"signal_difference", "signal_lo - signal, of which most errors cancel"},
     {"hadronic_response", "what Pi_3gamma + 1 would add to signal"}}};

}  // namespace nuloop::study
