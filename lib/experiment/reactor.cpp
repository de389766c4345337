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

std::vector<double> knots_of(const StepTable& table) {
  return table.edges_MeV;
}

std::vector<double> knots_of(const EnergyTable& table) {
  return table.energies_MeV;
}

std::vector<double> knots_of(const NoSpectrum&) {
  return {};
}

template <class Inner>
std::vector<double> knots_of(const Piecewise<Inner>& table) {
  std::vector<double> knots = knots_of(table.inner);
  const double low = knots.front(), high = knots.back();
  std::copy_if(table.outer.energies_MeV.begin(), table.outer.energies_MeV.end(),
               std::back_inserter(knots), [&](double E) { return E < low || E > high; });
  return knots;
}

// Index of the knot above E (of the last one, if there is none).
std::size_t upper_knot(const LogLinearTable& table, double E) {
  const auto& knots = table.energies_MeV;
  return static_cast<std::size_t>(std::upper_bound(knots.begin() + 1, knots.end() - 1, E) -
                                  knots.begin());
}

double between_knots(const LogLinearTable& table, std::size_t upper, double E) {
  const auto& knots = table.energies_MeV;
  const double share = (E - knots[upper - 1]) / (knots[upper] - knots[upper - 1]);
  return std::exp(std::lerp(table.log_values[upper - 1], table.log_values[upper], share));
}

// Calls put(n, S(E_n)) for all of `energies`.
template <class Spectrum, class Put>
void evaluate(const Spectrum& spectrum, std::span<const double> energies, const Put& put) {
  for (std::size_t n = 0; n < energies.size(); ++n)
    put(n, spectrum(energies[n]));
}

// Without a search where the energy is between the same knots as the one before.
template <class Put>
void evaluate(const LogLinearTable& table, std::span<const double> energies, const Put& put) {
  const auto& knots = table.energies_MeV;
  std::size_t upper = 1;
  for (std::size_t n = 0; n < energies.size(); ++n) {
    const double E = energies[n];
    NULOOP_EXPECTS(E >= knots.front() && E <= knots.back());
    if (E < knots[upper - 1] || E >= knots[upper])
      upper = upper_knot(table, E);
    put(n, between_knots(table, upper, E));
  }
}

const std::vector<double>& ends_of(const LogLinearTable& table) {
  return table.energies_MeV;
}

const std::vector<double>& ends_of(const EnergyTable& table) {
  return table.energies_MeV;
}

const std::vector<double>& ends_of(const StepTable& table) {
  return table.edges_MeV;
}

template <class Inner, class Put>
void evaluate(const Piecewise<Inner>& tables, std::span<const double> energies, const Put& put) {
  const auto& [low, high] = std::minmax_element(energies.begin(), energies.end());
  const double first = ends_of(tables.inner).front(), last = ends_of(tables.inner).back();
  if (*low >= first && *high <= last)
    return evaluate(tables.inner, energies, put);
  if (*high < first || *low > last)
    return evaluate(tables.outer, energies, put);
  for (std::size_t n = 0; n < energies.size(); ++n)
    put(n, tables(energies[n]));
}

// Energy of so many fissions of each isotope, in MeV.
double mean_of(const PerFissile<double>& energies_MeV, const PerFissile<double>& fissions) {
  return std::inner_product(fissions.begin(), fissions.end(), energies_MeV.begin(), 0.0);
}

// (atanh(d)/d - 1)/d. @param d inside (-1, 1).
double slope_of_mean(double d) {
  constexpr double largest_of_series = 0.1;
  if (std::abs(d) > largest_of_series)
    return (std::atanh(d) / d - 1.0) / d;
  constexpr int last = 19;  // of the series sum_k d^(2k-1)/(2k+1)
  double sum = 0.0;
  for (int power = last; power > 0; power -= 2)
    sum = sum * d * d + 1.0 / (power + 2);
  return sum * d;
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
  return between_knots(*this, upper_knot(*this, E), E);
}

template <class Inner>
double Piecewise<Inner>::operator()(double E) const {
  const bool inside = E >= ends_of(inner).front() && E <= ends_of(inner).back();
  return inside ? inner(E) : outer(E);
}

double Survival::operator()(double energy_MeV) const {
  const double phase = delta_m2_eV2 * baseline_m / (4.0 * hbar_c_eV_m * eV_per_MeV * energy_MeV);
  return 1.0 - sin2_2theta * std::pow(std::sin(phase), 2);
}
template struct Piecewise<LogLinearTable>;
template struct Piecewise<StepTable>;

