// The cosmogenic background: spectra against an integration in kinetic energy, and published sums.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/experiment/background.hpp"

#include "catch.hpp"
#include "nuloop/foundation/errors.hpp"
#include "unit/world_fixture.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include <boost/math/quadrature/tanh_sinh.hpp>

namespace {

using namespace nuloop;
using experiment::BackgroundBasis;
using experiment::BetaBranch;
using experiment::BetaSign;
using experiment::Binning;
using experiment::CosmogenicIsotope;
using experiment::Detector;
using experiment::Overburden;
using experiment::Response;
using experiment::Spectrum;

constexpr double tolerance = 1e-10;
const Response perfect{};
const Detector one_tonne{1.0, 1.0, 1.0};

const CosmogenicIsotope& isotope(std::string_view name) {
  const auto& all = test::world().isotopes;
  return *std::find_if(all.begin(), all.end(), [&](const auto& i) { return i.name == name; });
}

// Allowed shape as printed in the textbooks, dN/dT ~ p W (Q - T)^2 F, in MeV.
double allowed_shape(const BetaBranch& branch, int daughter_charge, double T) {
  const double m = 0.51099895;
  const double W = T + m;
  const double p = std::sqrt(W * W - m * m);
  if (!(p > 0.0))
    return 0.0;
  const double sign = branch.sign == BetaSign::electron ? 1.0 : -1.0;
  const double two_pi_eta = 2.0 * std::acos(-1.0) * sign * daughter_charge / 137.035999084 * W / p;
  const double fermi = two_pi_eta / (1.0 - std::exp(-two_pi_eta));
  const double left = branch.endpoint_MeV - T;
  // A positron at rest: exp overflows and the shape vanishes.
  return std::isfinite(fermi) ? p * W * left * left * fermi : 0.0;
}

double integral(const BetaBranch& branch, int daughter_charge, double low, double high) {
  if (low >= high)
    return 0.0;
  boost::math::quadrature::tanh_sinh<double> integrator;
  return integrator.integrate([&](double T) { return allowed_shape(branch, daughter_charge, T); },
                              low, high, 1e-13);
}

// Share of the decays between two visible energies.
double direct_share(const CosmogenicIsotope& i, double low_MeV, double high_MeV) {
  double share = 0.0;
  for (const BetaBranch& b : i.branches) {
    const double low = std::max(low_MeV - b.extra_visible_MeV, 0.0);
    const double high = std::min(high_MeV - b.extra_visible_MeV, b.endpoint_MeV);
    share += b.fraction * integral(b, i.daughter_charge, low, high) /
             integral(b, i.daughter_charge, 0.0, b.endpoint_MeV);
  }
  return share;
}

Spectrum events(const BackgroundBasis& basis, const std::string& overburden,
                const Detector& detector = one_tonne) {
  return basis.events_per_day(test::world().backgrounds.find(overburden)->overburden, detector);
}

}  // namespace

TEST_CASE("every bin of every isotope agrees with an integration in kinetic energy") {
  const Binning binning(1.0, 10.0, 0.5);
  REQUIRE(test::world().isotopes.size() == 11);
  for (const CosmogenicIsotope& i : test::world().isotopes) {
    const Spectrum shares = experiment::bin_shares(i, binning, perfect, tolerance);
    for (std::size_t bin = 0; bin < binning.size(); ++bin) {
      INFO(i.name << " from " << binning.low_MeV(bin) << " MeV");
      const double expected = direct_share(i, binning.low_MeV(bin), binning.high_MeV(bin));
      const auto b = static_cast<Eigen::Index>(bin);
      CHECK(std::abs(shares.value[b] - expected) <= 1e-10 * expected);
      CHECK(shares.error[b] <= 1e-9 * expected);
    }
  }
}

TEST_CASE("fine bins sum to the share of the spectrum in the window") {
  const Binning binning(1.0, 10.0, 0.05);
  for (const CosmogenicIsotope& i : test::world().isotopes) {
    INFO(i.name);
    CHECK(experiment::bin_shares(i, binning, perfect, tolerance).value.sum() ==
          Approx(direct_share(i, 1.0, 10.0)).epsilon(1e-10));
  }
}

TEST_CASE("a window that holds the whole spectrum holds all decays") {
  const Binning binning(1e-3, 20.0, 0.5);
  for (const CosmogenicIsotope& i : test::world().isotopes) {
    double all = 0.0, below = 0.0;
    for (const BetaBranch& b : i.branches) {
      all += b.fraction;
      if (b.extra_visible_MeV < 1e-3)
        below += b.fraction * integral(b, i.daughter_charge, 0.0, 1e-3 - b.extra_visible_MeV) /
                 integral(b, i.daughter_charge, 0.0, b.endpoint_MeV);
    }
    INFO(i.name);
    CHECK(experiment::bin_shares(i, binning, perfect, tolerance).value.sum() ==
          Approx(all - below).epsilon(1e-10));
  }
}

TEST_CASE("the Coulomb field favours slow electrons and slows no positron down to rest") {
  const Binning binning(0.01, 10.01, 0.1);
  CosmogenicIsotope toy = isotope("12B");
  const auto lowest = [&](BetaSign sign) {
    toy.branches = {{sign, 1.0, 3.0, 0.0}};
    return experiment::bin_shares(toy, binning, perfect, tolerance).value[0];
  };
  CHECK(lowest(BetaSign::electron) > 1.05 * lowest(BetaSign::positron));
}

