// SPDX-License-Identifier: GPL-3.0-or-later
#include "bounds.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace nuloop::study {
namespace {

using Values = std::vector<double>;

// A dataset of the task in both results.
struct Both {
  const Values& a;
  const Values& b;

  double sum(std::size_t n) const { return std::abs(a[n]) + std::abs(b[n]); }
  double largest(std::size_t n) const { return std::max(std::abs(a[n]), std::abs(b[n])); }
};

// As lib/README.md promises of dsigma/dT.
constexpr double cross_section_accuracy = 1e-9;
// Of chi2 where a measurement keeps no bound: ten times the default tolerance of the integrals.
constexpr double chi2_accuracy = 1e-9;
// Of the root of chi2 at the far ends of a charge radius, 1e9 times its scale away: pulls leave it
// of counts 1e9 times the data's, with their rounding. 1e4 is the root of 1e8 counts.
constexpr double far_end_rounding = 1e9 * 1e4 * std::numeric_limits<double>::epsilon();
// Of z, in standard deviations, and of sums of weights of pseudo-experiments.
constexpr double toy_accuracy = 1e-8;
// Of sums over pseudo-experiments and what follows from them, in the statistical error.
constexpr double statistical_share = 1e-3;
// Of numbers that are taken from configs/ and multiplied a few times.
constexpr double rounding = 64.0 * std::numeric_limits<double>::epsilon();

bool ends_with_error(const std::string& path) {
  return path.ends_with("_error");
}

// By how much sums over pseudo-experiments may differ. Counts are drawn from means that differ in
// their last digits, so that here and there one of 1e8 is another by one: z of this
// pseudo-experiment and the logarithm of its weight then move by 1e-5.
double of_sum(double sum, double sum_of_squares) {
  return toy_accuracy * sum + statistical_share * std::sqrt(sum_of_squares);
}
double of_squares(double sum_of_squares) {
  return statistical_share * sum_of_squares;
}

// Whether what is measured has a range without ends: a charge radius, in cm^2; no mixing angle.
bool is_infinite_range(const Layout& layout) {
  return layout.fields()[layout.index("/measurement/best_fit")].units != "1";
}

}  // namespace

Bound::Bound(const Layout& layout, std::size_t dataset, const TaskResult& a, const TaskResult& b) {
  const std::string path = layout.fields()[dataset].path;
  const auto both = [&](const std::string& name) {
    const std::size_t i = layout.index(name);
    return Both{a.values[i], b.values[i]};
  };
  const Both own = both(path);
  is_error_bound_ = ends_with_error(path) && !path.starts_with("/toys/");
  if (is_error_bound_)
    rule_ = [own](std::size_t n) {
      constexpr double most = 10.0;
      return (most - 1.0) * std::min(std::abs(own.a[n]), std::abs(own.b[n]));
    };
  else if (path == "/significance")
    rule_ = [own, chi2_error = both("/chi2_error")](std::size_t n) {
      // |a - b| (a + b) is the difference of chi2.
      return chi2_error.sum(n) / own.sum(n);
    };
  else if (path == "/impacts/value" || path == "/impacts/uncertainty")
    rule_ = [own](std::size_t n) { return rounding * own.largest(n); };
  else if (path == "/impacts/elasticity" || path == "/impacts/shift") {
    // Each is the derivative times something: the relative bounds of the factors add up.
    const std::size_t inputs = layout.further_lengths(layout.fields()[dataset]).front();
    rule_ = [own, inputs, slope = both("/impacts/derivative"),
             slope_error = both("/impacts/derivative_error"), time = both("/discovery_time"),
             time_error = both("/discovery_time_error"),
             is_elasticity = path == "/impacts/elasticity"](std::size_t n) {
      const double of_time =
          is_elasticity ? time_error.sum(n / inputs) / time.largest(n / inputs) : 0.0;
      return own.largest(n) * (slope_error.sum(n) / slope.largest(n) + of_time + 2.0 * rounding);
    };
  } else if (layout.fields().front().path == "/cross_section")
    rule_ = [born = both("/born"), loops = both("/loops"),
             photonic = both("/photonic")](std::size_t n) {
      return cross_section_accuracy * (born.sum(n) + loops.sum(n) + photonic.sum(n));
    };
  else if (path == "/measurement/other_minimum")
    rule_ = [own, least = both("/measurement/chi2_min"),
             error = both("/measurement/chi2_min_error"),
             of_root = is_infinite_range(layout) ? far_end_rounding : 0.0](std::size_t n) {
      const double sum = own.sum(n) + least.sum(n);
      // The roots of two numbers add up to at most the root of twice their sum.
      return chi2_accuracy * sum + of_root * std::sqrt(2.0 * sum) + error.sum(n);
    };
  else if (path == "/toys/significance" || path == "/toys/z_expected")
    rule_ = [own](std::size_t n) { return toy_accuracy * (1.0 + own.largest(n)); };
  else if (path == "/toys/moments") {
    // Number; sums of w, w^2, w y, w y^2, w^2 y, w^2 y^2: those of y may cancel.
    const std::size_t moments = layout.further_lengths(layout.fields()[dataset]).front();
    rule_ = [own, moments](std::size_t n) {
      const std::size_t moment = n % moments, first = n - moment;
      const double w = own.largest(first + 1), w2 = own.largest(first + 2);
      const double w_y2 = own.largest(first + 4), w2_y2 = own.largest(first + 6);
      switch (moment) {
        case 0:
          return 0.0;
        case 1:
          return of_sum(w, w2);
        case 2:
          return of_squares(w2);
        case 3:
        case 4:
          return of_sum(w + w_y2, w2 + w2_y2);
        default:
          return of_squares(w2 + w2_y2);
      }
    };
  } else if (path == "/toys/histogram")
    rule_ = [own, squares = both("/toys/histogram_squares")](std::size_t n) {
      return of_sum(own.largest(n), squares.largest(n));
    };
  else if (path == "/toys/tails")  // sums of w and w^2 by turns
    rule_ = [own](std::size_t n) {
      return n % 2 == 0 ? of_sum(own.largest(n), own.largest(n + 1)) : of_squares(own.largest(n));
    };
  else if (path == "/toys/histogram_squares")
    rule_ = [own](std::size_t n) { return of_squares(own.largest(n)); };
  else if (path.starts_with("/toys/"))
    rule_ = [own, error = both(ends_with_error(path) ? path : path + "_error")](std::size_t n) {
      return toy_accuracy * own.largest(n) + statistical_share * error.largest(n);
    };
  else
    rule_ = [error = both(path + "_error")](std::size_t n) { return error.sum(n); };
}

}  // namespace nuloop::study
