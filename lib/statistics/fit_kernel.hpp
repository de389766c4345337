// Poisson-likelihood fits by Newton's method, for registers of the width that the including source
// is compiled for.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "fit_lanes.hpp"
#include "lanes.hpp"

namespace nuloop::statistics::NULOOP_PACKS {
namespace {

// Of the bound on lambda^2 (see Fit) at the end. F is then as near to its minimum.
constexpr double tolerance = 1e-15;

constexpr int most_newton_steps = 60;

/// The data of one pack. F with its constant term left out is self-concordant with constant
/// s = 1/sqrt(2 min n) over bins with counts, |F'''| <= 2 s F''^(3/2) along any line, since
/// F'' = sum 2 n (m'/m)^2 + ... and F''' = -sum 4 n (m'/m)^3. With the decrement lambda of Newton's
/// step and nu = s lambda, steps of 1/(1 + nu) of it always descend to where bins with counts
/// expect some; where nu < 1 the next lambda after a full one is at most nu lambda/(1 - nu)^2, and
/// F - min F <= lambda^2/2 (1 + O(nu)) (Yu. Nesterov, Lectures on Convex Optimization, 2nd ed.,
/// section 5.2).
template <std::size_t priors>
class Fit {
 public:
  Fit(const PoissonFits& fits, std::size_t lane) : f_(fits), lane_(lane) {
    constexpr double most = 1e300;
    Pack fewest = most;  // without any counts F is quadratic
    for (std::size_t i = 0; i < f_.bins; ++i) {
      const Pack n = counts(i), e = expected(i);
      fewest = select((n > 0.0) & (n < fewest), n, fewest);
      found_ &= (n >= 0.0) & (n <= most) & ((n <= 0.0) | (n >= PoissonFits::fewest)) & (e > 0.0) &
                (e <= most);
    }
    concordance_ = 0.5 / fewest;
  }

  /// z.
  Pack operator()() {
    for (Pack& y : tested_)
      y = 0.0;
    if constexpr (priors > 0)
      converge<priors>(tested_);
    for (std::size_t k = 0; k <= priors; ++k)
      free_[k] = tested_[k];
    converge<variables>(free_);
    return root();
  }

 private:
  static constexpr std::size_t variables = priors + 1;

  Pack counts(std::size_t bin) const { return load(f_.counts + bin * PoissonFits::lanes + lane_); }
  Pack expected(std::size_t bin) const {
    return load(f_.expected + bin * PoissonFits::lanes + lane_);
  }
  Pack difference(std::size_t bin) const {
    return load(f_.difference + bin * PoissonFits::lanes + lane_);
  }

  // What the first `size` variables add to a bin.
  template <std::size_t size>
  static Pack sum(const double* column, const Pack* y) {
    if constexpr (size == 0)
      return 0.0;
    Pack sum = column[0] * y[0];
    for (std::size_t k = 1; k < size; ++k)
      sum += column[k] * y[k];
    return sum;
  }

  // Half the gradient and half the Hessian, row after row up to its diagonal.
  template <std::size_t size>
  struct Derivatives {
    Pack gradient[size], hessian[size * (size + 1) / 2];
    Pack::Mask possible;  // whether all bins expect something and the Hessian is definite
  };

  template <std::size_t size>
  Derivatives<size> derivatives(const Pack* y) const {
    Derivatives<size> d;
    d.possible = Pack(0.0) <= Pack(0.0);
    for (std::size_t k = 0, at = 0; k < size; ++k) {
      d.gradient[k] = k < priors ? y[k] : Pack(0.0);
      for (std::size_t l = 0; l <= k; ++l)
        d.hessian[at++] = k == l && k < priors ? 1.0 : 0.0;
    }
    const double* column = f_.columns;
    for (std::size_t i = 0; i < f_.bins; ++i, column += variables) {
      const Pack n = counts(i), e = expected(i), change = sum<size>(column, y);
      const Pack inverse = 1.0 / (e + change);
      const Pack slope = (change - difference(i)) * inverse, curvature = n * inverse * inverse;
      d.possible &= inverse > 0.0;
      for (std::size_t k = 0, at = 0; k < size; ++k) {
        d.gradient[k] += slope * column[k];
        const Pack weighted = curvature * column[k];
        for (std::size_t l = 0; l <= k; ++l)
          d.hessian[at++] += weighted * column[l];
      }
    }
    return d;
  }

