// The detector: bins of visible energy, energy resolution, response of a bin.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/experiment/detector.hpp"

#include "catch.hpp"
#include "nuloop/experiment/quenching.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <boost/math/quadrature/tanh_sinh.hpp>

namespace {

namespace experiment = nuloop::experiment;
using nuloop::experiment::Binning;
using nuloop::experiment::BinResponse;
using nuloop::experiment::EfficiencyCurve;
using nuloop::experiment::EnergyTable;
using nuloop::experiment::Resolution;
using nuloop::experiment::Response;

// The probability as a user of the class must take it: zero outside the ranges.
double probability(const BinResponse& response, double visible_MeV) {
  const auto& ranges = response.ranges_MeV();
  return visible_MeV >= ranges.front() && visible_MeV <= ranges.back() ? response(visible_MeV)
                                                                       : 0.0;
}

const std::vector<Resolution> resolutions = {{0.02, 0.0},  {0.05, 0.0}, {0.0, 0.01},
                                             {0.03, 0.02}, {1e-4, 0.0}, {0.2, 0.05}};

}  // namespace

TEST_CASE("a width that divides the window makes equal bins") {
  const Binning binning(1.0, 10.0, 0.5);
  REQUIRE(binning.size() == 18);
  for (std::size_t bin = 0; bin < binning.size(); ++bin) {
    CHECK(binning.low_MeV(bin) == 1.0 + 0.5 * static_cast<double>(bin));
    CHECK(binning.high_MeV(bin) == 1.5 + 0.5 * static_cast<double>(bin));
  }
}

TEST_CASE("a width that does not divide the window leaves a shorter last bin") {
  const Binning binning(1.0, 10.0, 0.4);
  REQUIRE(binning.size() == 23);
  CHECK(binning.low_MeV(22) == Approx(9.8).epsilon(1e-15));
  CHECK(binning.high_MeV(22) == 10.0);

  const Binning one(1.0, 10.0, 20.0);
  REQUIRE(one.size() == 1);
  CHECK(one.low_MeV(0) == 1.0);
  CHECK(one.high_MeV(0) == 10.0);
}

TEST_CASE("rounding in the width makes no sliver of a bin") {
  struct Case {
    double low, high, width;
    std::size_t count;
  };
  // The quotient of the last five comes out above the whole number.
  for (const auto& [low, high, width, count] : std::vector<Case>{{1.0, 10.0, 0.1, 90},
                                                                 {1.0, 10.0, 0.05, 180},
                                                                 {1.0, 10.0, 0.01, 900},
                                                                 {1.0, 10.0, 9.0 / 7.0, 7},
                                                                 {1.0, 10.0, 9.0 / 119.0, 119},
                                                                 {1.0, 10.0, 9.0 / 250.0, 250},
                                                                 {0.1, 0.4, 0.1, 3},
                                                                 {0.1, 2.2, 0.7, 3},
                                                                 {0.1, 5.0, 0.7, 7}}) {
    const Binning binning(low, high, width);
    INFO("width " << width << " from " << low << " to " << high);
    REQUIRE(binning.size() == count);
    CHECK(binning.low_MeV(0) == low);
    CHECK(binning.high_MeV(count - 1) == high);
    for (std::size_t bin = 0; bin < count; ++bin) {
      CHECK(binning.high_MeV(bin) - binning.low_MeV(bin) == Approx(width).epsilon(1e-10));
      if (bin > 0)
        CHECK(binning.low_MeV(bin) == binning.high_MeV(bin - 1));
    }
  }
}

TEST_CASE("the resolution adds its two terms in quadrature") {
  CHECK(Resolution{0.0, 0.0}.perfect());
  CHECK_FALSE(Resolution{0.01, 0.0}.perfect());
  CHECK_FALSE(Resolution{0.0, 0.01}.perfect());
  // sigma/T = 0.03/sqrt(4) (+) 0.02 = 0.025.
  CHECK(Resolution{0.03, 0.02}.sigma_MeV(4.0) == Approx(0.1).epsilon(1e-15));
  CHECK(Resolution{0.05, 0.0}.sigma_MeV(4.0) == Approx(0.1).epsilon(1e-15));
  CHECK(Resolution{0.0, 0.02}.sigma_MeV(4.0) == Approx(0.08).epsilon(1e-15));
}

TEST_CASE("without resolution the response of a bin is its indicator") {
  const BinResponse response(2.0, 2.5, {});
  CHECK(response.ranges_MeV() == std::vector<double>{2.0, 2.5});
  CHECK(probability(response, 1.999) == 0.0);
  CHECK(probability(response, 2.0) == 1.0);
  CHECK(probability(response, 2.25) == 1.0);
  CHECK(probability(response, 2.501) == 0.0);
}

