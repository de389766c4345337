// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/experiment/beta_decay_signal.hpp"

#include "nuloop/experiment/quadrature.hpp"
#include "nuloop/physics/constants.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace nuloop::experiment {
namespace {

using physics::electron_mass_MeV;
using physics::InverseBetaDecay;
using PerIsotope = Eigen::Array<double, fissile_count, 1>;

// The integrals of one bin.
class DecaysInBin {
 public:
  DecaysInBin(const BetaDecayShape& shape, std::size_t bin)
      : shape_(shape),
        sigma_(shape.cross_section),
        in_bin_(shape.binning.low_MeV(bin), shape.binning.high_MeV(bin), shape.response) {}

  Bounded<PerIsotope> integral() const {
    const std::vector<Panel> all = panels();
    if (all.empty())
      return {PerIsotope::Zero(), PerIsotope::Zero()};
    // The cross section begins like a root of the energy above threshold: integrated over u, with
    // E = threshold + u^2.
    return integrate_in_batches<PerIsotope, 21>(
        [&](auto u, auto values, auto errors) {
          for (std::size_t i = 0; i < u.size(); ++i) {
            const double E = sigma_.threshold_MeV() + u[i] * u[i];
            const PerFissile<double> flux =
                shape_.flux(std::clamp(E, shape_.flux.low_MeV(), shape_.flux.high_MeV()));
            const Bounded<double> sigma = recorded(E);
            const PerIsotope weight = 2.0 * u[i] * Eigen::Map<const PerIsotope>(flux.data());
            values[i] = weight * sigma.value;
            errors[i] = weight * sigma.error;
          }
        },
        all, shape_.relative_tolerance);
  }

 private:
  // The cross section at an energy times the probability to be recorded in the bin.
  Bounded<double> recorded(double E) const {
    const InverseBetaDecay::PositronEnergies positron = sigma_.positron_energies(E);
    const auto& ranges = in_bin_.ranges_MeV();
    const double half = positron.half_spread_MeV;
    const double middle = positron.middle_MeV + electron_mass_MeV;  // of the prompt energy
    Bounded<double> sum;
    for (std::size_t i = 1; i < ranges.size(); ++i) {
      if (half == 0.0) {
        if (ranges[i - 1] <= middle && middle < ranges[i])
          sum += {sigma_.total(E) * in_bin_(middle), 0.0};
        continue;
      }
      const double from = std::max((ranges[i - 1] - middle) / half, -1.0);
      const double to = std::min((ranges[i] - middle) / half, 1.0);
      if (from < to)
        sum += over_cosine(E, positron, from, to);
    }
    return sum;
  }

  Bounded<double> over_cosine(double E, const InverseBetaDecay::PositronEnergies& positron,
                              double from, double to) const {
    // In pieces of two standard deviations of the resolution, and eight at most.
    const double visible =
        shape_.response.visible_MeV(positron.at(0.5 * (from + to)) + electron_mass_MeV);
    const double two_sigma = 2.0 * shape_.response.resolution.sigma_MeV(visible);
    const double width = (to - from) * positron.half_spread_MeV;
    const int pieces = width < two_sigma || two_sigma == 0.0
                           ? 1
                           : static_cast<int>(std::min(std::ceil(width / two_sigma), 8.0));
    using Number = Eigen::Array<double, 1, 1>;
    const auto& nodes = KronrodRule<21>::instance().nodes();
    const double half = 0.5 * (to - from) / pieces;
    Bounded<double> sum;
    for (int piece = 0; piece < pieces; ++piece) {
      std::array<Number, 21> values;
      for (std::size_t i = 0; i < values.size(); ++i) {
        const double x = from + half * (2 * piece + 1 + nodes[i].x);
        values[i] = sigma_.per_cosine(E, x) * in_bin_(positron.at(x) + electron_mass_MeV);
      }
      const Bounded<Number> part = combine<21>(values.data(), half);
      sum += {part.value[0], part.error[0]};
    }
    return sum;
  }

