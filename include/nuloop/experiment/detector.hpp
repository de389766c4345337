// A detector: its target, and its response to a deposited energy.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/experiment/energy_table.hpp"

#include <cstddef>
#include <vector>

namespace nuloop::experiment {

struct Detector {
  double mass_t;
  double baseline_m;
  double electrons_per_t;
  double efficiency = 1.0;     ///< at every energy, in (0, 1]
  double dead_time = 0.0;      ///< share of the time, in [0, 1)
  double protons_per_t = 0.0;  ///< free ones, targets of inverse beta decay
  double live_time = 1.0;      ///< share of the exposure with data of any kind, in (0, 1]
  double time_share = 1.0;     ///< share of these data that are looked at, in (0, 1]

  /// Share of the exposure of which events are counted.
  double counted_time() const { return live_time * time_share; }
  /// Share of the events that is recorded, apart from what the response does.
  double recorded_share() const { return efficiency * (1.0 - dead_time); }
  /// The mass that would record as much without losses in all of the exposure.
  double effective_mass_t() const { return mass_t * recorded_share() * counted_time(); }
};

/// Energy resolution sigma/T = a/sqrt(T/MeV) (+) b (+) c/T, added in quadrature: a Gaussian around
/// the visible energy T. All zero for none.
struct Resolution {
  double stochastic;       ///< a
  double constant;         ///< b
  double noise_MeV = 0.0;  ///< c

  bool perfect() const { return *this == Resolution{}; }
  /// One whose sigma is so many times as large.
  Resolution scaled(double factor) const {
    return {factor * stochastic, factor * constant, factor * noise_MeV};
  }
  auto operator<=>(const Resolution&) const = default;  // NOLINT(modernize-use-nullptr): false

  double sigma_MeV(double visible_MeV) const;
};

/// The share of events of a visible energy T that is recorded: an edge of Gaussian shape, (1 +
/// erf((T - threshold)/(sqrt(2) width)))/2, times a table. Without them it is 1.
struct EfficiencyCurve {
  double threshold_MeV = 0.0;          ///< 0 for no edge
  double width_MeV = 0.0;              ///< 0 for a step
  const EnergyTable* table = nullptr;  ///< values in [0, 1]; null for none

  double operator()(double visible_MeV) const;
  auto operator<=>(const EfficiencyCurve&) const = default;  // NOLINT(modernize-use-nullptr): false
};

/// What becomes of an event that deposits an energy. Its visible energy is the deposited one times
/// `scale`, it is recorded with the efficiency of its visible energy, and measured with the
/// resolution there.
struct Response {
  Resolution resolution{};
  EfficiencyCurve efficiency{};
  const EnergyTable* scale = nullptr;  ///< visible over deposited energy, by the latter; null for 1

  double visible_MeV(double deposited_MeV) const;
  /// The inverse, for a visible energy that grows with the deposited one.
  double deposited_MeV(double visible_MeV) const;
  auto operator<=>(const Response&) const = default;  // NOLINT(modernize-use-nullptr): false
};

/// Bins of measured energy in MeV.
class Binning {
 public:
  /// Of equal width from `low` on. The last bin is shorter if the width does not divide the window.
  /// @param low,high,width 0 < low < high, width > 0.
  Binning(double low_MeV, double high_MeV, double width_MeV);

  /// @param edges_MeV two or more, above zero and ascending.
  explicit Binning(std::vector<double> edges_MeV);

  std::size_t size() const { return edges_MeV_.size() - 1; }
  double low_MeV(std::size_t bin) const { return edges_MeV_[bin]; }
  double high_MeV(std::size_t bin) const { return edges_MeV_[bin + 1]; }

 private:
  std::vector<double> edges_MeV_;
};

/// The deposited energies that can be recorded in a bin, with their probabilities.
class BinResponse {
 public:
  BinResponse(double low_MeV, double high_MeV, const Response& response);

  /// Probability that an event of that deposited energy is recorded and measured in the bin.
  double operator()(double deposited_MeV) const;

  /// The same for events that all deposit this energy. A line at an edge between two bins belongs
  /// to the upper one.
  double of_line(double deposited_MeV) const;

  /// Edges of the ranges on which the probability is smooth, ascending, from the first to the last
  /// deposited energy that contributes. The Gaussian of a resolution is cut at eight standard
  /// deviations.
  const std::vector<double>& ranges_MeV() const { return ranges_MeV_; }

 private:
  std::vector<double> visible_ranges_MeV() const;

  double low_MeV_;
  double high_MeV_;
  Response response_;
  std::vector<double> ranges_MeV_;
};

}  // namespace nuloop::experiment