TEST_CASE("the response is the Gaussian's share of the bin") {
  const Resolution resolution{0.03, 0.02};
  const BinResponse response(4.0, 4.5, {resolution});
  boost::math::quadrature::tanh_sinh<double> integrator;
  for (const double visible : {3.6, 3.9, 4.0, 4.2, 4.5, 4.8}) {
    const double sigma = 0.03 * 0.03 * visible + 0.02 * 0.02 * visible * visible;  // squared
    const double share = integrator.integrate(
        [&](double E) {
          return std::exp(-0.5 * (E - visible) * (E - visible) / sigma) /
                 std::sqrt(2.0 * std::acos(-1.0) * sigma);
        },
        4.0, 4.5);
    // erf differences lose digits in the tails: absolute, not relative.
    CHECK(response(visible) == Approx(share).margin(1e-14).epsilon(1e-13));
  }
}

TEST_CASE("adjacent bins share every event once") {
  for (const Resolution& resolution : resolutions) {
    const Binning binning(0.2, 40.0, 0.3);
    std::vector<BinResponse> responses;
    for (std::size_t bin = 0; bin < binning.size(); ++bin)
      responses.emplace_back(binning.low_MeV(bin), binning.high_MeV(bin), Response{resolution});
    for (double visible = 2.03; visible < 12.0; visible += 0.37) {
      double sum = 0.0;
      for (const BinResponse& response : responses)
        sum += probability(response, visible);
      INFO("a = " << resolution.stochastic << ", b = " << resolution.constant << ", " << visible
                  << " MeV");
      // What is lost beyond eight standard deviations, of the window or of a bin, is 6e-16.
      if (visible - 0.2 > 8.0 * resolution.sigma_MeV(visible))
        CHECK(sum == Approx(1.0).epsilon(1e-13));
      else
        CHECK(sum <= 1.0 + 1e-13);
    }
  }
}

TEST_CASE("the ranges ascend, hold the bin's edges and end where nothing is left") {
  std::vector<Resolution> all = resolutions;
  all.push_back({0.5, 0.1});  // the worst that a job may ask for
  for (const Resolution& resolution : all)
    for (const auto& [low, high] : std::vector<std::pair<double, double>>{
             {1.0, 1.5}, {9.5, 10.0}, {0.1, 12.0}, {4.0, 4.001}}) {
      const BinResponse response(low, high, {resolution});
      const auto& ranges = response.ranges_MeV();
      INFO("a = " << resolution.stochastic << ", b = " << resolution.constant << ", bin " << low
                  << "-" << high);
      REQUIRE(ranges.size() >= 2);
      CHECK(ranges.front() > 0.0);
      CHECK(std::adjacent_find(ranges.begin(), ranges.end(), std::greater_equal<>()) ==
            ranges.end());
      CHECK(std::count(ranges.begin(), ranges.end(), low) == 1);
      CHECK(std::count(ranges.begin(), ranges.end(), high) == 1);
      // Eight standard deviations out: 6e-16.
      CHECK(std::abs(response(ranges.front())) < 1e-14);
      CHECK(std::abs(response(ranges.back())) < 1e-14);
    }
}

TEST_CASE("the noise of a resolution is a constant width") {
  // 0.04 at any energy, alone; at 4 MeV with 3 %/sqrt(T) (0.06) and 1 % (0.04) the sum of squares.
  CHECK(Resolution{0.0, 0.0, 0.04}.sigma_MeV(0.1) == Approx(0.04).epsilon(1e-15));
  CHECK(Resolution{0.03, 0.01, 0.04}.sigma_MeV(4.0) ==
        Approx(std::sqrt(0.0036 + 0.0016 + 0.0016)).epsilon(1e-15));
  CHECK_FALSE(Resolution{0.0, 0.0, 0.04}.perfect());
}

TEST_CASE("a deposited energy is that of its visible one") {
  const EnergyTable scale{{0.5, 1.0, 2.0, 8.0}, {0.9, 0.97, 1.0, 1.02}};
  const Response response{{}, {}, &scale};
  for (const double deposited : {0.1, 0.5, 0.7, 1.0, 1.9, 2.0, 5.0, 8.0, 12.0}) {
    INFO(deposited << " MeV");
    CHECK(response.deposited_MeV(response.visible_MeV(deposited)) ==
          Approx(deposited).epsilon(1e-14));
  }
  CHECK(response.visible_MeV(0.1) == Approx(0.09).epsilon(1e-15));
  CHECK(response.visible_MeV(1.5) == Approx(1.5 * 0.985).epsilon(1e-15));
  CHECK(response.visible_MeV(10.0) == Approx(10.2).epsilon(1e-15));
  // A bin of measured energies is one of other deposited ones, split where the table bends.
  const BinResponse in_bin(0.95, 2.5, response);
  REQUIRE(in_bin.ranges_MeV().size() == 4);
  CHECK(response.visible_MeV(in_bin.ranges_MeV().front()) == Approx(0.95).epsilon(1e-14));
  CHECK(in_bin.ranges_MeV()[1] == 1.0);
  CHECK(in_bin.ranges_MeV()[2] == 2.0);
  CHECK(response.visible_MeV(in_bin.ranges_MeV().back()) == Approx(2.5).epsilon(1e-14));
}

