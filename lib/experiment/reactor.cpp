// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/experiment/reactor.hpp"

#include "nuloop/experiment/units.hpp"
#include "nuloop/foundation/contracts.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace nuloop::experiment {

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

FluxModel::FluxModel(PerFissile<Spectrum> spectra, double low_MeV, double high_MeV)
    : spectra_(std::move(spectra)), low_MeV_(low_MeV), high_MeV_(high_MeV) {
  NULOOP_EXPECTS(low_MeV >= 0.0 && low_MeV < high_MeV);
  for (const Spectrum& spectrum : spectra_)
    if (const auto* table = std::get_if<LogLinearTable>(&spectrum))
      std::copy_if(table->energies_MeV.begin(), table->energies_MeV.end(),
                   std::back_inserter(knots_MeV_),
                   [&](double E) { return E > low_MeV && E < high_MeV; });
  std::sort(knots_MeV_.begin(), knots_MeV_.end());
  knots_MeV_.erase(std::unique(knots_MeV_.begin(), knots_MeV_.end()), knots_MeV_.end());
}

PerFissile<double> FluxModel::operator()(double energy_MeV) const {
  PerFissile<double> values;
  for (std::size_t i = 0; i < fissile_count; ++i)
    values[i] = std::visit([&](const auto& spectrum) { return spectrum(energy_MeV); }, spectra_[i]);
  return values;
}

double fission_rate_per_s(const Reactor& reactor) {
  const double energy_MeV =
      std::inner_product(reactor.fission_fractions.begin(), reactor.fission_fractions.end(),
                         reactor.energy_per_fission_MeV.begin(), 0.0);
  return reactor.thermal_power_GW * reactor.load_factor * joule_per_GJ /
         (energy_MeV * joule_per_MeV);
}

}  // namespace nuloop::experiment
