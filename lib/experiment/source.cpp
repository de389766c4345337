// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/experiment/source.hpp"

#include "nuloop/experiment/quadrature.hpp"
#include "nuloop/foundation/contracts.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace nuloop::experiment {
namespace {

constexpr double line_reach = 8.0;  // standard deviations to each side: 1e-15 is beyond

// Energies at which a shape or its slope jumps, from its first to its last.
std::vector<double> breaks_MeV(const SpectralShape& shape) {
  struct Breaks {
    std::vector<double> operator()(const ExponentialShape& s) const {
      return {s.low_MeV, s.high_MeV};
    }
    std::vector<double> operator()(const PowerLawShape& s) const { return {s.low_MeV, s.high_MeV}; }
    std::vector<double> operator()(const LineShape& s) const {
      return {s.energy_MeV - line_reach * s.width_MeV, s.energy_MeV,
              s.energy_MeV + line_reach * s.width_MeV};
    }
    std::vector<double> operator()(const StepTable& s) const { return s.edges_MeV; }
    std::vector<double> operator()(const EnergyTable& s) const { return s.energies_MeV; }
  };
  return std::visit(Breaks{}, shape);
}

// Per MeV, within the range. Only integral_of gives it a norm.
double density(const SpectralShape& shape, double energy_MeV) {
  struct Density {
    double T;
    double operator()(const ExponentialShape& s) const {
      return std::exp(-(T - s.low_MeV) / s.scale_MeV);
    }
    double operator()(const PowerLawShape& s) const { return std::pow(T / s.low_MeV, -s.power); }
    double operator()(const LineShape& s) const {
      const double x = (T - s.energy_MeV) / s.width_MeV;
      return std::exp(-0.5 * x * x) / (s.width_MeV * std::sqrt(2.0 * std::numbers::pi));
    }
    double operator()(const StepTable& s) const { return s(T); }
    double operator()(const EnergyTable& s) const { return s(T); }
  };
  return std::visit(Density{energy_MeV}, shape);
}

// Probability that an event of the source is recorded in a bin.
Bounded<double> share(const SpectralShape& shape, const BinResponse& in_bin, double tolerance) {
  const auto& ranges = in_bin.ranges_MeV();
  if (const auto* line = std::get_if<LineShape>(&shape); line != nullptr && line->width_MeV == 0.0)
    return {in_bin.of_line(line->energy_MeV), 0.0};
  const std::vector<double> breaks = breaks_MeV(shape);
  std::vector<double> edges = ranges;
  edges.insert(edges.end(), breaks.begin(), breaks.end());
  std::sort(edges.begin(), edges.end());
  const double low = std::max(ranges.front(), breaks.front());
  const double high = std::min(ranges.back(), breaks.back());
  std::vector<Panel> panels;
  for (std::size_t i = 1; i < edges.size(); ++i)
    if (edges[i - 1] >= low && edges[i] <= high && edges[i] > edges[i - 1])
      panels.push_back({edges[i - 1], edges[i]});
  if (panels.empty())
    return {0.0, 0.0};
  using Number = Eigen::Array<double, 1, 1>;
  const auto integral =
      integrate<Number>([&](double T) { return Number(density(shape, T) * in_bin(T)); }, panels,
                        tolerance, std::numeric_limits<double>::min());
  const double norm = integral_of(shape);
  return {integral.value[0] / norm, integral.error[0] / norm};
}

}  // namespace

double integral_of(const SpectralShape& shape) {
  struct Integral {
    double operator()(const ExponentialShape& s) const {
      const double width = s.high_MeV - s.low_MeV;
      return std::isinf(s.scale_MeV) ? width : -s.scale_MeV * std::expm1(-width / s.scale_MeV);
    }
    double operator()(const PowerLawShape& s) const {
      const double log_ratio = std::log(s.high_MeV / s.low_MeV), rest = 1.0 - s.power;
      return s.low_MeV * (rest == 0.0 ? log_ratio : std::expm1(rest * log_ratio) / rest);
    }
    double operator()(const LineShape&) const { return 1.0; }
    double operator()(const StepTable& s) const {
      double sum = 0.0;
      for (std::size_t i = 0; i < s.values.size(); ++i)
        sum += (s.edges_MeV[i + 1] - s.edges_MeV[i]) * s.values[i];
      return sum;
    }
    double operator()(const EnergyTable& s) const {
      const auto& [energies, values] = s;
      double sum = 0.0;
      for (std::size_t i = 1; i < energies.size(); ++i)
        sum += 0.5 * (energies[i] - energies[i - 1]) * (values[i] + values[i - 1]);
      return sum;
    }
  };
  return std::visit(Integral{}, shape);
}

double events_per_day(const BackgroundSource& source, const Detector& detector) {
  const bool measured = source.spectrum_of == SpectrumOf::measured;
  const double recorded = measured ? 1.0 : detector.recorded_share();
  return detector.counted_time() *
         (source.rate_per_day * recorded + source.rate_per_t_day * (detector.mass_t * recorded));
}

Spectrum bin_shares(const BackgroundSource& source, const Binning& binning,
                    const Response& response, double relative_tolerance) {
  const Response applied = source.spectrum_of == SpectrumOf::measured ? Response{} : response;
  const auto bins = static_cast<Eigen::Index>(binning.size());
  Spectrum shares{Eigen::ArrayXd::Zero(bins), Eigen::ArrayXd::Zero(bins)};
  if (!source.decays.empty()) {
    double sum = 0.0;
    const std::vector<BinResponse> responses = responses_of(binning, applied);
    for (const auto& [beta, daughter_charge] : source.decays) {
      sum += beta.fraction;
      add_bin_shares(beta, daughter_charge, responses, relative_tolerance, shares);
    }
    shares *= 1.0 / sum;
    return shares;
  }
  for (Eigen::Index bin = 0; bin < bins; ++bin) {
    const auto b = static_cast<std::size_t>(bin);
    const BinResponse in_bin(binning.low_MeV(b), binning.high_MeV(b), applied);
    const Bounded<double> part = share(source.shape, in_bin, relative_tolerance);
    shares.value[bin] = part.value;
    shares.error[bin] = part.error;
  }
  return shares;
}

}  // namespace nuloop::experiment