FluxModel::FluxModel(PerFissile<Spectrum> spectra, double low_MeV, double high_MeV,
                     std::vector<FluxCorrection> corrections)
    : spectra_(std::move(spectra)),
      corrections_(std::move(corrections)),
      low_MeV_(low_MeV),
      high_MeV_(high_MeV) {
  NULOOP_EXPECTS(low_MeV >= 0.0 && low_MeV < high_MeV);
  const auto add_knots = [&](const auto& table) {
    const std::vector<double> knots = knots_of(table);
    std::copy_if(knots.begin(), knots.end(), std::back_inserter(knots_MeV_),
                 [&](double E) { return E > low_MeV && E < high_MeV; });
  };
  for (const Spectrum& spectrum : spectra_)
    std::visit(add_knots, spectrum);
  for (const FluxCorrection& correction : corrections_)
    std::visit(add_knots, correction.table);
  std::sort(knots_MeV_.begin(), knots_MeV_.end());
  knots_MeV_.erase(std::unique(knots_MeV_.begin(), knots_MeV_.end()), knots_MeV_.end());
}

PerFissile<double> FluxModel::operator()(double energy_MeV) const {
  PerFissile<double> values;
  for (std::size_t i = 0; i < fissile_count; ++i)
    values[i] = std::visit([&](const auto& spectrum) { return spectrum(energy_MeV); }, spectra_[i]);
  correct(energy_MeV, values);
  if (!survival_.certain())
    for (double& value : values)
      value *= survival_(energy_MeV);
  return values;
}

FluxModel FluxModel::after(const Survival& survival) const {
  NULOOP_EXPECTS(survival_.certain());
  FluxModel flux = *this;
  flux.survival_ = survival;
  return flux;
}

void FluxModel::correct(double energy_MeV, PerFissile<double>& values) const {
  for (const FluxCorrection& correction : corrections_) {
    const double c = std::visit(
        [&](const auto& table) {
          const auto& ends = ends_of(table);
          return energy_MeV < ends.front() || energy_MeV > ends.back() ? 0.0 : table(energy_MeV);
        },
        correction.table);
    for (std::size_t i = 0; i < fissile_count; ++i)
      if (correction.isotopes[i])
        values[i] = correction.kind == FluxCorrection::Kind::relative ? values[i] * (1.0 + c)
                                                                      : values[i] + c;
  }
}

FluxModel FluxModel::restricted(double low_MeV, double high_MeV) const {
  NULOOP_EXPECTS(low_MeV >= low_MeV_ && high_MeV <= high_MeV_);
  return FluxModel(spectra_, low_MeV, high_MeV, corrections_).after(survival_);
}

std::optional<FluxModel> FluxUncertainties::part(const FluxModel& flux, std::size_t bin) const {
  NULOOP_EXPECTS(bin < bins());
  const double low = bin == 0 ? flux.low_MeV() : std::max(flux.low_MeV(), inner_edges_MeV[bin - 1]);
  const double high =
      bin + 1 == bins() ? flux.high_MeV() : std::min(flux.high_MeV(), inner_edges_MeV[bin]);
  if (low >= high)
    return std::nullopt;
  return flux.restricted(low, high);
}

void FluxModel::operator()(std::span<const double> energies_MeV,
                           std::span<PerFissile<double>> values) const {
  NULOOP_EXPECTS(energies_MeV.size() == values.size() && !energies_MeV.empty());
  for (std::size_t i = 0; i < fissile_count; ++i)
    std::visit(
        [&](const auto& spectrum) {
          evaluate(spectrum, energies_MeV, [&](std::size_t n, double S) { values[n][i] = S; });
        },
        spectra_[i]);
  for (std::size_t n = 0; !corrections_.empty() && n < energies_MeV.size(); ++n)
    correct(energies_MeV[n], values[n]);
  if (!survival_.certain())
    for (std::size_t n = 0; n < energies_MeV.size(); ++n)
      for (double& value : values[n])
        value *= survival_(energies_MeV[n]);
}

Fuel Fuel::part(double from, double to) const {
  NULOOP_EXPECTS(from >= 0.0 && from < to && to <= 1.0);
  Fuel fuel = *this;
  for (std::size_t i = 0; i < fissile_count; ++i) {
    fuel.fission_fractions[i] += half_change[i] * (from + to - 1.0);
    fuel.half_change[i] *= to - from;
  }
  return fuel;
}

double fission_rate_per_s(const Reactor& reactor) {
  const double energy_MeV = mean_of(reactor.energy_per_fission_MeV, reactor.fission_fractions);
  return reactor.thermal_power_GW * reactor.load_factor * joule_per_GJ /
         (energy_MeV * joule_per_MeV);
}

PerFissile<double> mean_fission_fractions(const Reactor& reactor) {
  PerFissile<double> shares = reactor.fission_fractions;
  if (reactor.half_change == PerFissile<double>{})
    return shares;
  const double d = mean_of(reactor.energy_per_fission_MeV, reactor.half_change) /
                   mean_of(reactor.energy_per_fission_MeV, reactor.fission_fractions);
  const double b = slope_of_mean(d), a = 1.0 + d * b;
  for (std::size_t i = 0; i < fissile_count; ++i)
    shares[i] = a * reactor.fission_fractions[i] - b * reactor.half_change[i];
  return shares;
}

}  // namespace nuloop::experiment
