// Cosmogenic background: beta decays of the isotopes that muons make in the scintillator.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/experiment/detector.hpp"
#include "nuloop/experiment/signal.hpp"

#include <string>
#include <vector>

#include <Eigen/Core>

namespace nuloop::experiment {

enum class BetaSign { electron, positron };

/// One allowed branch. Visible energy = beta kinetic energy + extra, which is all without a beta.
struct BetaBranch {
  BetaSign sign;
  double fraction;           ///< decays by this branch per decay
  double endpoint_MeV;       ///< largest beta kinetic energy; 0 without a beta
  double extra_visible_MeV;  ///< annihilation (1.022 MeV), contained gammas, quenched alphas
};

struct CosmogenicIsotope {
  std::string name;
  int daughter_charge;
  double yield_cm2_per_g;  ///< per muon, at the reference energy
  double yield_error_cm2_per_g;
  double reference_energy_GeV;
  double energy_exponent;  ///< yield ~ <E_mu>^exponent
  std::vector<BetaBranch> branches;
};

/// The muons that reach the detector.
struct Overburden {
  double muon_flux_per_m2_s;
  double mean_muon_energy_GeV;
};

/// Decays per tonne and day: Phi Y (<E_mu>/E_ref)^a, with the muon flux Phi, the mean muon energy
/// <E_mu>, and the isotope's yield Y at the reference energy E_ref and exponent a
/// (arXiv:0907.0066).
double decays_per_t_day(const CosmogenicIsotope& isotope, const Overburden& overburden);

/// Share of an isotope's decays that falls into each bin of visible energy. The shape of a branch
/// is the allowed one, p W (Q - T)^2 F, where p, W and T are the beta's momentum, total and kinetic
/// energy, and Q is the endpoint. F = 2 pi eta/(1 - exp(-2 pi eta)) with eta = +-alpha Z W/p, + for
/// electrons, and Z the daughter's charge.
/// @throws NumericalError if the tolerance cannot be met.
Spectrum bin_shares(const CosmogenicIsotope& isotope, const Binning& binning,
                    const Response& response, double relative_tolerance);

/// Adds the share of such a branch that falls into each bin, times its fraction.
/// @param responses those of the bins.
/// @throws NumericalError if the tolerance cannot be met.
void add_bin_shares(const BetaBranch& branch, int daughter_charge,
                    const std::vector<BinResponse>& responses, double relative_tolerance,
                    Spectrum& shares);

/// Responses of all bins.
std::vector<BinResponse> responses_of(const Binning& binning, const Response& response);

/// Background of all isotopes. It is linear in the rates of decay, so that one basis serves every
/// depth.
class BackgroundBasis {
 public:
  /// Integrates on all OpenMP threads of a team, as SignalBasis does.
  BackgroundBasis(std::vector<CosmogenicIsotope> isotopes, const Binning& binning,
                  const Response& response, double relative_tolerance, const Team& team = Team());

  /// Events per tonne and day in each bin, by one muon per m^2 and second.
  Spectrum per_muon_flux(double mean_muon_energy_GeV) const;

  /// Events per day in each bin.
  Spectrum events_per_day(const Overburden& overburden, const Detector& detector) const {
    return detector.effective_mass_t() * overburden.muon_flux_per_m2_s *
           per_muon_flux(overburden.mean_muon_energy_GeV);
  }

  /// The same from each isotope alone, in their order.
  std::vector<Spectrum> events_per_day_by_isotope(const Overburden& overburden,
                                                  const Detector& detector) const;

 private:
  Eigen::VectorXd decays_per_t_day(const Overburden& overburden) const;

  std::vector<CosmogenicIsotope> isotopes_;
  Eigen::MatrixXd share_;  // bins x isotopes
  Eigen::MatrixXd error_;
};

}  // namespace nuloop::experiment
