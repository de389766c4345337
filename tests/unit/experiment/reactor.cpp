// The reactor: fission rate and antineutrino spectra against formulas written out by hand.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/experiment/reactor.hpp"

#include "unit/world_fixture.hpp"

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

namespace {

using namespace nuloop;
using experiment::FluxModel;
using experiment::LogLinearTable;
using experiment::PerFissile;

using Coefficients = std::array<double, 6>;

// Mueller et al. 2011, Table VI, in the order 235U, 238U, 239Pu, 241Pu.
constexpr std::array<Coefficients, 4> mueller = {{
    {3.217, -3.111, 1.395, -0.3690, 0.04445, -0.002053},
    {0.4833, 0.1927, -0.1283, -0.006762, 0.002233, -0.0001536},
    {6.413, -7.432, 3.535, -0.8820, 0.1025, -0.004550},
    {3.251, -3.204, 1.428, -0.3675, 0.04254, -0.001896},
}};

// Huber 2011, Table III, with Mueller's 238U.
constexpr std::array<Coefficients, 4> huber = {{
    {4.367, -4.577, 2.100, -0.5294, 0.06186, -0.002777},
    {0.4833, 0.1927, -0.1283, -0.006762, 0.002233, -0.0001536},
    {4.757, -5.392, 2.563, -0.6596, 0.07820, -0.003536},
    {2.990, -2.882, 1.278, -0.3343, 0.03905, -0.001754},
}};

// Powers summed in long double, smallest last: nothing in common with Horner's scheme.
double exponential_polynomial(const Coefficients& a, double energy_MeV) {
  long double sum = 0.0L;
  for (std::size_t p = 0; p < a.size(); ++p)
    sum += static_cast<long double>(a[p]) * std::pow(static_cast<long double>(energy_MeV), p);
  return static_cast<double>(std::exp(sum));
}

const experiment::Reactor taishan{
    4.60, 0.80, {0.561, 0.076, 0.307, 0.056}, {202.36, 205.99, 211.12, 214.26}};

}  // namespace

TEST_CASE("the fission rate is power times load over the energy of a mean fission") {
  // 0.561 x 202.36 + 0.076 x 205.99 + 0.307 x 211.12 + 0.056 x 214.26 = 205.9916 MeV.
  const double expected = 4.60e9 * 0.80 / (205.9916e6 * 1.602176634e-19);
  CHECK(experiment::fission_rate_per_s(taishan) == Approx(expected).epsilon(1e-14));
}

TEST_CASE("the fission rate is linear in power and load factor") {
  auto reactor = taishan;
  reactor.thermal_power_GW = 3.0 * taishan.thermal_power_GW;
  reactor.load_factor = 0.25 * taishan.load_factor;
  CHECK(experiment::fission_rate_per_s(reactor) ==
        Approx(0.75 * experiment::fission_rate_per_s(taishan)).epsilon(1e-15));
}

TEST_CASE("fractions that do not sum to one scale the rate by their sum") {
  auto reactor = taishan;
  for (double& fraction : reactor.fission_fractions)
    fraction *= 1.001;
  CHECK(1.001 * experiment::fission_rate_per_s(reactor) ==
        Approx(experiment::fission_rate_per_s(taishan)).epsilon(1e-15));
}

TEST_CASE("the reactors of the configs are those of the paper") {
  const auto& cloud = test::world().experiments.find("cloud-surface")->reactor;
  CHECK(cloud.thermal_power_GW == 4.25);
  CHECK(cloud.load_factor == 0.80);
  CHECK(cloud.fission_fractions == PerFissile<double>{0.488, 0.087, 0.359, 0.067});
  const auto& tao = test::world().experiments.find("tao-30m")->reactor;
  CHECK(tao.thermal_power_GW == taishan.thermal_power_GW);
  CHECK(tao.load_factor == taishan.load_factor);
  CHECK(tao.fission_fractions == taishan.fission_fractions);
  CHECK(*test::world().energies_per_fission_MeV.find("ma-2013") == taishan.energy_per_fission_MeV);
  CHECK(*test::world().energies_per_fission_MeV.find("kopeikin-2004") ==
        PerFissile<double>{201.92, 205.52, 209.99, 213.60});
}