  // Replaces the gradient g by H^-1 g, the step backwards; half of g^T H^-1 g. The Hessian becomes
  // L D, of H = L D L^T.
  template <std::size_t size>
  static Pack solve(Derivatives<size>& d) {
    const auto row = [&d](std::size_t k) { return d.hessian + k * (k + 1) / 2; };
    Pack inverse[size];
    for (std::size_t k = 0; k < size; ++k) {
      for (std::size_t l = 0; l <= k; ++l)
        for (std::size_t j = 0; j < l; ++j)
          row(k)[l] = row(k)[l] - row(k)[j] * row(l)[j] * inverse[j];
      d.possible &= row(k)[k] > 0.0;
      inverse[k] = 1.0 / row(k)[k];
    }
    Pack decrement = 0.0;
    for (std::size_t k = 0; k < size; ++k) {
      Pack rest = d.gradient[k];
      for (std::size_t j = 0; j < k; ++j)
        rest = rest - row(k)[j] * d.gradient[j];
      d.gradient[k] = rest * inverse[k];
      decrement += rest * d.gradient[k];
    }
    for (std::size_t k = size; k-- > 0;)
      for (std::size_t j = k + 1; j < size; ++j)
        d.gradient[k] = d.gradient[k] - row(j)[k] * inverse[k] * d.gradient[j];
    return decrement;
  }

  // Takes y to the minimum over its first `size` variables, or sets found_ to zero.
  template <std::size_t size>
  void converge(Pack* y) {
    Pack::Mask open = found_;
    for (int step = 0; step < most_newton_steps && bits_of(open) != 0; ++step) {
      Derivatives<size> d = derivatives<size>(y);
      const Pack square = 2.0 * solve(d), nu = sqrt(concordance_ * square), rest = 1.0 - nu;
      const Pack::Mask full = nu < 0.25;
      const Pack next = nu / (rest * rest);
      const Pack length = select(full, 1.0, 1.0 / (1.0 + nu));
      const Pack::Mask possible = d.possible & (square >= 0.0) & (square < 1e300);
      found_ &= possible | ~open;
      open &= possible;
      for (std::size_t k = 0; k < size; ++k)
        y[k] = select(open, y[k] - length * d.gradient[k], y[k]);
      open &= ~(full & (next * next * square <= tolerance));
    }
    found_ &= ~open;
  }

  // The difference of the minima, in terms that are small where it is.
  Pack root() const {
    Pack step[variables], half = 0.0;
    for (std::size_t k = 0; k < variables; ++k) {
      step[k] = free_[k] - tested_[k];
      if (k < priors)
        half = half - 0.5 * step[k] * (tested_[k] + free_[k]);
    }
    Pack::Mask found = found_;
    const double* column = f_.columns;
    for (std::size_t i = 0; i < f_.bins; ++i, column += variables) {
      const Pack n = counts(i), e = expected(i);
      const Pack change = sum<priors>(column, tested_), m = e + change;
      const Pack further = sum<variables>(column, step);
      found &= (m > 0.0) & (m + further > 0.0);
      half += (difference(i) - change) / m * further - n * log_deficit(further / m);
    }
    const Pack root = sqrt(select(half > 0.0, 2.0 * half, 0.0));
    return select(found, select(step[priors] < 0.0, -root, root), __builtin_nan(""));
  }

  // u - ln(1 + u): the difference where it leaves digits enough, else the series of
  // ln(1 + u) = 2 artanh(w), w = u/(2 + u), with u - 2 w = u w.
  static Pack log_deficit(Pack u) {
    const Pack w = u / (2.0 + u), s = w * w;
    Pack series = 1.0 / 17.0;
    for (int odd = 15; odd >= 3; odd -= 2)
      series = series * s + 1.0 / odd;
    const Pack small = u * w - 2.0 * w * s * series;
    const Pack::Mask large = abs(u) > 0.2;
    return bits_of(large) == 0 ? small : select(large, u - log1p(u), small);
  }

  const PoissonFits& f_;
  std::size_t lane_;
  Pack concordance_;  // s^2
  Pack tested_[variables], free_[variables];
  Pack::Mask found_ = Pack(0.0) <= Pack(0.0);
};

template <std::size_t priors = 0>
void fit_with(const PoissonFits& fits) {
  if constexpr (priors < PoissonFits::most_priors)
    if (fits.priors != priors)
      return fit_with<priors + 1>(fits);
  for (std::size_t lane = 0; lane < PoissonFits::lanes; lane += pack_width)
    store(fits.roots + lane, Fit<priors>(fits, lane)());
}

}  // namespace

void fit_poisson(const PoissonFits& fits) {
  fit_with(fits);
}

}  // namespace nuloop::statistics::NULOOP_PACKS