TEST_CASE("the stopping power of water is the tabulated one") {
  // ESTAR (NIST), collisions, quoted second-hand; from 0.5 MeV on the density effect lowers it.
  const experiment::Material water{0.55508, 75e-6};
  CHECK(experiment::collision_stopping_power(water, 0.01) == Approx(22.56).epsilon(2e-3));
  CHECK(experiment::collision_stopping_power(water, 0.1) == Approx(4.115).epsilon(2e-3));
  CHECK(experiment::collision_stopping_power(water, 1.0) == Approx(1.849).epsilon(1.5e-2));
}

TEST_CASE("Birks' law takes light from slow electrons") {
  const experiment::Material plastic{0.5414, 64.7e-6};
  const EnergyTable none = experiment::quenched_scale(plastic, 0.0, 1.0);
  for (const double ratio : none.values)
    CHECK(ratio == Approx(1.0).epsilon(1e-13));
  const double birks = 0.0126;
  const EnergyTable scale = experiment::quenched_scale(plastic, birks, 1.0);
  // Up to 2 MeV an electron's mean stopping power falls with its energy.
  CHECK(std::is_sorted(scale.values.begin(),
                       scale.values.begin() + (std::upper_bound(scale.energies_MeV.begin(),
                                                                scale.energies_MeV.end(), 2.0) -
                                               scale.energies_MeV.begin())));
  CHECK(scale(1.0) == Approx(1.0).epsilon(1e-4));
  // The light between two energies by a fine sum: d(T ratio(T))/dT falls with the stopping power.
  const auto steps = 200000;
  double sum = 0.0;
  for (int i = 0; i < steps; ++i) {
    const double E = scale.energies_MeV[20] +
                     (i + 0.5) / steps * (scale.energies_MeV[50] - scale.energies_MeV[20]);
    sum += 1.0 / (1.0 + birks * experiment::collision_stopping_power(plastic, E));
  }
  sum *= (scale.energies_MeV[50] - scale.energies_MeV[20]) / steps;
  double reference = 1e-3 / (1.0 + birks * experiment::collision_stopping_power(plastic, 1e-3));
  for (int i = 0; i < steps; ++i) {
    const double E = 1e-3 + (i + 0.5) / steps * (1.0 - 1e-3);
    reference +=
        (1.0 - 1e-3) / steps / (1.0 + birks * experiment::collision_stopping_power(plastic, E));
  }
  const double visible =
      scale.energies_MeV[50] * scale.values[50] - scale.energies_MeV[20] * scale.values[20];
  CHECK(visible == Approx(sum / reference).epsilon(1e-8));
}

TEST_CASE("an efficiency has an edge, a table, or both") {
  CHECK(EfficiencyCurve{}(0.01) == 1.0);
  const EfficiencyCurve step{1.0, 0.0, nullptr};
  CHECK(step(0.999) == 0.0);
  CHECK(step(1.0) == 1.0);
  const EfficiencyCurve edge{1.0, 0.2, nullptr};
  CHECK(edge(1.0) == Approx(0.5).epsilon(1e-15));
  // The normal distribution up to +-1: 0.841344746068543.
  CHECK(edge(1.2) == Approx(0.841344746068543).epsilon(1e-14));
  CHECK(edge(0.8) == Approx(1.0 - 0.841344746068543).epsilon(1e-13));
  const EnergyTable table{{1.0, 3.0}, {0.5, 0.9}};
  const EfficiencyCurve both{1.0, 0.2, &table};
  CHECK(EfficiencyCurve{0.0, 0.0, &table}(2.0) == Approx(0.7).epsilon(1e-15));
  CHECK(EfficiencyCurve{0.0, 0.0, &table}(0.5) == 0.5);
  CHECK(EfficiencyCurve{0.0, 0.0, &table}(9.0) == 0.9);
  CHECK(both(1.2) == Approx(0.54 * 0.841344746068543).epsilon(1e-14));
}