TEST_CASE("the polynomial fluxes follow the published coefficients") {
  const auto check = [](const std::string& name, const std::array<Coefficients, 4>& published) {
    const FluxModel& flux = test::world().fluxes.find(name)->model;
    CHECK(flux.low_MeV() == 0.0);
    CHECK(flux.high_MeV() == 12.0);
    CHECK(flux.knots_MeV().empty());
    for (const double energy : {0.0, 0.3, 1.8, 2.0, 3.7, 5.5, 8.0, 10.25, 12.0}) {
      const PerFissile<double> values = flux(energy);
      for (std::size_t i = 0; i < values.size(); ++i) {
        INFO(name << ", " << experiment::fissile_names[i] << " at " << energy << " MeV");
        // The terms of the exponent reach 1e3 at 12 MeV and cancel: 1e3 x 2e-16.
        CHECK(values[i] == Approx(exponential_polynomial(published[i], energy)).epsilon(1e-12));
      }
    }
  };
  check("mueller", mueller);
  check("huber", huber);
}

TEST_CASE("a table returns its knots and the geometric mean half way between them") {
  const std::vector<double> energies = {0.5, 1.0, 2.0, 4.5, 7.0};
  const std::vector<double> values = {3.0, 2.5, 0.7, 0.04, 1e-5};
  LogLinearTable table{energies, {}};
  for (const double value : values)
    table.log_values.push_back(std::log(value));

  for (std::size_t i = 0; i < energies.size(); ++i)
    CHECK(table(energies[i]) == Approx(values[i]).epsilon(4e-15));
  for (std::size_t i = 1; i < energies.size(); ++i) {
    const double low = energies[i - 1], high = energies[i];
    CHECK(table(0.5 * (low + high)) == Approx(std::sqrt(values[i - 1] * values[i])).epsilon(4e-15));
    CHECK(table(low + 0.25 * (high - low)) ==
          Approx(std::pow(values[i - 1], 0.75) * std::pow(values[i], 0.25)).epsilon(4e-15));
  }
}

TEST_CASE("the knots of a flux are the tables' energies strictly inside its range") {
  const auto table = [](std::vector<double> energies) {
    std::vector<double> log_values(energies.size(), 0.0);
    return LogLinearTable{std::move(energies), std::move(log_values)};
  };
  const FluxModel flux(
      {table({0.0, 1.0, 2.0, 3.0, 9.0}), table({0.0, 2.0, 2.5, 9.0}),
       experiment::ExponentialPolynomial{{0.0, 0.0, 0.0, 0.0, 0.0, 0.0}}, table({0.0, 1.5, 9.0})},
      1.0, 9.0);
  CHECK(flux.knots_MeV() == std::vector<double>{1.5, 2.0, 2.5, 3.0});
}

TEST_CASE("each isotope keeps its own spectrum") {
  PerFissile<FluxModel::Spectrum> spectra;
  for (std::size_t i = 0; i < spectra.size(); ++i)
    spectra[i] =
        experiment::ExponentialPolynomial{{std::log(static_cast<double>(i + 1)), 0, 0, 0, 0, 0}};
  const PerFissile<double> values = FluxModel(spectra, 0.0, 10.0)(3.0);
  for (std::size_t i = 0; i < values.size(); ++i)
    CHECK(values[i] == Approx(static_cast<double>(i + 1)).epsilon(1e-15));
}

TEST_CASE("the summation flux is tabulated from 0.05 to 10.05 MeV and close to the conversion") {
  const FluxModel& flux = test::world().fluxes.find("summation")->model;
  CHECK(flux.low_MeV() == 0.05);
  CHECK(flux.high_MeV() == 10.05);
  REQUIRE(flux.knots_MeV().size() == 99);
  CHECK(flux.knots_MeV().front() == 0.15);
  CHECK(flux.knots_MeV().back() == 9.95);
  // First line of the tables.
  CHECK(flux(0.05)[0] == Approx(0.201995).epsilon(1e-14));
  CHECK(flux(0.15)[0] == Approx(0.575322).epsilon(1e-14));
  // The calculation and the conversion of measured spectra agree to some 10 % where both hold.
  const PerFissile<double> conversion = test::world().fluxes.find("mueller")->model(4.0);
  const PerFissile<double> summation = flux(4.0);
  for (std::size_t i = 0; i < summation.size(); ++i)
    CHECK(summation[i] == Approx(conversion[i]).epsilon(0.15));
}
