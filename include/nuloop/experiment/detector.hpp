// A detector: its target, and its response to a visible energy.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <vector>

namespace nuloop::experiment {

struct Detector {
  double mass_t;
  double baseline_m;
  double electrons_per_t;
};

/// Gaussian energy resolution sigma/T = a/sqrt(T/MeV) (+) b, added in quadrature; zero for none.
struct Resolution {
  double stochastic;  ///< a
  double constant;    ///< b

  bool perfect() const { return *this == Resolution{}; }
  /// One whose sigma is so many times as large.
  Resolution scaled(double factor) const { return {factor * stochastic, factor * constant}; }
  auto operator<=>(const Resolution&) const = default;  // NOLINT(modernize-use-nullptr): false

  double sigma_MeV(double visible_MeV) const;
};

/// Bins of visible energy in MeV, of equal width from `low` on. The last bin is shorter if the
/// width does not divide the window.
class Binning {
 public:
  /// @param low,high,width 0 < low < high, width > 0.
  Binning(double low_MeV, double high_MeV, double width_MeV);

  std::size_t size() const { return edges_MeV_.size() - 1; }
  double low_MeV(std::size_t bin) const { return edges_MeV_[bin]; }
  double high_MeV(std::size_t bin) const { return edges_MeV_[bin + 1]; }

 private:
  std::vector<double> edges_MeV_;
};

/// The visible energies that can be reconstructed in a bin, with their probabilities.
class BinResponse {
 public:
  BinResponse(double low_MeV, double high_MeV, const Resolution& resolution);

  /// Probability that an event of that visible energy is reconstructed in the bin.
  double operator()(double visible_MeV) const;

  /// Edges of the ranges on which the probability is smooth, ascending, from the first to the last
  /// energy that contributes. The Gaussian of a resolution is cut at eight standard deviations.
  const std::vector<double>& ranges_MeV() const { return ranges_MeV_; }

 private:
  double low_MeV_;
  double high_MeV_;
  Resolution resolution_;
  std::vector<double> ranges_MeV_;
};

}  // namespace nuloop::experiment