TEST_CASE("decays scale with the muon flux and with a power of the mean muon energy") {
  const CosmogenicIsotope& carbon = isotope("11C");
  // 100 /m2/s are 864 /cm2/d; at the reference energy 866e-7 of them per g/cm2 make 11C.
  CHECK(experiment::decays_per_t_day(carbon, {100.0, 260.0}) ==
        Approx(864.0 * 866e-7 * 1e6).epsilon(1e-14));
  CHECK(experiment::decays_per_t_day(carbon, {100.0, 26.0}) ==
        Approx(864.0 * 86.6 * std::pow(0.1, 0.76)).epsilon(1e-14));
  CHECK(experiment::decays_per_t_day(isotope("6He"), {100.0, 380.0}) ==
        Approx(864.0 * 7.05e-7 * 1e6 * std::pow(2.0, 0.73)).epsilon(1e-14));
}

TEST_CASE("the background in the window is 197, 8042 and 24127 per tonne and day") {
  const BackgroundBasis basis(test::world().isotopes, Binning(1.0, 10.0, 0.5), perfect, tolerance);
  CHECK(events(basis, "paper-300mwe").value.sum() == Approx(197.0).margin(0.5));
  CHECK(events(basis, "paper-25mwe").value.sum() == Approx(8042.0).margin(0.5));
  // Three times the unrounded rate; 24126.512 is printed as 24127.
  CHECK(events(basis, "paper-surface").value.sum() == Approx(24127.0).margin(0.5));
  CHECK(events(basis, "none").value.sum() == 0.0);
}

TEST_CASE("the background is linear in muon flux and mass") {
  const BackgroundBasis basis(test::world().isotopes, Binning(1.0, 10.0, 1.0), perfect, tolerance);
  const Spectrum unit = basis.events_per_day({1.0, 14.4}, one_tonne);
  const Spectrum scaled = basis.events_per_day({88.3, 14.4}, {2.8, 30.0, 3e29});
  for (Eigen::Index bin = 0; bin < unit.value.size(); ++bin) {
    CHECK(scaled.value[bin] == Approx(88.3 * 2.8 * unit.value[bin]).epsilon(1e-14));
    CHECK(scaled.error[bin] == Approx(88.3 * 2.8 * unit.error[bin]).epsilon(1e-14));
  }
  const Eigen::ArrayXd surface = events(basis, "paper-surface").value;
  const Eigen::ArrayXd shallow = events(basis, "paper-25mwe").value;
  for (Eigen::Index bin = 0; bin < surface.size(); ++bin)
    CHECK(surface[bin] == Approx(3.0 * shallow[bin]).epsilon(1e-14));
}

TEST_CASE("the background adds up isotope by isotope") {
  const Binning binning(1.0, 10.0, 3.0);
  const Overburden overburden{0.7, 63.7};
  const Spectrum all = BackgroundBasis(test::world().isotopes, binning, perfect, tolerance)
                           .events_per_day(overburden, one_tonne);
  for (std::size_t bin = 0; bin < binning.size(); ++bin) {
    double sum = 0.0;
    for (const CosmogenicIsotope& i : test::world().isotopes)
      sum += experiment::decays_per_t_day(i, overburden) *
             direct_share(i, binning.low_MeV(bin), binning.high_MeV(bin));
    CHECK(all.value[static_cast<Eigen::Index>(bin)] == Approx(sum).epsilon(1e-10));
  }
}

TEST_CASE("a resolution moves the events of a narrow spectrum and loses none") {
  // A line at 5.05 MeV: all shares must be the Gaussian's.
  CosmogenicIsotope line = isotope("12B");
  line.branches = {{BetaSign::electron, 1.0, 0.1, 5.0}};
  const experiment::Resolution resolution{0.03, 0.01};
  const Binning binning(1.0, 10.0, 0.25);
  const Spectrum shares = experiment::bin_shares(line, binning, {resolution}, tolerance);
  // 1 - 6e-16 of the events are within eight standard deviations.
  CHECK(shares.value.sum() == Approx(1.0).epsilon(1e-10));
  CHECK(shares.value.maxCoeff() < 0.8);
  boost::math::quadrature::tanh_sinh<double> integrator;
  const BetaBranch& branch = line.branches.front();
  const double norm = integral(branch, line.daughter_charge, 0.0, 0.1);
  for (std::size_t bin = 0; bin < binning.size(); ++bin) {
    const double expected =
        integrator.integrate(
            [&](double T) {
              const double visible = T + 5.0;
              const double scale = std::sqrt(2.0 * (0.0009 * visible + 0.0001 * visible * visible));
              return allowed_shape(branch, line.daughter_charge, T) *
                     (std::erfc((binning.low_MeV(bin) - visible) / scale) -
                      std::erfc((binning.high_MeV(bin) - visible) / scale)) /
                     2.0;
            },
            0.0, 0.1, 1e-13) /
        norm;
    CHECK(std::abs(shares.value[static_cast<Eigen::Index>(bin)] - expected) < 1e-10);
  }
}

TEST_CASE("a resolution that is almost perfect changes almost nothing") {
  const Binning binning(1.0, 10.0, 0.5);
  for (const char* name : {"12B", "8B"}) {
    const Eigen::ArrayXd sharp =
        experiment::bin_shares(isotope(name), binning, perfect, tolerance).value;
    const Eigen::ArrayXd smeared =
        experiment::bin_shares(isotope(name), binning, {{1e-4, 0.0}}, tolerance).value;
    // Second order in 1e-4 sqrt(T), times the curvature of the spectrum.
    CHECK(((smeared - sharp).abs() / sharp).maxCoeff() < 1e-6);
  }
}

TEST_CASE("a tolerance that cannot be met is a numerical error, from any thread") {
  const Binning binning(1.0, 10.0, 3.0);
  CHECK_THROWS_AS(experiment::bin_shares(isotope("12B"), binning, perfect, 1e-300), NumericalError);
  CHECK_THROWS_AS(BackgroundBasis(test::world().isotopes, binning, perfect, 1e-300),
                  NumericalError);
}
