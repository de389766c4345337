// Backgrounds that are known by their spectrum: radioactivity, accidentals, a measured table.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/experiment/background.hpp"
#include "nuloop/experiment/detector.hpp"
#include "nuloop/experiment/signal.hpp"

#include <string>
#include <variant>
#include <vector>

namespace nuloop::experiment {

/// Shapes on a range of energies T in MeV, and zero outside of it.
struct ExponentialShape {
  double low_MeV, high_MeV;
  double scale_MeV;  ///< T0 > 0 of exp(-T/T0); infinity for a flat spectrum
};
struct PowerLawShape {
  double low_MeV, high_MeV;  ///< low > 0
  double power;              ///< p of T^-p
};
/// A Gaussian; a line without width if that is zero.
struct LineShape {
  double energy_MeV;
  double width_MeV;  ///< one standard deviation, >= 0
};
/// The last two: values per MeV in bins, or at points and linear between them.
using SpectralShape =
    std::variant<ExponentialShape, PowerLawShape, LineShape, StepTable, EnergyTable>;

/// The integral of a shape over its range as it is written, without a rate; one for a line.
double integral_of(const SpectralShape& shape);

/// Which energies a spectrum is one of.
enum class SpectrumOf {
  deposited,  ///< in the detector, before its response
  measured    ///< measured ones: response, efficiency and dead time are in it already
};

/// What some of the decays of a source make visible.
struct DecayBranch {
  BetaBranch beta;
  int daughter_charge;
};

struct BackgroundSource {
  std::string title;
  SpectralShape shape;
  std::vector<DecayBranch> decays;  ///< if there are any, in the place of the shape
  SpectrumOf spectrum_of{};
  double rate_per_day = 0.0;      ///< of the whole spectrum, before losses if it is of deposited
                                  ///< energies
  double rate_per_t_day = 0.0;    ///< the same for each tonne of the target, in addition
  double relative_error = 0.0;    ///< one standard deviation of the rate, >= 0
  std::string correlation_group;  ///< sources of one name vary together; empty: alone
};

/// Events per day in all of the spectrum, apart from what the response does.
double events_per_day(const BackgroundSource& source, const Detector& detector);

/// Share of these events that falls into each bin; of decays, by the sum of their fractions.
/// @throws NumericalError if the tolerance cannot be met.
Spectrum bin_shares(const BackgroundSource& source, const Binning& binning,
                    const Response& response, double relative_tolerance);

}  // namespace nuloop::experiment
