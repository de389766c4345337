// Spectra of inverse beta decays against sums by hand and published cross sections per fission.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/experiment/beta_decay_signal.hpp"

#include "catch.hpp"
#include "nuloop/experiment/composition.hpp"
#include "nuloop/physics/constants.hpp"
#include "unit/world_fixture.hpp"

#include <array>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

using namespace nuloop;
using namespace nuloop::experiment;
using physics::BetaDecayForm;
using physics::electron_mass_MeV;

namespace {

constexpr double lambda = 1.2754;

physics::BetaDecayInputs today(BetaDecayForm form = BetaDecayForm::strumia_vissani) {
  return {form, lambda, 0.97348 * 0.97348 * 1.02467, true};
}

const FluxModel& flux(const char* name) {
  return test::world().fluxes.find(name)->model;
}

// All prompt energies in one bin.
Binning everything() {
  return {0.5, 50.0, 50.0};
}

double per_fission(const FluxModel& of, const physics::BetaDecayInputs& inputs, std::size_t isotope,
                   const Response& response = {}) {
  return BetaDecayBasis({of, everything(), response, inputs, 1e-10})
      .per_fission_cm2()[isotope]
      .value[0];
}

// Midpoint sums over energy and cosine.
PerFissile<double> by_hand(const FluxModel& of, const physics::BetaDecayInputs& inputs,
                           const BinResponse& in_bin) {
  const physics::InverseBetaDecay sigma(inputs);
  const double low = sigma.threshold_MeV(), high = of.high_MeV();
  constexpr int energies = 3000, cosines = 60;
  PerFissile<double> sum{};
  for (int i = 0; i < energies; ++i) {
    const double E = low + (high - low) * (i + 0.5) / energies;
    const auto positron = sigma.positron_energies(E);
    double recorded = 0.0;
    for (int j = 0; j < cosines; ++j) {
      const double x = -1.0 + (2.0 * j + 1.0) / cosines;
      recorded += sigma.per_cosine(E, x) * in_bin(positron.at(x) + electron_mass_MeV);
    }
    const auto spectrum = of(E);
    for (std::size_t k = 0; k < fissile_count; ++k)
      sum[k] += spectrum[k] * recorded * 2.0 / cosines * (high - low) / energies;
  }
  return sum;
}

}  // namespace

TEST_CASE("mean cross sections per fission are the published ones") {
  // Second-hand: arXiv:1101.2755 (mueller), 1702.04139 (huber). The order 1/M, and the neutron's
  // life of that time.
  const physics::BetaDecayInputs inputs{BetaDecayForm::vogel_beacom, lambda,
                                        physics::strength_of_lifetime(885.7, 1.7152, lambda), true};
  const std::vector<std::pair<const char*, PerFissile<double>>> published = {
      {"mueller", {6.61, 10.10, 4.34, 5.97}}, {"huber-table", {6.69, 10.10, 4.40, 6.03}}};
  for (const auto& [name, values] : published)
    for (std::size_t i = 0; i < fissile_count; ++i) {
      CAPTURE(name, i);
      CHECK(1e43 * per_fission(flux(name), inputs, i) == Approx(values[i]).epsilon(0.01));
    }
}

TEST_CASE("recorded decays are midpoint sums over energy and cosine") {
  const EfficiencyCurve efficiency{3.0, 0.2, nullptr};
  for (const BetaDecayForm form : {BetaDecayForm::vogel_beacom, BetaDecayForm::strumia_vissani})
    for (const Response& response :
         {Response{{0.2, 0.01}, {}, nullptr}, Response{{0.1, 0.0}, efficiency, nullptr}}) {
      const Binning binning(1.5, 6.5, 2.5);
      const BetaDecayBasis basis({flux("mueller"), binning, response, today(form), 1e-10});
      for (std::size_t bin = 0; bin < binning.size(); ++bin) {
        const BinResponse in_bin(binning.low_MeV(bin), binning.high_MeV(bin), response);
        const auto expected = by_hand(flux("mueller"), today(form), in_bin);
        for (std::size_t i = 0; i < fissile_count; ++i)
          CHECK(basis.per_fission_cm2()[i].value[static_cast<Eigen::Index>(bin)] ==
                Approx(expected[i]).epsilon(1e-5));
      }
    }
}

