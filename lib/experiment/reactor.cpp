// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/experiment/reactor.hpp"

#include "nuloop/experiment/units.hpp"
#include "nuloop/foundation/contracts.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

namespace nuloop::experiment {
namespace {

// Where a spectrum is not smooth, ends of tables included.
std::vector<double> knots_of(const ExponentialPolynomial&) {
  return {};
}

std::vector<double> knots_of(const LogLinearTable& table) {
  return table.energies_MeV;
}

std::vector<double> knots_of(const PiecewiseTable& table) {
  std::vector<double> knots = table.inner.energies_MeV;
  const double low = knots.front(), high = knots.back();
  std::copy_if(table.outer.energies_MeV.begin(), table.outer.energies_MeV.end(),
               std::back_inserter(knots), [&](double E) { return E < low || E > high; });
  return knots;
}

}  // namespace

double ExponentialPolynomial::operator()(double E) const {
  double sum = 0.0;
  for (std::size_t p = coefficients.size(); p-- > 0;)
    sum = sum * E + coefficients[p];
  return std::exp(sum);
}

double LogLinearTable::operator()(double E) const {
  NULOOP_EXPECTS(E >= energies_MeV.front() && E <= energies_MeV.back());
  const auto above = std::upper_bound(energies_MeV.begin() + 1, energies_MeV.end() - 1, E);
  const auto i = static_cast<std::size_t>(above - energies_MeV.begin());
  const double share = (E - energies_MeV[i - 1]) / (energies_MeV[i] - energies_MeV[i - 1]);
  return std::exp(std::lerp(log_values[i - 1], log_values[i], share));
}

double PiecewiseTable::operator()(double E) const {
  const bool inside = E >= inner.energies_MeV.front() && E <= inner.energies_MeV.back();
  return inside ? inner(E) : outer(E);
}

FluxModel::FluxModel(PerFissile<Spectrum> spectra, double low_MeV, double high_MeV)
    : spectra_(std::move(spectra)), low_MeV_(low_MeV), high_MeV_(high_MeV) {
  NULOOP_EXPECTS(low_MeV >= 0.0 && low_MeV < high_MeV);
  for (const Spectrum& spectrum : spectra_) {
    const std::vector<double> knots =
        std::visit([](const auto& alternative) { return knots_of(alternative); }, spectrum);
    std::copy_if(knots.begin(), knots.end(), std::back_inserter(knots_MeV_),
                 [&](double E) { return E > low_MeV && E < high_MeV; });
  }
  std::sort(knots_MeV_.begin(), knots_MeV_.end());
  knots_MeV_.erase(std::unique(knots_MeV_.begin(), knots_MeV_.end()), knots_MeV_.end());
}

PerFissile<double> FluxModel::operator()(double energy_MeV) const {
  PerFissile<double> values;
  for (std::size_t i = 0; i < fissile_count; ++i)
    values[i] = std::visit([&](const auto& spectrum) { return spectrum(energy_MeV); }, spectra_[i]);
  return values;
}

FluxModel FluxModel::restricted(double low_MeV, double high_MeV) const {
  NULOOP_EXPECTS(low_MeV >= low_MeV_ && high_MeV <= high_MeV_);
  return {spectra_, low_MeV, high_MeV};
}

std::optional<FluxModel> FluxUncertainties::part(const FluxModel& flux, std::size_t bin) const {
  NULOOP_EXPECTS(bin < bins());
  const auto edge = [&](std::size_t i) { return 0.5 * (energies_MeV[i - 1] + energies_MeV[i]); };
  const double low = bin == 0 ? flux.low_MeV() : std::max(flux.low_MeV(), edge(bin));
  const double high =
      bin + 1 == bins() ? flux.high_MeV() : std::min(flux.high_MeV(), edge(bin + 1));
  if (low >= high)
    return std::nullopt;
  return flux.restricted(low, high);
}

double fission_rate_per_s(const Reactor& reactor) {
  const double energy_MeV =
      std::inner_product(reactor.fission_fractions.begin(), reactor.fission_fractions.end(),
                         reactor.energy_per_fission_MeV.begin(), 0.0);
  return reactor.thermal_power_GW * reactor.load_factor * joule_per_GJ /
         (energy_MeV * joule_per_MeV);
}

}  // namespace nuloop::experiment
