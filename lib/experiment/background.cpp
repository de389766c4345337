// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/experiment/background.hpp"

#include "nuloop/experiment/quadrature.hpp"
#include "nuloop/experiment/units.hpp"
#include "nuloop/foundation/contracts.hpp"
#include "nuloop/physics/constants.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

namespace nuloop::experiment {
namespace {

using physics::electron_mass_MeV;

// The beta spectrum of a branch in the momentum p: dT = p/W dp makes the Coulomb factor's
// behaviour at rest smooth.
class BetaShape {
 public:
  BetaShape(const BetaBranch& branch, int daughter_charge)
      : endpoint_MeV_(branch.endpoint_MeV),
        coulomb_(2.0 * std::numbers::pi * physics::fine_structure * daughter_charge *
                 (branch.sign == BetaSign::electron ? 1.0 : -1.0)) {}

  static double momentum_MeV(double kinetic_MeV) {
    return std::sqrt(kinetic_MeV * (kinetic_MeV + 2.0 * electron_mass_MeV));
  }
  static double kinetic_MeV(double p) {
    return p * p / (std::sqrt(p * p + electron_mass_MeV * electron_mass_MeV) + electron_mass_MeV);
  }

  // @param T the kinetic energy of p.
  double per_momentum(double p, double T) const {
    const double W = T + electron_mass_MeV;
    const double x = coulomb_ * W / p;  // 2 pi eta
    const double fermi = x / -std::expm1(-x);
    return p * p * (endpoint_MeV_ - T) * (endpoint_MeV_ - T) * fermi;
  }

 private:
  double endpoint_MeV_;
  double coulomb_;
};

using Scalar = Eigen::Array<double, 1, 1>;

template <class Function>
Bounded<Scalar> integrate_shape(const BetaShape& shape, double low_MeV, double high_MeV,
                                double tolerance, const Function& weight) {
  const auto integrand = [&](double p) {
    const double T = BetaShape::kinetic_MeV(p);
    return Scalar(shape.per_momentum(p, T) * weight(T));
  };
  return integrate<Scalar>(integrand,
                           {{BetaShape::momentum_MeV(low_MeV), BetaShape::momentum_MeV(high_MeV)}},
                           tolerance);
}

}  // namespace

double decays_per_t_day(const CosmogenicIsotope& isotope, const Overburden& overburden) {
  const double flux_per_cm2_day =
      overburden.muon_flux_per_m2_s / (cm_per_m * cm_per_m) * seconds_per_day;
  return flux_per_cm2_day * isotope.yield_cm2_per_g *
         std::pow(overburden.mean_muon_energy_GeV / isotope.reference_energy_GeV,
                  isotope.energy_exponent) *
         gram_per_t;
}

std::vector<BinResponse> responses_of(const Binning& binning, const Response& response) {
  std::vector<BinResponse> responses;
  for (std::size_t bin = 0; bin < binning.size(); ++bin)
    responses.emplace_back(binning.low_MeV(bin), binning.high_MeV(bin), response);
  return responses;
}

void add_bin_shares(const BetaBranch& branch, int daughter_charge,
                    const std::vector<BinResponse>& responses, double relative_tolerance,
                    Spectrum& shares) {
  const double extra = branch.extra_visible_MeV;
  if (branch.endpoint_MeV == 0.0) {
    for (std::size_t bin = 0; bin < responses.size(); ++bin)
      shares.value[static_cast<Eigen::Index>(bin)] +=
          branch.fraction * responses[bin].of_line(extra);
    return;
  }
  const BetaShape shape(branch, daughter_charge);
  const auto all = integrate_shape(shape, 0.0, branch.endpoint_MeV, relative_tolerance,
                                   [](double) { return 1.0; });
  const double norm = branch.fraction / all.value[0];
  for (std::size_t b = 0; b < responses.size(); ++b) {
    const auto bin = static_cast<Eigen::Index>(b);
    const BinResponse& in_bin = responses[b];
    const auto& ranges = in_bin.ranges_MeV();
    for (std::size_t i = 1; i < ranges.size(); ++i) {
      const double low = std::max(ranges[i - 1] - extra, 0.0);
      const double high = std::min(ranges[i] - extra, branch.endpoint_MeV);
      if (low >= high)
        continue;
      const auto part = integrate_shape(shape, low, high, relative_tolerance,
                                        [&](double T) { return in_bin(T + extra); });
      shares.value[bin] += norm * part.value[0];
      shares.error[bin] += norm * (part.error[0] + part.value[0] * all.error[0] / all.value[0]);
    }
  }
}

Spectrum bin_shares(const CosmogenicIsotope& isotope, const Binning& binning,
                    const Response& response, double relative_tolerance) {
  const auto bins = static_cast<Eigen::Index>(binning.size());
  Spectrum shares{Eigen::ArrayXd::Zero(bins), Eigen::ArrayXd::Zero(bins)};
  const std::vector<BinResponse> responses = responses_of(binning, response);
  for (const BetaBranch& branch : isotope.branches)
    add_bin_shares(branch, isotope.daughter_charge, responses, relative_tolerance, shares);
  return shares;
}

BackgroundBasis::BackgroundBasis(std::vector<CosmogenicIsotope> isotopes, const Binning& binning,
                                 const Response& response, double relative_tolerance,
                                 const Team& team)
    : isotopes_(std::move(isotopes)),
      share_(Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(binning.size()),
                                   static_cast<Eigen::Index>(isotopes_.size()))),
      error_(share_) {
  std::vector<Spectrum> shares(isotopes_.size());
  for (Spectrum& spectrum : shares)
    spectrum.value = spectrum.error = Eigen::ArrayXd::Zero(share_.rows());
  fill_together(
      team, shares.size(),
      [&](std::size_t i) {
        shares[i] = bin_shares(isotopes_[i], binning, response, relative_tolerance);
      },
      [&](std::size_t i) {
        return std::array{numbers_in(shares[i].value), numbers_in(shares[i].error)};
      });
  for (Eigen::Index i = 0; i < share_.cols(); ++i) {
    share_.col(i) = shares[static_cast<std::size_t>(i)].value.matrix();
    error_.col(i) = shares[static_cast<std::size_t>(i)].error.matrix();
  }
}

Eigen::VectorXd BackgroundBasis::decays_per_t_day(const Overburden& overburden) const {
  Eigen::VectorXd decays(static_cast<Eigen::Index>(isotopes_.size()));
  for (std::size_t i = 0; i < isotopes_.size(); ++i)
    decays[static_cast<Eigen::Index>(i)] = experiment::decays_per_t_day(isotopes_[i], overburden);
  return decays;
}

Spectrum BackgroundBasis::per_muon_flux(double mean_muon_energy_GeV) const {
  const Eigen::VectorXd decays = decays_per_t_day({1.0, mean_muon_energy_GeV});
  return {share_ * decays, error_ * decays};
}

std::vector<Spectrum> BackgroundBasis::events_per_day_by_isotope(const Overburden& overburden,
                                                                 const Detector& detector) const {
  const Eigen::VectorXd decays = detector.effective_mass_t() * decays_per_t_day(overburden);
  std::vector<Spectrum> spectra;
  for (Eigen::Index i = 0; i < decays.size(); ++i)
    spectra.push_back({decays[i] * share_.col(i), decays[i] * error_.col(i)});
  return spectra;
}

}  // namespace nuloop::experiment