TEST_CASE("bins sum to the whole cross section per fission whatever the resolution") {
  const Response smeared{{0.02, 0.005}, {}, nullptr};
  const EnergyTable scale{{1.0, 12.0}, {0.95, 1.01}};
  for (const char* name : {"mueller", "huber-table"})
    for (const Response& response : {Response{}, smeared, Response{{}, {}, &scale}}) {
      const BetaDecayBasis basis({flux(name), {0.5, 14.5, 0.25}, response, today(), 1e-10});
      for (std::size_t i = 0; i < fissile_count; ++i) {
        const Spectrum& spectrum = basis.per_fission_cm2()[i];
        CHECK(spectrum.value.sum() == Approx(per_fission(flux(name), today(), i)).epsilon(1e-9));
        CHECK(spectrum.error.sum() < 1e-8 * spectrum.value.sum());
        CHECK(spectrum.error.minCoeff() >= 0.0);
      }
    }
}

TEST_CASE("the error bound holds against a tolerance a thousand times smaller") {
  const Response response{{0.03, 0.01}, {}, nullptr};
  for (const BetaDecayForm form : {BetaDecayForm::static_nucleons, BetaDecayForm::vogel_beacom,
                                   BetaDecayForm::strumia_vissani})
    for (const Response& one : {response, Response{}}) {
      const Binning binning(1.0, 9.0, 1.0);
      const BetaDecayBasis rough({flux("mueller"), binning, one, today(form), 1e-7});
      const BetaDecayBasis fine({flux("mueller"), binning, one, today(form), 1e-10});
      for (std::size_t i = 0; i < fissile_count; ++i) {
        const Spectrum &a = rough.per_fission_cm2()[i], &b = fine.per_fission_cm2()[i];
        CHECK(((a.value - b.value).abs() <= a.error + b.error).all());
      }
    }
}

TEST_CASE("prompt energies are the antineutrino's less the mass difference, plus a mass") {
  // Static nucleons, a flux that is one: a bin of prompt energy is one of antineutrino energy.
  const LogLinearTable one{{0.5, 12.0}, {0.0, 0.0}};
  const FluxModel constant({one, one, one, one}, 0.5, 12.0);
  const auto inputs = today(BetaDecayForm::static_nucleons);
  const BetaDecayBasis basis({constant, {2.0, 3.0, 1.0}, {}, inputs, 1e-12});
  const double shift = physics::nucleon_difference_MeV - electron_mass_MeV;
  const physics::InverseBetaDecay sigma(inputs);
  double sum = 0.0;
  constexpr int steps = 1000;
  for (int i = 0; i < steps; ++i)
    sum += sigma.total(2.0 + shift + (i + 0.5) / steps) / steps;
  CHECK(basis.per_fission_cm2()[0].value[0] == Approx(sum).epsilon(1e-6));
}

TEST_CASE("events are protons x flux x cross section") {
  const Reactor reactor{4.6, 0.8, {0.561, 0.076, 0.307, 0.056}, {202.36, 205.99, 211.12, 214.26}};
  // Linear alkyl benzene, C18H30.
  std::array<double, elements.size()> mass{};
  mass[0] = 30.0 * 1.008 / (18.0 * 12.011 + 30.0 * 1.008);
  mass[3] = 1.0 - mass[0];
  CHECK(electrons_per_t(mass) == Approx(3.372e29).epsilon(1e-3));
  CHECK(protons_per_t(mass) == Approx(30.0 / 138.0 * electrons_per_t(mass)).epsilon(1e-12));
  Detector detector{1.0, 44.0, 3.372e29, 0.5};
  detector.protons_per_t = protons_per_t(mass);
  const BetaDecayBasis basis({flux("huber"), everything(), {}, today(), 1e-10});
  const PerFissile<Spectrum> parts = basis.events_per_day_by_isotope(reactor, detector);
  double sum = 0.0, mean = 0.0, energy = 0.0;
  for (std::size_t i = 0; i < fissile_count; ++i) {
    sum += parts[i].value[0];
    mean += reactor.fission_fractions[i] * basis.per_fission_cm2()[i].value[0];
    energy += reactor.fission_fractions[i] * reactor.energy_per_fission_MeV[i];
  }
  const double fissions = 4.6e9 * 0.8 / (energy * 1.602176634e-13) * 86400.0;
  const double expected =
      fissions * mean / (4.0 * std::numbers::pi * 4400.0 * 4400.0) * 0.5 * detector.protons_per_t;
  CHECK(sum == Approx(expected).epsilon(1e-12));
  CHECK(basis.events_per_day(reactor, detector).value[0] == Approx(sum).epsilon(1e-14));
  // TAO's own number is 1000 per day.
  CHECK(sum == Approx(1000.0).epsilon(0.15));
}
