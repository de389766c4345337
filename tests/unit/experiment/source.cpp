// Backgrounds known by their spectrum: shares of bins against closed forms and convolutions.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/experiment/source.hpp"

#include "catch.hpp"

#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include <boost/math/quadrature/gauss_kronrod.hpp>

namespace {

using namespace nuloop::experiment;

constexpr double tolerance = 1e-12;
const Binning bins(1.0, 4.0, 0.5);
constexpr double infinity = std::numeric_limits<double>::infinity();

BackgroundSource of_shape(SpectralShape shape, SpectrumOf spectrum_of = SpectrumOf::deposited) {
  BackgroundSource source;
  source.shape = std::move(shape);
  source.spectrum_of = spectrum_of;
  return source;
}

double normal(double x) {
  return 0.5 * std::erfc(-x / std::sqrt(2.0));
}

// Each bin's share is the difference of the shape's distribution function.
void check_shares(const BackgroundSource& source, const Response& response,
                  const std::function<double(double)>& below) {
  const Spectrum shares = bin_shares(source, bins, response, tolerance);
  for (std::size_t bin = 0; bin < bins.size(); ++bin) {
    const double expected = below(bins.high_MeV(bin)) - below(bins.low_MeV(bin));
    INFO("from " << bins.low_MeV(bin) << " MeV");
    CHECK(shares.value[static_cast<Eigen::Index>(bin)] ==
          Approx(expected).epsilon(1e-11).margin(1e-15));
    CHECK(std::abs(shares.value[static_cast<Eigen::Index>(bin)] - expected) <=
          shares.error[static_cast<Eigen::Index>(bin)] + 1e-14);
  }
}

}  // namespace

TEST_CASE("shares of bins are those of the closed forms") {
  check_shares(of_shape(ExponentialShape{0.5, 3.2, infinity}), {},
               [](double T) { return (std::min(std::max(T, 0.5), 3.2) - 0.5) / 2.7; });
  check_shares(of_shape(ExponentialShape{0.0, 10.0, 0.8}), {},
               [](double T) { return std::expm1(-T / 0.8) / std::expm1(-10.0 / 0.8); });
  check_shares(of_shape(PowerLawShape{0.5, 20.0, 2.7}), {}, [](double T) {
    return (std::pow(T, -1.7) - std::pow(0.5, -1.7)) / (std::pow(20.0, -1.7) - std::pow(0.5, -1.7));
  });
  check_shares(of_shape(PowerLawShape{0.5, 20.0, 1.0}), {},
               [](double T) { return std::log(T / 0.5) / std::log(40.0); });
  check_shares(of_shape(LineShape{2.2, 0.3}), {}, [](double T) { return normal((T - 2.2) / 0.3); });
  check_shares(of_shape(LineShape{1.461, 0.0}), {}, [](double T) { return T > 1.461 ? 1.0 : 0.0; });
}

TEST_CASE("tables share their contents by overlap") {
  // 30 events of 1.2-1.6 MeV, 70 of 1.6-3: 10 of the first are beyond 1.5 - 1/3 of the bin.
  const BackgroundSource histogram = of_shape(StepTable{{1.2, 1.6, 3.0}, {30.0 / 0.4, 70.0 / 1.4}});
  const Spectrum shares = bin_shares(histogram, bins, {}, tolerance);
  const std::vector<double> expected = {22.5, 7.5 + 20.0, 25.0, 25.0, 0.0, 0.0};
  for (std::size_t bin = 0; bin < expected.size(); ++bin)
    CHECK(100.0 * shares.value[static_cast<Eigen::Index>(bin)] ==
          Approx(expected[bin]).epsilon(1e-12).margin(1e-14));
  // A triangle over 1-3 MeV with its top at 2: areas of trapezoids.
  const BackgroundSource triangle = of_shape(EnergyTable{{1.0, 2.0, 3.0}, {0.0, 4.0, 0.0}});
  CHECK(integral_of(triangle.shape) == Approx(4.0).epsilon(1e-15));
  const Spectrum parts = bin_shares(triangle, bins, {}, tolerance);
  const std::vector<double> areas = {0.125, 0.375, 0.375, 0.125, 0.0, 0.0};
  for (std::size_t bin = 0; bin < areas.size(); ++bin)
    CHECK(parts.value[static_cast<Eigen::Index>(bin)] ==
          Approx(areas[bin]).epsilon(1e-12).margin(1e-15));
}

TEST_CASE("the response is applied to deposited energies alone") {
  const Resolution resolution{0.06, 0.02, 0.01};
  const EnergyTable scale{{0.5, 2.0, 6.0}, {0.95, 1.0, 1.03}};
  const Response response{resolution, {1.2, 0.15, nullptr}, &scale};
  const BackgroundSource deposited = of_shape(ExponentialShape{0.3, 9.0, 1.1});
  const Spectrum shares = bin_shares(deposited, bins, response, tolerance);
  for (std::size_t bin = 0; bin < bins.size(); ++bin) {
    // By hand, with nothing of the classes: visible energy, edge, Gaussian.
    const auto integrand = [&](double T) {
      const double ratio = T < 0.5   ? 0.95
                           : T < 2.0 ? 0.95 + 0.05 * (T - 0.5) / 1.5
                           : T < 6.0 ? 1.0 + 0.03 * (T - 2.0) / 4.0
                                     : 1.03;
      const double v = T * ratio;
      const double sigma = std::sqrt(0.0036 * v + 0.0004 * v * v + 0.0001);
      return std::exp(-(T - 0.3) / 1.1) * normal((v - 1.2) / 0.15) *
             (normal((bins.high_MeV(bin) - v) / sigma) - normal((bins.low_MeV(bin) - v) / sigma));
    };
    double sum = 0.0;
    for (double from = 0.3; from < 8.99; from += 0.05)  // 0.5, 2 and 6 MeV are ends of pieces
      sum += boost::math::quadrature::gauss_kronrod<double, 31>::integrate(integrand, from,
                                                                           from + 0.05, 5, 1e-14);
    sum /= -1.1 * std::expm1(-8.7 / 1.1);
    INFO("from " << bins.low_MeV(bin) << " MeV");
    CHECK(shares.value[static_cast<Eigen::Index>(bin)] == Approx(sum).epsilon(1e-10));
  }
  const BackgroundSource measured = of_shape(ExponentialShape{0.3, 9.0, 1.1}, SpectrumOf::measured);
  CHECK((bin_shares(measured, bins, response, tolerance).value ==
         bin_shares(deposited, bins, {}, tolerance).value)
            .all());
}

TEST_CASE("rates count losses once") {
  const Detector detector{2.0, 10.0, 3e29, 0.8, 0.1};
  BackgroundSource source;
  source.rate_per_day = 100.0;
  source.rate_per_t_day = 7.0;
  source.spectrum_of = SpectrumOf::deposited;
  CHECK(events_per_day(source, detector) == Approx(0.72 * 114.0).epsilon(1e-15));
  source.spectrum_of = SpectrumOf::measured;
  CHECK(events_per_day(source, detector) == Approx(114.0).epsilon(1e-15));
}
