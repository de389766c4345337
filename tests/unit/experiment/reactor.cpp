// The reactor: fission rate and antineutrino spectra against formulas written out by hand, and what
// a spectrum that jumps does to the rates.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/experiment/reactor.hpp"

#include "catch.hpp"
#include "nuloop/experiment/signal.hpp"
#include "unit/world_fixture.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <boost/math/quadrature/tanh_sinh.hpp>

namespace {

using namespace nuloop;
using experiment::FluxModel;
using experiment::LogLinearTable;
using experiment::PerFissile;
using experiment::PiecewiseTable;
using experiment::Reactor;
using physics::Observable;

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

LogLinearTable table_of(std::vector<double> energies, const std::vector<double>& values) {
  LogLinearTable table{std::move(energies), {}};
  for (const double value : values)
    table.log_values.push_back(std::log(value));
  return table;
}

FluxModel same_for_all(const FluxModel::Spectrum& spectrum, double low, double high) {
  return FluxModel({spectrum, spectrum, spectrum, spectrum}, low, high);
}

// A jump down by a factor of three at 2.2 MeV and one up by a half at 6.3 MeV, inside the bins of
// either observable; the tables overlap, and the outer one is not a straight line either.
const LogLinearTable outer = table_of({0.5, 1.7, 4.0, 9.0, 12.0}, {6.0, 3.0, 0.7, 0.02, 0.001});
const LogLinearTable inner = table_of({2.2, 3.1, 6.3}, {0.8, 0.5, 0.1});

experiment::SignalBasis basis_of(const FluxModel& flux, Observable observable,
                                 const experiment::Binning& bins, double tolerance = 1e-10) {
  return experiment::SignalBasis(
      {observable, flux, bins, {0.0, 0.0}, test::world().one_loop.scale_MeV, tolerance});
}

experiment::Spectrum rates(const experiment::SignalBasis& basis, physics::Model model) {
  return basis.events_per_day(
      physics::expand(model, {physics::Flavour::electron, physics::Helicity::antineutrino}, 0.2334,
                      test::world().one_loop),
      taishan, test::world().experiments.find("tao-30m")->detector);
}

// Tree level between two recoils at fixed E, without constants: a polynomial of T by hand.
double tree_level_in_bin(double E, double low, double high) {
  const double m = 0.51099895, right = 0.2334, left = 0.7334;
  const double top = std::min(high, 2.0 * E * E / (m + 2.0 * E));
  if (top <= low)
    return 0.0;
  const auto primitive = [&](double T) {
    return right * right * T - left * left * E / 3.0 * std::pow(1.0 - T / E, 3) -
           left * right * m * T * T / (2.0 * E * E);
  };
  return primitive(top) - primitive(low);
}

double min_energy(double T) {
  return 0.5 * (T + std::sqrt(T * (T + 2.0 * 0.51099895)));
}

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

namespace {

// Fissions of each isotope per second, the mean over a cycle at constant power, by Simpson's rule.
PerFissile<long double> by_simpson(const PerFissile<double>& begin, const PerFissile<double>& end,
                                   const Reactor& reactor) {
  constexpr int steps = 2000;
  PerFissile<long double> mean{};
  for (int n = 0; n <= steps; ++n) {
    const long double x = static_cast<long double>(n) / steps;
    const long double weight = (n == 0 || n == steps ? 1.0L : n % 2 == 1 ? 4.0L : 2.0L) / 3 / steps;
    PerFissile<long double> fractions{};
    long double energy_MeV = 0.0L;
    for (std::size_t i = 0; i < fractions.size(); ++i) {
      fractions[i] = (1.0L - x) * begin[i] + x * end[i];
      energy_MeV += fractions[i] * reactor.energy_per_fission_MeV[i];
    }
    const long double rate = reactor.thermal_power_GW * reactor.load_factor * 1e9L /
                             (energy_MeV * 1e6L * 1.602176634e-19L);
    for (std::size_t i = 0; i < fractions.size(); ++i)
      mean[i] += weight * rate * fractions[i];
  }
  return mean;
}

// taishan with a fuel that goes from one composition to another.
Reactor with_cycle(const PerFissile<double>& begin, const PerFissile<double>& end) {
  Reactor reactor = taishan;
  for (std::size_t i = 0; i < begin.size(); ++i) {
    reactor.fission_fractions[i] = 0.5 * (begin[i] + end[i]);
    reactor.half_change[i] = 0.5 * (end[i] - begin[i]);
  }
  return reactor;
}

constexpr PerFissile<double> fresh = {0.637, 0.068, 0.266, 0.028};
constexpr PerFissile<double> burnt = {0.447, 0.075, 0.389, 0.085};

}  // namespace

TEST_CASE("fissions of a fuel that burns up are the mean over the cycle at constant power") {
  const auto check = [](Reactor reactor, const PerFissile<double>& begin,
                        const PerFissile<double>& end) {
    const auto expected = by_simpson(begin, end, reactor);
    const auto shares = experiment::mean_fission_fractions(reactor);
    const double rate = experiment::fission_rate_per_s(reactor);
    double energy = 0.0, energy_in_the_middle = 0.0;
    for (std::size_t i = 0; i < shares.size(); ++i) {
      CHECK(rate * shares[i] == Approx(static_cast<double>(expected[i])).epsilon(1e-12));
      energy += shares[i] * reactor.energy_per_fission_MeV[i];
      energy_in_the_middle += reactor.fission_fractions[i] * reactor.energy_per_fission_MeV[i];
    }
    CHECK(energy == Approx(energy_in_the_middle).epsilon(1e-14));  // power is what it is
  };
  check(with_cycle(fresh, burnt), fresh, burnt);
  // Energies that differ much more than any real ones, on both sides of where a series ends.
  for (const double factor : {0.3, 0.6, 1.4, 3.0}) {
    Reactor reactor = with_cycle(fresh, burnt);
    reactor.energy_per_fission_MeV[0] *= factor;
    check(reactor, fresh, burnt);
    reactor.energy_per_fission_MeV[2] *= 10.0;
    check(reactor, fresh, burnt);
  }
  const PerFissile<double> uranium = {1.0, 0.0, 0.0, 0.0}, plutonium = {0.0, 0.0, 1.0, 0.0};
  check(with_cycle(uranium, plutonium), uranium, plutonium);
}

TEST_CASE("the composition in the middle of a cycle is not its mean") {
  const Reactor reactor = with_cycle(fresh, burnt);
  const auto mean = experiment::mean_fission_fractions(reactor);
  // By c/(3 f) times the relative change of the energy per fission over half of the cycle: 0.5 MeV.
  const auto off = [&](std::size_t i) { return mean[i] / reactor.fission_fractions[i] - 1.0; };
  CHECK(off(0) == Approx(1.7e-4).epsilon(0.05));
  CHECK(off(2) == Approx(-1.8e-4).epsilon(0.05));
  // A fuel that stays the same is itself, to the last bit.
  CHECK(experiment::mean_fission_fractions(taishan) == taishan.fission_fractions);
}

TEST_CASE("parts of a cycle make the whole of it") {
  const Reactor whole = with_cycle(fresh, burnt);
  const experiment::Fuel fuel{whole.fission_fractions, whole.half_change};
  const double cuts[] = {0.0, 0.2, 0.5, 1.0};
  const auto all = by_simpson(fresh, burnt, whole);
  PerFissile<double> sum{};
  for (int n = 0; n < 3; ++n) {
    const experiment::Fuel part = fuel.part(cuts[n], cuts[n + 1]);
    Reactor reactor = whole;
    reactor.fission_fractions = part.fission_fractions;
    reactor.half_change = part.half_change;
    const auto shares = experiment::mean_fission_fractions(reactor);
    for (std::size_t i = 0; i < sum.size(); ++i)
      sum[i] += (cuts[n + 1] - cuts[n]) * experiment::fission_rate_per_s(reactor) * shares[i];
  }
  for (std::size_t i = 0; i < sum.size(); ++i)
    CHECK(sum[i] == Approx(static_cast<double>(all[i])).epsilon(1e-12));
  CHECK(fuel.part(0.0, 1.0).fission_fractions == fuel.fission_fractions);
  CHECK(fuel.part(0.0, 1.0).half_change == fuel.half_change);
}

TEST_CASE("the reactors of the configs are those of the paper") {
  const auto& cloud = test::world().experiments.find("cloud-surface")->reactor;
  CHECK(cloud.thermal_power_GW == 4.25);
  CHECK(cloud.load_factor == 0.80);
  CHECK(cloud.fuel.fission_fractions == PerFissile<double>{0.488, 0.087, 0.359, 0.067});
  const auto& tao = test::world().experiments.find("tao-30m")->reactor;
  CHECK(tao.thermal_power_GW == taishan.thermal_power_GW);
  CHECK(tao.load_factor == taishan.load_factor);
  CHECK(tao.fuel.fission_fractions == taishan.fission_fractions);
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

TEST_CASE("a piecewise table is the inner one on its range and the outer one elsewhere") {
  const PiecewiseTable both{inner, outer};
  for (const double energy : {0.5, 1.0, 1.7, 2.1999, 6.3001, 9.0, 12.0})
    CHECK(both(energy) == outer(energy));
  for (const double energy : {2.2, 2.5, 3.1, 4.0, 6.3})
    CHECK(both(energy) == inner(energy));
  // Nothing is interpolated across the jump.
  CHECK(both(2.2) == Approx(0.8).epsilon(1e-15));
  CHECK(both(std::nextafter(2.2, 0.0)) == Approx(outer(2.2)).epsilon(1e-14));
}

TEST_CASE("the knots of a piecewise table are the ends of the inner one and what is seen of both") {
  const FluxModel flux = same_for_all(PiecewiseTable{inner, outer}, 1.0, 11.0);
  CHECK(flux.knots_MeV() == std::vector<double>{1.7, 2.2, 3.1, 6.3, 9.0});
  CHECK(flux(5.0)[2] == inner(5.0));
  CHECK(flux(1.5)[3] == outer(1.5));
}

TEST_CASE("a spectrum that jumps is integrated as its continuous parts are") {
  const experiment::Binning bins(1.0, 10.0, 0.5);
  for (const Observable observable : {Observable::electron, Observable::electromagnetic}) {
    const auto nlo = [&](const FluxModel::Spectrum& spectrum, double low, double high) {
      return rates(basis_of(same_for_all(spectrum, low, high), observable, bins),
                   physics::Model::nlo)
          .value;
    };
    const Eigen::ArrayXd whole = nlo(PiecewiseTable{inner, outer}, 0.5, 12.0);
    const Eigen::ArrayXd parts =
        nlo(outer, 0.5, 2.2) + nlo(inner, 2.2, 6.3) + nlo(outer, 6.3, 12.0);
    INFO(static_cast<int>(observable));
    // Four integrations to 1e-10 of a bin's largest function, which are a few times the rate.
    CHECK(((whole - parts) / whole).abs().maxCoeff() < 1e-9);
  }
}

TEST_CASE("the error estimate bounds the deviation from a finer integration over a jump") {
  const FluxModel flux = same_for_all(PiecewiseTable{inner, outer}, 0.5, 12.0);
  const experiment::Binning wide(1.0, 11.8, 5.4);
  for (const Observable observable : {Observable::electron, Observable::electromagnetic}) {
    const experiment::Spectrum sharp =
        rates(basis_of(flux, observable, wide, 1e-12), physics::Model::nlo);
    CHECK((sharp.error <= 1e-10 * sharp.value).all());
    for (const double tolerance : {1e-3, 1e-6, 1e-9}) {
      const experiment::Spectrum rough =
          rates(basis_of(flux, observable, wide, tolerance), physics::Model::nlo);
      INFO(static_cast<int>(observable) << ", " << tolerance);
      CHECK(((rough.value - sharp.value).abs() <= rough.error + sharp.error).all());
    }
  }
}

TEST_CASE("LO bins of the tables that jump agree with an integral over E of the closed form in T") {
  boost::math::quadrature::tanh_sinh<double> integrator;
  for (const char* name : {"kurchatov", "mueller-table", "huber-table"}) {
    const FluxModel& flux = test::world().fluxes.find(name)->model;
    const Eigen::ArrayXd found =
        rates(basis_of(flux, Observable::electron, {1.0, 10.0, 0.5}), physics::Model::lo).value;
    const auto expected = [&](double low, double high) {
      std::vector<double> splits = flux.knots_MeV();
      splits.insert(splits.end(), {min_energy(low), min_energy(high), flux.high_MeV()});
      std::sort(splits.begin(), splits.end());
      double sum = 0.0;
      for (std::size_t i = 1; i < splits.size(); ++i)
        if (splits[i - 1] >= min_energy(low) && splits[i] <= flux.high_MeV() &&
            splits[i] > splits[i - 1])
          sum += integrator.integrate(
              [&](double E) {
                // The abscissae may round to the ends; a hair inside is the same integral.
                E = std::clamp(E, splits[i - 1] * (1 + 1e-15), splits[i] * (1 - 1e-15));
                const PerFissile<double> s = flux(E);
                return (0.561 * s[0] + 0.076 * s[1] + 0.307 * s[2] + 0.056 * s[3]) *
                       tree_level_in_bin(E, low, high);
              },
              splits[i - 1], splits[i], 1e-12);
      return sum;
    };
    // The bins around 2 and 8 MeV, and those below and between.
    const double first = expected(1.0, 1.5);
    for (const int bin : {1, 2, 5, 12, 13, 14}) {
      const double low = 1.0 + 0.5 * bin;
      INFO(name << " from " << low << " MeV");
      CHECK(found[bin] / found[0] == Approx(expected(low, low + 0.5) / first).epsilon(1e-11));
    }
  }
}

TEST_CASE("the read-in tables keep the published values and jump to the summation outside") {
  struct Published {
    std::string name;
    PerFissile<double> at_2_MeV, at_5_MeV, at_8_MeV;
  };
  const FluxModel& summation = test::world().fluxes.find("summation")->model;
  for (const auto& [name, at_2, at_5, at_8] :
       std::vector<Published>{{"kurchatov",
                               {1.25, 1.54, 1.08, 1.26},
                               {0.104, 0.161, 0.0613, 0.0974},
                               {0.00154, 0.003, 0.000587, 0.001}},
                              {"huber-table",
                               {1.32, 1.48, 1.08, 1.26},
                               {0.11, 0.183, 0.0613, 0.0974},
                               {0.00162, 0.00384, 0.000587, 0.001}},
                              {"mueller-table",
                               {1.31, 1.48, 1.13, 1.27},
                               {0.109, 0.183, 0.0615, 0.0959},
                               {0.00149, 0.00384, 0.000491, 0.000963}}}) {
    INFO(name);
    const FluxModel& flux = test::world().fluxes.find(name)->model;
    CHECK(flux.low_MeV() == 0.05);
    CHECK(flux.high_MeV() == 10.05);
    for (std::size_t i = 0; i < at_2.size(); ++i) {
      CHECK(flux(2.0)[i] == Approx(at_2[i]).epsilon(1e-14));
      CHECK(flux(5.0)[i] == Approx(at_5[i]).epsilon(1e-14));
      CHECK(flux(8.0)[i] == Approx(at_8[i]).epsilon(1e-14));
      for (const double energy : {0.05, 1.2, 1.999, 8.001, 10.05})
        CHECK(flux(energy)[i] == summation(energy)[i]);
    }
    for (const double knot : {2.0, 8.0})
      CHECK(std::count(flux.knots_MeV().begin(), flux.knots_MeV().end(), knot) == 1);
  }
}

TEST_CASE("the tables hold as many antineutrinos as the polynomials fitted to them") {
  boost::math::quadrature::tanh_sinh<double> integrator;
  for (const char* name : {"mueller", "huber"}) {
    const FluxModel& fit = test::world().fluxes.find(name)->model;
    const FluxModel& table = test::world().fluxes.find(std::string(name) + "-table")->model;
    for (std::size_t i = 0; i < experiment::fissile_count; ++i) {
      const auto number = [&](const FluxModel& flux) {
        double sum = 0.0;
        for (int k = 0; k < 24; ++k)
          sum += integrator.integrate([&](double E) { return flux(E)[i]; }, 2.0 + 0.25 * k,
                                      2.25 + 0.25 * k, 1e-10);
        return sum;
      };
      INFO(name << ", " << experiment::fissile_names[i]);
      // The points scatter about the fits by some per cent and average out: to 0.4 %, and to 1.0 %
      // for 238U. The isotopes differ by 4 % or more.
      CHECK(number(table) == Approx(number(fit)).epsilon(0.015));
    }
  }
}