  // The antineutrino's energy at which the positron's highest (sign 1) or lowest (sign -1) energy
  // gives that prompt energy, or the end of the range beyond which it lies.
  double energy_of(double prompt_MeV, double sign, double low, double high) const {
    const auto is_below = [&](double E) {
      const auto positron = sigma_.positron_energies(E);
      return positron.at(sign) + electron_mass_MeV < prompt_MeV;
    };
    for (int step = 0; step < 60; ++step) {
      const double middle = 0.5 * (low + high);
      (is_below(middle) ? low : high) = middle;
    }
    return 0.5 * (low + high);
  }

  // In u, between the energies at which the integrand or its slope jumps.
  std::vector<Panel> panels() const {
    const double low = std::max(shape_.flux.low_MeV(), sigma_.threshold_MeV());
    const double high = shape_.flux.high_MeV();
    if (low >= high)
      return {};
    const auto& ranges = in_bin_.ranges_MeV();
    const double first = energy_of(ranges.front(), 1.0, low, high);
    const double last = energy_of(ranges.back(), -1.0, low, high);
    std::vector<double> breaks = {first, last};
    const auto add = [&](double E) {
      if (E > first && E < last)
        breaks.push_back(E);
    };
    for (const double E : shape_.flux.knots_MeV())
      add(E);
    for (const double sign : {-1.0, 1.0}) {
      for (const double prompt : ranges)
        add(energy_of(prompt, sign, low, high));
      add(energy_of(2.0 * electron_mass_MeV, sign, low, high));
    }
    std::sort(breaks.begin(), breaks.end());
    const auto u = [&](double E) { return std::sqrt(std::max(E - sigma_.threshold_MeV(), 0.0)); };
    std::vector<Panel> all;
    for (std::size_t i = 1; i < breaks.size(); ++i)
      if (u(breaks[i - 1]) < u(breaks[i]))
        all.push_back({u(breaks[i - 1]), u(breaks[i])});
    return all;
  }

  const BetaDecayShape& shape_;
  InverseBetaDecay sigma_;
  BinResponse in_bin_;
};

}  // namespace

BetaDecayBasis::BetaDecayBasis(const BetaDecayShape& shape, const Team& team) {
  const auto bins = static_cast<Eigen::Index>(shape.binning.size());
  per_fission_cm2_.fill({Eigen::ArrayXd::Zero(bins), Eigen::ArrayXd::Zero(bins)});
  std::vector<Bounded<PerIsotope>> integrals(shape.binning.size());
  fill_together(
      team, integrals.size(),
      [&](std::size_t bin) { integrals[bin] = DecaysInBin(shape, bin).integral(); },
      [&](std::size_t bin) {
        return std::array{numbers_in(integrals[bin].value), numbers_in(integrals[bin].error)};
      });
  for (Eigen::Index bin = 0; bin < bins; ++bin)
    for (std::size_t i = 0; i < fissile_count; ++i) {
      const auto isotope = static_cast<Eigen::Index>(i);
      const Bounded<PerIsotope>& integral = integrals[static_cast<std::size_t>(bin)];
      per_fission_cm2_[i].value[bin] = integral.value[isotope];
      per_fission_cm2_[i].error[bin] = integral.error[isotope];
    }
}

PerFissile<Spectrum> BetaDecayBasis::events_per_day_by_isotope(const Reactor& reactor,
                                                               const Detector& detector) const {
  const double factor = events_per_cm2_day(reactor, detector, detector.protons_per_t);
  const PerFissile<double> fractions = mean_fission_fractions(reactor);
  PerFissile<Spectrum> spectra = per_fission_cm2_;
  for (std::size_t i = 0; i < fissile_count; ++i)
    spectra[i] *= factor * fractions[i];
  return spectra;
}

Spectrum BetaDecayBasis::events_per_day(const Reactor& reactor, const Detector& detector) const {
  const PerFissile<Spectrum> spectra = events_per_day_by_isotope(reactor, detector);
  Spectrum sum = spectra[0];
  for (std::size_t i = 1; i < fissile_count; ++i)
    sum += spectra[i];
  return sum;
}

}  // namespace nuloop::experiment
