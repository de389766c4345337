// A reactor: its power and fuel, and the antineutrino spectrum of each fissile isotope.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/experiment/energy_table.hpp"

#include <array>
#include <compare>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include <Eigen/Core>

namespace nuloop::experiment {

/// Order of everything that is listed by fissile isotope.
inline constexpr std::size_t fissile_count = 4;
inline constexpr std::array<std::string_view, fissile_count> fissile_names = {"U235", "U238",
                                                                              "Pu239", "Pu241"};
template <class T>
using PerFissile = std::array<T, fissile_count>;

/// S(E) = exp(sum_p a_p E^p), E in MeV: antineutrinos per MeV and fission. arXiv:1101.2663, eq. 12.
struct ExponentialPolynomial {
  std::array<double, 6> coefficients;
  double operator()(double energy_MeV) const;
};

/// Tabulated S(E), interpolated log-linearly. Energies ascending, values > 0.
struct LogLinearTable {
  std::vector<double> energies_MeV;
  std::vector<double> log_values;
  double operator()(double energy_MeV) const;
};

/// The spectrum of an isotope that is not there.
struct NoSpectrum {
  double operator()(double) const { return 0.0; }
};

/// One table on its own range, ends included, and another table elsewhere. S(E) jumps where they
/// meet.
template <class Inner>
struct Piecewise {
  Inner inner;
  LogLinearTable outer;
  double operator()(double energy_MeV) const;
};
using PiecewiseTable = Piecewise<LogLinearTable>;
using PiecewiseSteps = Piecewise<StepTable>;

/// Disappearance into states that do not scatter, with two parameters: of antineutrinos of energy E
/// survive 1 - sin^2(2 theta) sin^2(Delta m^2 L/(4 E)).
struct Survival {
  double sin2_2theta = 0.0;   ///< in [0, 1]
  double delta_m2_eV2 = 0.0;  ///< >= 0
  double baseline_m = 0.0;    ///< L

  double operator()(double energy_MeV) const;
  bool certain() const { return sin2_2theta == 0.0 || delta_m2_eV2 == 0.0; }
  auto operator<=>(const Survival&) const = default;  // NOLINT(modernize-use-nullptr): false
};

/// What long irradiation, spent fuel or other sources change of a flux: zero outside its table.
struct FluxCorrection {
  enum class Kind {
    relative,  ///< S(E) becomes S(E) (1 + c(E)), c >= -1
    additive   ///< S(E) becomes S(E) + c(E), c >= 0 in antineutrinos per MeV and fission
  };
  Kind kind;
  PerFissile<bool> isotopes;  ///< those that it is for
  std::variant<EnergyTable, StepTable> table;
};

/// The antineutrino spectrum of the fissile isotopes, in antineutrinos per MeV and fission: used
/// on [low, high] and zero outside.
class FluxModel {
 public:
  using Spectrum = std::variant<ExponentialPolynomial, LogLinearTable, PiecewiseTable, StepTable,
                                PiecewiseSteps, NoSpectrum>;

  /// @param low_MeV,high_MeV 0 <= low < high. @param corrections made one after the other.
  FluxModel(PerFissile<Spectrum> spectra, double low_MeV, double high_MeV,
            std::vector<FluxCorrection> corrections = {});

  double low_MeV() const { return low_MeV_; }
  double high_MeV() const { return high_MeV_; }

  /// Energies inside (low, high) at which a value or a derivative jumps; ascending.
  const std::vector<double>& knots_MeV() const { return knots_MeV_; }

  /// Whether the flux has the isotope's spectrum.
  bool has(std::size_t isotope) const {
    return !std::holds_alternative<NoSpectrum>(spectra_[isotope]);
  }

  /// Values at an energy within [low, high].
  PerFissile<double> operator()(double energy_MeV) const;

  /// The same flux after a distance. Not for one that has come a distance already.
  FluxModel after(const Survival& survival) const;

  /// The same flux on [low, high], and zero outside. @param low_MeV,high_MeV ascending, within the
  /// range
  /// of this flux.
  FluxModel restricted(double low_MeV, double high_MeV) const;

  /// The same for many energies; fast where neighbours are between the same knots.
  /// @param values as many as energies.
  void operator()(std::span<const double> energies_MeV, std::span<PerFissile<double>> values) const;

 private:
  void correct(double energy_MeV, PerFissile<double>& values) const;

  PerFissile<Spectrum> spectra_;
  std::vector<FluxCorrection> corrections_;
  double low_MeV_;
  double high_MeV_;
  std::vector<double> knots_MeV_;
  Survival survival_;
};

/// How well the spectrum of each fissile isotope is known, in bins of antineutrino energy.
struct FluxUncertainties {
  std::vector<double> inner_edges_MeV;       ///< ascending: where one bin ends and the next begins
  PerFissile<std::vector<double>> relative;  ///< standard deviations, >= 0, one per bin
  /// What is known of their covariance V, as V = M M^T: each column of M is an independent change
  /// of the relative flux by one standard deviation. Rows: bin by bin, all isotopes in each. Empty
  /// if no covariance is known.
  Eigen::MatrixXd modes;

  std::size_t bins() const { return inner_edges_MeV.size() + 1; }

  /// The part of `flux` in a bin; nothing if the flux has no part there. The first and the last bin
  /// reach to the ends of the flux.
  std::optional<FluxModel> part(const FluxModel& flux, std::size_t bin) const;
};

/// What fissions in a core, as shares by isotope that change linearly in time: f_i + c_i y, where y
/// goes from -1 to 1 during a cycle of the fuel. All c_i are zero for a fuel that stays the same.
struct Fuel {
  PerFissile<double> fission_fractions{};  ///< f_i, in the middle; >= |c_i|. Need not sum to 1
  PerFissile<double> half_change{};        ///< c_i, half of what is between begin and end

  bool burns_up() const { return half_change != PerFissile<double>{}; }

  /// The fuel from one part of the cycle to another. @param from,to 0 <= from < to <= 1.
  Fuel part(double from, double to) const;
};

struct Reactor {
  double thermal_power_GW;
  double load_factor;                    ///< share of the time at that power, in (0, 1]
  PerFissile<double> fission_fractions;  ///< need not sum to 1: the rate uses the same sum
  PerFissile<double> energy_per_fission_MeV;
  PerFissile<double> half_change = {};  ///< of the fractions during the time, as of a Fuel
};

/// Fissions per second, P load / sum_i f_i Q_i: power P, load factor, and for each isotope i its
/// fission fraction f_i, in the middle of the time if it changes, and energy per fission Q_i.
double fission_rate_per_s(const Reactor& reactor);

/// Shares of the fissions by isotope, g_i: fission_rate_per_s times g_i is the mean over time of
/// the fissions of isotope i per second at constant power.
///
/// The power fixes sum_i f_i(y) Q_i times the fission rate, and the energy per fission, Q (1 + d
/// y), changes with the fuel. The mean over y of (f_i + c_i y)/(1 + d y) is g_i = f_i a - c_i b
/// with a = atanh(d)/d and b = (a - 1)/d. It is not f_i, the share in the middle; sum_i g_i Q_i is
/// sum_i f_i Q_i. Relative error: 1e-13. f_i itself, to the last bit, where nothing changes.
PerFissile<double> mean_fission_fractions(const Reactor& reactor);

}  // namespace nuloop::experiment
