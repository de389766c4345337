// The works of the kinds of jobs, each in a source of its own; work.cpp lists them.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/study/work.hpp"

#include <array>
#include <memory>
#include <string>

namespace nuloop::study {

std::unique_ptr<Work> reach_work(const Job& job, const World& world);
std::unique_ptr<Work> rates_work(const Job& job, const World& world);
std::unique_ptr<Work> cross_section_work(const Job& job, const World& world);
std::unique_ptr<Work> impacts_work(const Job& job, const World& world);
std::unique_ptr<Work> measurement_work(const Job& job, const World& world);
std::unique_ptr<Work> toys_work(const Job& job, const World& world);

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
