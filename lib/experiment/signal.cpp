// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/experiment/signal.hpp"

#include "chebyshev_rule.hpp"
#include "nuloop/experiment/chebyshev.hpp"
#include "nuloop/experiment/electron_table.hpp"
#include "nuloop/experiment/flux_cells.hpp"
#include "nuloop/experiment/flux_moments.hpp"
#include "nuloop/experiment/quadrature.hpp"
#include "nuloop/experiment/tail_table.hpp"
#include "nuloop/experiment/units.hpp"
#include "nuloop/foundation/parallel_for.hpp"
#include "nuloop/foundation/special_values.hpp"
#include "nuloop/physics/constants.hpp"
#include "photonic_at.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include <Eigen/LU>
#include <fmt/format.h>

namespace nuloop::experiment {
namespace {

using physics::basis_size;
using physics::electron_mass_MeV;
using physics::structure_count;

// Born and photonic structures for each isotope, integrated over E at one T, and the mean flux,
// which sets the scale of what can be asked of structures that nearly vanish. Photonic structures
// are weighted as they enter a cross section, so that no digits of them are asked for in vain.
constexpr double photonic_weight = physics::fine_structure / std::numbers::pi;
constexpr int structures = static_cast<int>(structure_count);
constexpr int inner_functions = 2 * structures;
constexpr int inner_scale = static_cast<int>(fissile_count) * inner_functions;
using InnerValue = Eigen::Array<double, inner_scale + 1, 1>;

// The photonic structures alone (rows) for each isotope.
using PhotonicValue = Eigen::Array<double, structures, fissile_count>;

// The whole basis for each isotope, and the same scale.
constexpr int outer_scale = fissile_count * basis_size;
constexpr int outer_size = outer_scale + 1;
using OuterValue = Eigen::Array<double, outer_size, 1>;

// Keeps the sign.
double fifth_root(double value) {
  return std::copysign(std::pow(std::abs(value), 0.2), value);
}

physics::BasisAtRecoil::Inner inner_functions_of(const InnerValue& value, std::size_t isotope) {
  const double* v = value.data() + isotope * inner_functions;
  return {{v[0], v[1], v[2]}, {v[3], v[4], v[5]}};
}

// Panels of [low, high] split at the flux's knots.
std::vector<double> split_at_knots(double low, double high, const FluxModel& flux) {
  std::vector<double> edges = {low};
  for (const double knot_MeV : flux.knots_MeV()) {
    const double knot = knot_MeV / electron_mass_MeV;
    if (knot > low && knot < high)
      edges.push_back(knot);
  }
  edges.push_back(high);
  return edges;
}

// Integrates over E at fixed T. What is a quadratic in 1/E, as the Born structures and all of the
// electromagnetic spectrum below T_max, follows from the flux's moments.
class EnergyIntegral {
 public:
  // @param cells for the electron spectrum alone. @param electrons,tails tables for fluxes with
  // knots.
  EnergyIntegral(const SignalShape& shape, const FluxMoments& moments, const FluxCells* cells,
                 const ElectronTable* electrons, const TailTable* tails, double recoil_MeV)
      : observable_(shape.observable),
        flux_(shape.flux),
        basis_(shape.observable, recoil_MeV, shape.loop_scale_MeV),
        moments_(moments),
        cells_(cells),
        electrons_(electrons),
        tails_(tails) {}

  Bounded<OuterValue> operator()(double tolerance) const {
    Bounded<InnerValue> inner = below_the_limit();
    const double allowed = tolerance * inner.value.abs().maxCoeff();
    const Bounded<PhotonicValue> photonic = observable_ == physics::Observable::electron
                                                ? electron_spectrum(tolerance, allowed)
                                                : radiative_tail(tolerance, allowed);
    for (int i = 0; i < static_cast<int>(fissile_count); ++i) {
      const auto at = i * inner_functions + structures;
      inner.value.segment<structures>(at) += photonic.value.col(i);
      inner.error.segment<structures>(at) += photonic.error.col(i);
    }
    return {assemble(inner.value), assemble(inner.error)};
  }

 private:
  // Born structures, scale, and the electromagnetic spectrum for T < T_max(E).
  Bounded<InnerValue> below_the_limit() const {
    const auto above = moments_.above(basis_.recoil().min_energy * electron_mass_MeV);
    const auto quadratics = basis_.quadratics();
    Bounded<InnerValue> sum{InnerValue::Zero(), InnerValue::Zero()};
    for (std::size_t i = 0; i < fissile_count; ++i) {
      const auto first = 3 * static_cast<Eigen::Index>(i);
      const Eigen::Array3d m = above.value.segment<3>(first), error = above.error.segment<3>(first);
      sum.value[inner_scale] += m[0] / fissile_count;
      sum.error[inner_scale] += error[0] / fissile_count;
      for (std::size_t k = 0; k < quadratics.size(); ++k) {
        const double weight = k < structure_count ? 1.0 : photonic_weight;
        const Eigen::Array3d c =
            weight * Eigen::Array3d(quadratics[k].c0, quadratics[k].c1, quadratics[k].c2);
        const auto at = static_cast<Eigen::Index>(i * inner_functions + k);
        sum.value[at] = (c * m).sum();
        sum.error[at] = (c.abs() * (error + rounding * m)).sum();
      }
    }
    return sum;
  }

  // Near the kinematic limit, where the logarithms are, node by node; above in cells, but for those
  // whose error does not suffice.
  Bounded<PhotonicValue> electron_spectrum(double tolerance, double allowed) const {
    const double limit = basis_.recoil().min_energy;
    const double low = std::max(flux_.low_MeV() / electron_mass_MeV, limit);
    const double high = flux_.high_MeV() / electron_mass_MeV;
    Bounded<PhotonicValue> sum{PhotonicValue::Zero(), PhotonicValue::Zero()};
    if (low >= high)
      return sum;
    if (electrons_ != nullptr && ElectronTable::reaches(basis_.recoil().recoil_MeV)) {
      const ElectronTable::AtRecoil table = electrons_->at(basis_.recoil());
      sum.value = photonic_weight * table.far.array();
      sum.error = photonic_weight * table.far_error.array();
      if (sum.error.maxCoeff() <= 0.5 * allowed) {
        sum += near_of_table(table, low, high, tolerance, 0.5 * allowed);
        if (sum.error.maxCoeff() <= allowed)
          return sum;
      }
      sum = {PhotonicValue::Zero(), PhotonicValue::Zero()};
    }
    const auto cells = cells_->above(limit * electron_mass_MeV, low * electron_mass_MeV);
    std::vector<Panel> panels;
    const auto integrate_directly = [&](double from, double to) {
      add_panels_of_x(from, to, panels);
    };
    integrate_directly(low,
                       cells.empty() ? high : cells.front()->energies_MeV.low / electron_mass_MeV);
    for (const FluxCells::Cell* cell : cells) {
      const double own = 0.4 * allowed / static_cast<double>(cells.size());
      const Bounded<PhotonicValue> part = electron_cell(*cell, own);
      if (part.error.maxCoeff() <= own)
        sum += part;
      else
        integrate_directly(cell->energies_MeV.low / electron_mass_MeV,
                           cell->energies_MeV.high / electron_mass_MeV);
    }
    sum += by_panels([](const Panel&) { return 22; },
                     [&]<int n>(const Panel& panel) {
                       const auto x = ChebyshevRule<n>::instance().nodes_in(panel);
                       return near_part<n>(x, electron_spectra<n>(x), Eigen::RowVector3d::Zero(),
                                           panel);
                     },
                     panels, tolerance, 0.5 * allowed);
    return sum;
  }

  // Panels of x (see near_part) for E of [from, to] in m_e.
  void add_panels_of_x(double from, double to, std::vector<Panel>& panels) const {
    const double limit = basis_.recoil().min_energy;
    const std::vector<double> edges = split_at_knots(from, to, flux_);
    for (std::size_t i = 1; i < edges.size(); ++i)
      panels.push_back({fifth_root(edges[i - 1] - limit), fifth_root(edges[i] - limit)});
  }

  // What the table has next to the limit.
  Bounded<PhotonicValue> near_of_table(const ElectronTable::AtRecoil& table, double low,
                                       double high, double tolerance, double allowed) const {
    const double end = std::min(high, table.near_end_MeV / electron_mass_MeV);
    if (low >= end)
      return {PhotonicValue::Zero(), PhotonicValue::Zero()};
    std::vector<Panel> panels;
    add_panels_of_x(low, end, panels);
    return by_panels(
        [](const Panel& panel) { return order_at(panel.centre() / panel.half_width()); },
        [&]<int n>(const Panel& panel) {
          const auto x = ChebyshevRule<n>::instance().nodes_in(panel);
          return near_part<n>(x, table(x), table.near_error, panel);
        },
        panels, tolerance, allowed);
  }

  // In the variable x with E = E_min(T) + m_e x^5: nodes crowd towards the limit.
  // @param spectra the photonic structures times 5 x^4. @param spectra_error of each structure.
  template <int n>
  PanelEstimate<PhotonicValue> near_part(const Eigen::Array<double, n, 1>& x,
                                         const Eigen::Matrix<double, n, structures>& spectra,
                                         const Eigen::Vector3d& spectra_error,
                                         const Panel& panel) const {
    const auto& rule = ChebyshevRule<n>::instance();
    Eigen::Matrix<double, n, FluxMoments::isotopes> flux;
    const FluxMoments::IsotopeVector flux_error = moments_.flux<n>(
        (basis_.recoil().min_energy + x.square().square() * x) * electron_mass_MeV, flux);
    Eigen::Matrix<double, n, structures * FluxMoments::isotopes> values;
    for (Eigen::Index i = 0; i < FluxMoments::isotopes; ++i)
      for (Eigen::Index k = 0; k < structures; ++k)
        values.col(structures * i + k) = spectra.col(k).cwiseProduct(flux.col(i));
    const double scale = photonic_weight * electron_mass_MeV * panel.half_width();
    const PhotonicValue own_error =
        scale * (spectra_error * (flux.transpose() * rule.weights().matrix()).transpose() +
                 (spectra.cwiseAbs().transpose() * rule.weights().matrix()) *
                     flux_error.matrix().transpose());
    return {reshaped(rule.combine(values, scale)), own_error};
  }

  // The photonic structures (columns) at some x (rows), times 5 x^4.
  template <int n>
  Eigen::Matrix<double, n, structures> electron_spectra(const Eigen::Array<double, n, 1>& x) const {
    std::array<physics::EnergyPoint, n> points;
    for (int j = 0; j < n; ++j) {
      const double x2 = x[j] * x[j], excess = x2 * x2 * x[j];
      points[static_cast<std::size_t>(j)] = {basis_.recoil().min_energy + excess, excess};
    }
    return (5.0 * x.square().square()).matrix().asDiagonal() * photonic_at<n>(basis_, points);
  }

  static Bounded<PhotonicValue> reshaped(
      const Bounded<Eigen::Array<double, PhotonicValue::SizeAtCompileTime, 1>>& all) {
    return {Eigen::Map<const PhotonicValue>(all.value.data()),
            Eigen::Map<const PhotonicValue>(all.error.data())};
  }

  // How many nodes give some eight digits where the nearest singularity is so many half-widths from
  // a panel's centre: coefficients fall like (2 z)^-j.
  static int order_at(double z) { return z > 13.0 ? 6 : z > 5.5 ? 8 : z > 3.0 ? 10 : 14; }

  // The integral over panels.
  // @param order Panel -> 6, 8, 10, 14, 18 or 22 nodes. @param part a template <int n>: the
  // estimate of a panel by n nodes.
  template <class Order, class Part>
  static Bounded<PhotonicValue> by_panels(const Order& order, const Part& part,
                                          const std::vector<Panel>& panels, double tolerance,
                                          double allowed) {
    return integrate_by_estimates<PhotonicValue>(
        [&](const Panel& panel) {
          switch (order(panel)) {
            case 6:
              return part.template operator()<6>(panel);
            case 8:
              return part.template operator()<8>(panel);
            case 10:
              return part.template operator()<10>(panel);
            case 14:
              return part.template operator()<14>(panel);
            case 18:
              return part.template operator()<18>(panel);
            default:
              return part.template operator()<22>(panel);
          }
        },
        panels, tolerance, allowed);
  }

  // By as few nodes as are likely to do, or else by all.
  Bounded<PhotonicValue> electron_cell(const FluxCells::Cell& cell, double allowed) const {
    // The coefficients of structures of this size fall like rho^-n: the nearest singularity, the
    // limit, is z half-widths from the centre.
    constexpr double usual_structure = 8.0;
    const double z = (cell.energies_MeV.centre() - basis_.recoil().min_energy * electron_mass_MeV) /
                     cell.energies_MeV.half_width();
    const double rho = z + std::sqrt(z * z - 1.0);
    const double nodes = std::log(photonic_weight * usual_structure *
                                  *std::max_element(cell.flux.begin(), cell.flux.end()) / allowed) /
                         std::log(rho);
    Bounded<PhotonicValue> part{PhotonicValue::Zero(), PhotonicValue::Constant(infinity)};
    if (nodes <= 8.0)
      part = electron_cell<8>(cell);
    else if (nodes <= 12.0)
      part = electron_cell<12>(cell);
    return part.error.maxCoeff() <= allowed ? part : electron_cell<FluxCells::order>(cell);
  }

  template <int n>
  Bounded<PhotonicValue> electron_cell(const FluxCells::Cell& cell) const {
    std::array<physics::EnergyPoint, n> points;
    const auto nodes_MeV = cell.nodes_MeV<n>();
    for (int j = 0; j < n; ++j)
      points[static_cast<std::size_t>(j)] = physics::energy_point(nodes_MeV[j], basis_.recoil());
    return cell.template operator()<structures, n>(photonic_weight *
                                                   photonic_at<n>(basis_, points));
  }

  // Events whose least energy v is below E_min(T), by all neutrinos between v and E_min(T).
  Bounded<PhotonicValue> radiative_tail(double tolerance, double allowed) const {
    const physics::RadiativeTail tail(basis_.recoil());
    const double low = basis_.recoil().t;
    const double high = std::min(basis_.recoil().min_energy, flux_.high_MeV() / electron_mass_MeV);
    if (low >= high)
      return {PhotonicValue::Zero(), PhotonicValue::Zero()};
    std::vector<Panel> panels;
    const std::vector<double> edges = split_at_knots(low, high, flux_);
    for (std::size_t i = 1; i < edges.size(); ++i)
      panels.push_back({tail.variable(edges[i - 1]), tail.variable(edges[i])});
    const auto above_limit = moments_.above(basis_.recoil().min_energy * electron_mass_MeV);
    if (tails_ != nullptr && TailTable::reaches(basis_.recoil().recoil_MeV)) {
      auto of_table = tail_of_table(panels, above_limit, tolerance, allowed);
      if (of_table.error.maxCoeff() <= allowed)
        return of_table;
    }
    return by_panels(
        [](const Panel& y) {  // the density rises steeply towards the end
          const double half = y.half_width();
          return half < 0.6 ? 14 : half < 0.8 ? 18 : 22;
        },
        [&]<int n>(const Panel& y) { return tail_part<n>(nodes_of<n>(tail, y), above_limit, y); },
        panels, tolerance, allowed);
  }

  // The density rises steeply towards the end. In a panel that does not reach the pole, the flux
  // above v does not go to that above w_min where the denominator vanishes.
  static int tail_order(const Panel& y, double pole) {
    const double half = y.half_width();
    const int steep = half < 0.05 ? 6 : half < 0.11 ? 8 : half < 0.4 ? 10 : half < 0.8 ? 14 : 18;
    return y.high == pole ? steep : std::max(steep, order_at((pole - y.centre()) / half));
  }

  // The density of radiative events at the nodes of a panel of y. It is to be multiplied by the
  // flux between v and w_min and by `scale`.
  template <int n>
  struct TailNodes {
    using Column = Eigen::Array<double, n, 1>;
    Column v;
    Column scale;
    Eigen::Matrix<double, n, TailTable::functions> density;  // columns as TailTable has them
    Eigen::Array<double, n, structures> error;               // of dL, dR, dLR at any w
  };

  template <int n>
  static TailNodes<n> nodes_of(const physics::RadiativeTail& tail, const Panel& panel) {
    const typename TailNodes<n>::Column y = ChebyshevRule<n>::instance().nodes_in(panel);
    std::array<physics::RadiativeTail::Density, n> densities;
    tail(std::span(y.data(), n), densities);
    TailNodes<n> nodes;
    nodes.scale.setOnes();
    for (int j = 0; j < n; ++j) {
      const auto& [v, in_y] = densities[static_cast<std::size_t>(j)];
      nodes.v[j] = v;
      const double inverse_v = 1.0 / v, relative_error = tail.relative_error(v);
      for (int k = 0; k < structures; ++k) {
        const auto& [c0, c1, c2] = in_y[static_cast<std::size_t>(k)];
        nodes.density.row(j).template segment<3>(3 * k) << c0, c1, c2;
        nodes.error(j, k) =
            relative_error * (std::abs(c0) + inverse_v * (std::abs(c1) + inverse_v * std::abs(c2)));
      }
    }
    return nodes;
  }

  // The table's functions are the density times the distance from the pole.
  template <int n>
  TailNodes<n> nodes_of(const TailTable::AtRecoil& tail, const Eigen::Array3d& error,
                        const Panel& panel) const {
    const physics::Recoil& recoil = basis_.recoil();
    const typename TailNodes<n>::Column y = ChebyshevRule<n>::instance().nodes_in(panel);
    TailNodes<n> nodes;
    for (int j = 0; j < n; ++j)
      nodes.v[j] = std::exp(2.0 * y[j]);
    nodes.v = 0.5 * (recoil.t + recoil.gamma * (nodes.v - 1.0) / (nodes.v + 1.0));
    // A knot within rounding of the end leaves nothing of note behind it.
    const typename TailNodes<n>::Column distance = recoil.min_energy - nodes.v;
    nodes.scale = (distance > 0.0).select(distance.inverse(), 0.0);
    nodes.density = tail(y);
    nodes.error.rowwise() = error.transpose();
    return nodes;
  }

  // The same with the density of the table.
  Bounded<PhotonicValue> tail_of_table(const std::vector<Panel>& panels,
                                       const Bounded<MomentVector>& above_limit, double tolerance,
                                       double allowed) const {
    const physics::Recoil& recoil = basis_.recoil();
    // What the table leaves out is integrated over y with no more than the flux's mean over the
    // tail; a tenth of what is allowed is left to it.
    const MomentVector from_start = moments_.above(recoil.t * electron_mass_MeV).value;
    const double mean =
        (from_start - above_limit.value).maxCoeff() / (recoil.min_energy - recoil.t);
    const TailTable::AtRecoil tail =
        tails_->at(recoil, 0.1 * allowed / (photonic_weight * mean * recoil.theta));
    // The k-th moment of the flux below w_min is at most the first one over t^k.
    const Eigen::Array3d powers(1.0, 1.0 / recoil.t, 1.0 / (recoil.t * recoil.t));
    Eigen::Array3d error_of_table = tail.rounding;
    for (Eigen::Index k = 0; k < structures; ++k)
      error_of_table[k] += (tail.left_out.segment<3>(3 * k).array() * powers).sum();
    // Near the upper end of the flux no error is allowed that a table could keep to. The flux's
    // mean is a rough measure: only what is ten times too much is not tried.
    const double length = tail.y.high - tail.y.low;
    if (0.1 * photonic_weight * error_of_table.maxCoeff() * mean * length > allowed)
      return {PhotonicValue::Zero(), PhotonicValue::Constant(infinity)};
    return by_panels(
        [&](const Panel& y) {
          const double half = y.half_width();
          const int steep = half < 0.05 ? 6 : half < 0.11 ? 8 : half < 0.4 ? 10 : 14;
          return y.high == panels.back().high
                     ? steep
                     : std::max(steep, order_at((tail.y.high - y.centre()) / half));
        },
        [&]<int n>(const Panel& y) {
          return tail_part<n>(nodes_of<n>(tail, error_of_table, y), above_limit, y);
        },
        panels, tolerance, allowed);
  }

  template <int n>
  PanelEstimate<PhotonicValue> tail_part(const TailNodes<n>& nodes,
                                         const Bounded<MomentVector>& above_limit,
                                         const Panel& panel) const {
    using Column = Eigen::Array<double, n, 1>;
    constexpr int isotopes = FluxMoments::isotopes;
    const auto& rule = ChebyshevRule<n>::instance();
    const auto& density = nodes.density;
    Eigen::Matrix<double, n, moment_count> between;
    const MomentVector error =
        above_limit.error + moments_.above<n>(nodes.v * electron_mass_MeV, between);
    for (int m = 0; m < moment_count; ++m)
      between.col(m) = nodes.scale * (between.col(m).array() - above_limit.value[m]);
    Eigen::Matrix<double, n, structures * isotopes> values;
    for (Eigen::Index i = 0; i < isotopes; ++i)
      for (Eigen::Index k = 0; k < structures; ++k)
        values.col(structures * i + k) =
            density.col(3 * k).cwiseProduct(between.col(3 * i)) +
            density.col(3 * k + 1).cwiseProduct(between.col(3 * i + 1)) +
            density.col(3 * k + 2).cwiseProduct(between.col(3 * i + 2));
    const Column weights = (photonic_weight * panel.half_width()) * rule.weights();
    const Eigen::Matrix<double, TailTable::functions, 1> of_moments =
        density.cwiseAbs().transpose().lazyProduct((weights * nodes.scale).matrix());
    // The flux is positive: a structure's error is at most that at the least w.
    const Eigen::Matrix<double, n, structures> of_density = nodes.error.colwise() * weights;
    PhotonicValue own_error;
    for (Eigen::Index i = 0; i < isotopes; ++i)
      for (Eigen::Index k = 0; k < structures; ++k)
        own_error(k, i) = (of_moments.segment<3>(3 * k).array() * error.segment<3>(3 * i)).sum() +
                          of_density.col(k).dot(between.col(3 * i));
    return {reshaped(rule.combine(values, photonic_weight * panel.half_width())), own_error};
  }

  OuterValue assemble(const InnerValue& inner) const {
    OuterValue outer;
    outer[outer_scale] = inner[inner_scale];
    for (std::size_t i = 0; i < fissile_count; ++i) {
      const physics::BasisVector functions =
          physics::assemble(basis_.loop_values(), inner_functions_of(inner, i));
      std::copy(functions.begin(), functions.end(), outer.data() + i * basis_size);
    }
    return outer;
  }

  static constexpr double rounding = 4.0 * std::numeric_limits<double>::epsilon();

  physics::Observable observable_;
  const FluxModel& flux_;
  physics::BasisAtRecoil basis_;
  const FluxMoments& moments_;
  const FluxCells* cells_;
  const ElectronTable* electrons_;
  const TailTable* tails_;
};

// Visible energies at which the spectrum in T is not smooth: where the range of E meets a knot of
// the flux, or its end, at E_min(T).
std::vector<double> recoil_knots_MeV(const SignalShape& shape) {
  std::vector<double> knots;
  const auto add = [&](double energy_MeV) { knots.push_back(physics::max_recoil_MeV(energy_MeV)); };
  const auto add_end = [&](double energy_MeV) {
    add(energy_MeV);
    if (shape.observable == physics::Observable::electromagnetic)
      knots.push_back(energy_MeV);
  };
  for (const double energy_MeV : shape.flux.knots_MeV())
    add(energy_MeV);
  if (shape.flux.low_MeV() > 0.0)
    add_end(shape.flux.low_MeV());
  add_end(shape.flux.high_MeV());
  return knots;
}

// The range of E also meets a knot at T itself, where the radiative tail begins. If the flux has a
// kink there, the third derivative of the tail jumps: nodes that are near each other do not notice.
void split_at_tail_knots(const FluxModel& flux, std::vector<double>& edges) {
  constexpr double short_MeV = 0.15;
  std::vector<double> knots;
  for (const double knot : flux.knots_MeV()) {
    const auto above = std::upper_bound(edges.begin(), edges.end(), knot);
    if (above != edges.begin() && above != edges.end() && *above - *(above - 1) > short_MeV)
      knots.push_back(knot);
  }
  edges.insert(edges.end(), knots.begin(), knots.end());
  std::sort(edges.begin(), edges.end());
}

// Rules over T, where spectra are smooth between knots: of fluxes without knots, and with many.
using RecoilRule = ChebyshevRule<11>;
using RecoilRuleBetweenKnots = ChebyshevRule<9>;

struct BinPanel {
  std::size_t bin;
  Panel panel;
  int depth;
};

// Whether the nodes in T are the same for all such responses: what is recorded changes from bin to
// bin and in them, and no event leaves its bin.
bool integrates_response_apart(const Response& response) {
  return response.resolution.perfect() && response != Response{};
}

std::vector<BinPanel> initial_panels(const SignalShape& shape,
                                     const std::vector<BinResponse>& responses) {
  const std::vector<double> knots = recoil_knots_MeV(shape);
  const double end = *std::max_element(knots.begin(), knots.end());
  std::vector<BinPanel> panels;
  for (std::size_t bin = 0; bin < responses.size(); ++bin) {
    std::vector<double> edges = responses[bin].ranges_MeV();
    const double low = edges.front(), high = std::min(edges.back(), end);
    if (integrates_response_apart(shape.response))
      edges = {low, edges.back()};
    edges.insert(edges.end(), knots.begin(), knots.end());
    std::sort(edges.begin(), edges.end());
    if (shape.observable == physics::Observable::electromagnetic)
      split_at_tail_knots(shape.flux, edges);
    for (std::size_t i = 1; i < edges.size(); ++i)
      if (edges[i - 1] >= low && edges[i] <= high && edges[i] > edges[i - 1])
        panels.push_back({bin, {edges[i - 1], edges[i]}, 0});
  }
  return panels;
}

// The smallest neutrino energy that makes an event in any of the panels.
double lowest_energy_MeV(physics::Observable observable, const std::vector<BinPanel>& panels) {
  double recoil_MeV = panels.front().panel.low;
  for (const BinPanel& panel : panels)
    recoil_MeV = std::min(recoil_MeV, panel.panel.low);
  return observable == physics::Observable::electron ? physics::min_energy_MeV(recoil_MeV)
                                                     : recoil_MeV;
}

struct PanelIntegral {
  Bounded<OuterValue> integral;
  double quadrature_error;  // the part that more nodes in T make smaller
};

using SpectraAt = std::unordered_map<double, Bounded<OuterValue>>;  // by T in MeV

// The spectra at any T, each computed once, on all threads of a team.
class RecoilSpectra {
 public:
  // @param lowest_MeV least energy of a neutrino that makes an event. @param known to be added to.
  RecoilSpectra(const SignalShape& shape, double lowest_MeV, SpectraAt& known, const Team& team)
      : shape_(shape), lowest_MeV_(lowest_MeV), known_(known), team_(team) {}

  // One for each T. They stay where they are.
  std::vector<const Bounded<OuterValue>*> at(const std::vector<double>& recoils_MeV) {
    std::vector<double> missing;
    for (const double recoil_MeV : recoils_MeV)
      if (!known_.contains(recoil_MeV))
        missing.push_back(recoil_MeV);
    if (!missing.empty())
      add(missing);
    std::vector<const Bounded<OuterValue>*> spectra;
    for (const double recoil_MeV : recoils_MeV)
      spectra.push_back(&known_.at(recoil_MeV));
    return spectra;
  }

 private:
  void add(const std::vector<double>& recoils_MeV) {
    if (!moments_)
      moments_.emplace(shape_.flux, lowest_MeV_,
                       std::clamp(0.01 * shape_.relative_tolerance, 1e-14, 1e-13));
    if (!cells_ && shape_.observable == physics::Observable::electron)
      cells_.emplace(shape_.flux, lowest_MeV_);
    const bool tabulated = !shape_.flux.knots_MeV().empty();
    if (tabulated && cells_) {
      if (!electrons_)
        electrons_.emplace(*cells_, shape_.flux.low_MeV(), shape_.loop_scale_MeV);
      electrons_->cover(recoils_MeV, team_);
    } else if (tabulated) {
      tails_.cover(recoils_MeV, team_);
    }
    std::vector<Bounded<OuterValue>> spectra(recoils_MeV.size());
    fill_together(
        team_, spectra.size(),
        [&](std::size_t i) {
          spectra[i] = EnergyIntegral(
              shape_, *moments_, cells_ ? &*cells_ : nullptr, electrons_ ? &*electrons_ : nullptr,
              tabulated ? &tails_ : nullptr, recoils_MeV[i])(0.5 * shape_.relative_tolerance);
        },
        [&](std::size_t i) {
          return std::array{numbers_in(spectra[i].value), numbers_in(spectra[i].error)};
        });
    for (std::size_t i = 0; i < spectra.size(); ++i)
      known_.emplace(recoils_MeV[i], spectra[i]);
  }

  const SignalShape& shape_;
  double lowest_MeV_;
  SpectraAt& known_;
  const Team& team_;
  std::optional<FluxMoments> moments_;
  std::optional<FluxCells> cells_;
  std::optional<ElectronTable> electrons_;
  TailTable tails_;
};

template <class Rule>
using NodeVector = Eigen::Array<double, Rule::size, 1>;
template <class Rule>
using NodeMatrix = Eigen::Matrix<double, Rule::size, Rule::size>;
template <class Rule>
using SpectraAtNodes = Eigen::Matrix<double, outer_size, Rule::size>;

// Polynomials through the values at the nodes of a panel: the coefficients of the Chebyshev
// polynomials T_0, T_1, ... (rows) by the values (columns).
template <class Rule>
const NodeMatrix<Rule>& chebyshev_of_nodes() {
  static const NodeMatrix<Rule> inverse = [] {
    NodeMatrix<Rule> polynomials;
    for (std::size_t i = 0; i < Rule::size; ++i)
      polynomials.row(static_cast<Eigen::Index>(i)) =
          Chebyshev<Rule::size>::template polynomials<Rule::size>(Rule::instance().nodes()[i].x);
    return NodeMatrix<Rule>(polynomials.inverse());
  }();
  return inverse;
}

// Integrals over a panel of the response times Chebyshev polynomials.
template <class Rule>
Bounded<NodeVector<Rule>> response_moments(const BinResponse& response, const Panel& panel,
                                           double tolerance) {
  std::vector<double> edges = {panel.low};
  for (const double edge : response.ranges_MeV())
    if (edge > panel.low && edge < panel.high)
      edges.push_back(edge);
  edges.push_back(panel.high);
  std::vector<Panel> parts;
  for (std::size_t i = 1; i < edges.size(); ++i)
    parts.push_back({edges[i - 1], edges[i]});
  return integrate<NodeVector<Rule>>(
      [&](double T) -> NodeVector<Rule> {
        return response(T) * Chebyshev<Rule::size>::template polynomials<Rule::size>(
                                 (T - panel.centre()) / panel.half_width())
                                 .array();
      },
      parts, tolerance);
}

// The integral of spectra times a response that may change within the panel: the spectra are
// polynomials through their nodes, whose coefficients fall geometrically. What is left out is less
// than twice the last two.
template <class Rule>
PanelIntegral by_moments(const SpectraAtNodes<Rule>& values, const SpectraAtNodes<Rule>& errors,
                         const Bounded<NodeVector<Rule>>& moments) {
  constexpr Eigen::Index last = Rule::size - 1;
  constexpr double rounding = 16.0 * std::numeric_limits<double>::epsilon();
  const NodeMatrix<Rule>& coefficients = chebyshev_of_nodes<Rule>();
  const NodeVector<Rule> weights = coefficients.transpose() * moments.value.matrix();
  const NodeVector<Rule> of_moments = coefficients.cwiseAbs().transpose() *
                                      (moments.error + rounding * moments.value.abs()).matrix();
  const OuterValue left_out = (values * coefficients.row(last).transpose()).cwiseAbs() +
                              (values * coefficients.row(last - 1).transpose()).cwiseAbs();
  PanelIntegral result;
  result.integral.value = values * weights.matrix();
  result.integral.error =
      2.0 * moments.value[0] * left_out + (values.cwiseAbs() * of_moments.matrix()).array();
  result.quadrature_error = result.integral.error.maxCoeff();
  result.integral.error += (errors * weights.abs().matrix()).array();
  return result;
}

// The same where values and errors contain the response.
template <class Rule>
PanelIntegral with_rule(const SpectraAtNodes<Rule>& values, const SpectraAtNodes<Rule>& errors,
                        const Panel& panel) {
  std::array<OuterValue, Rule::size> at_nodes;
  for (std::size_t i = 0; i < at_nodes.size(); ++i)
    at_nodes[i] = values.col(static_cast<Eigen::Index>(i));
  PanelIntegral result;
  result.integral = Rule::instance().combine(at_nodes.data(), panel.half_width());
  result.quadrature_error = result.integral.error.maxCoeff();
  for (std::size_t i = 0; i < at_nodes.size(); ++i)
    result.integral.error += panel.half_width() * Rule::instance().weight(i) *
                             errors.col(static_cast<Eigen::Index>(i)).array();
  return result;
}

// Every panel's integral over T.
template <class Rule>
std::vector<PanelIntegral> integrate_panels(const SignalShape& shape, RecoilSpectra& spectra,
                                            const std::vector<BinResponse>& responses,
                                            const std::vector<BinPanel>& panels) {
  const auto& nodes = Rule::instance().nodes();
  std::vector<double> recoils_MeV;
  for (const auto& [bin, panel, depth] : panels)
    for (const auto& node : nodes)
      recoils_MeV.push_back(panel.centre() + panel.half_width() * node.x);
  const auto at = spectra.at(recoils_MeV);
  const bool apart = integrates_response_apart(shape.response);
  const double tolerance = std::max(0.01 * shape.relative_tolerance, 1e-13);
  std::vector<PanelIntegral> integrals(panels.size());
  parallel_for(panels.size(), [&](std::size_t p) {
    const auto& [bin, panel, depth] = panels[p];
    SpectraAtNodes<Rule> values, errors;
    for (std::size_t i = 0; i < Rule::size; ++i) {
      const std::size_t n = p * Rule::size + i;
      const double response = apart ? 1.0 : responses[bin](recoils_MeV[n]);
      values.col(static_cast<Eigen::Index>(i)) = response * at[n]->value;
      errors.col(static_cast<Eigen::Index>(i)) = response * at[n]->error;
    }
    integrals[p] = apart
                       ? by_moments<Rule>(values, errors,
                                          response_moments<Rule>(responses[bin], panel, tolerance))
                       : with_rule<Rule>(values, errors, panel);
    if (!integrals[p].integral.error.isFinite().all())
      throw NumericalError("the event spectrum is not finite");
  });
  return integrals;
}

}  // namespace

double events_per_cm2_day(const Reactor& reactor, const Detector& detector, double targets_per_t) {
  const double baseline_cm = detector.baseline_m * cm_per_m;
  return detector.effective_mass_t() * targets_per_t * seconds_per_day *
         fission_rate_per_s(reactor) / (4.0 * std::numbers::pi * baseline_cm * baseline_cm);
}

struct SpectrumMemory::Content {
  double lowest_MeV = 0.0;  // on which the last bits of the moments depend
  SpectraAt spectra;
};

SpectrumMemory::SpectrumMemory() : content_(std::make_unique<Content>()) {}
SpectrumMemory::~SpectrumMemory() = default;

void SpectrumMemory::clear() {
  content_->spectra.clear();
}

SignalBasis SignalBasis::mixed_with(const SignalBasis& other, double share) const {
  SignalBasis mixture;
  mixture.value_ = (1.0 - share) * value_ + share * other.value_;
  mixture.error_ = (1.0 - share) * error_ + share * other.error_;
  return mixture;
}

SignalBasis::SignalBasis(const SignalShape& shape, const Team& team) {
  SpectrumMemory memory;
  *this = SignalBasis(shape, memory, team);
}

SignalBasis::SignalBasis(const SignalShape& shape, SpectrumMemory& memory, const Team& team)
    : value_(Eigen::ArrayXXd::Zero(static_cast<Eigen::Index>(shape.binning.size()), outer_size)),
      error_(value_) {
  std::vector<BinResponse> responses;
  for (std::size_t bin = 0; bin < shape.binning.size(); ++bin)
    responses.emplace_back(shape.binning.low_MeV(bin), shape.binning.high_MeV(bin), shape.response);

  // A bin is done when the sum of its panels' errors is below the tolerance times its largest
  // function, so that functions which vanish somewhere do not ask for the impossible, or when no
  // more than half of that is due to the nodes in T: the rest, as the rounding of the flux's
  // moments, would stay. Until then the panels that matter are bisected, all bins' at once.
  constexpr int max_depth = 24;
  std::vector<BinPanel> open = initial_panels(shape, responses);
  if (open.empty())
    return;
  const std::size_t most_panels = 2000 + 2 * open.size();
  const double lowest_MeV = lowest_energy_MeV(shape.observable, open);
  SpectrumMemory::Content& content = *memory.content_;
  if (content.lowest_MeV != lowest_MeV)
    content.spectra.clear();
  content.lowest_MeV = lowest_MeV;
  RecoilSpectra spectra(shape, lowest_MeV, content.spectra, team);
  std::vector<std::size_t> panels_of_bin(responses.size(), 0);
  for (const BinPanel& panel : open)
    ++panels_of_bin[panel.bin];
  std::vector<double> done_error(responses.size(), 0.0);  // of finished panels, by nodes in T
  while (!open.empty()) {
    const auto integrals =
        shape.flux.knots_MeV().empty()
            ? integrate_panels<RecoilRule>(shape, spectra, responses, open)
            : integrate_panels<RecoilRuleBetweenKnots>(shape, spectra, responses, open);
    Eigen::ArrayXXd value = value_, error = error_;
    std::vector<double> quadrature_error = done_error;
    for (std::size_t p = 0; p < open.size(); ++p) {
      const auto bin = static_cast<Eigen::Index>(open[p].bin);
      value.row(bin) += integrals[p].integral.value.transpose();
      error.row(bin) += integrals[p].integral.error.transpose();
      quadrature_error[open[p].bin] += integrals[p].quadrature_error;
    }
    std::vector<BinPanel> next;
    for (std::size_t p = 0; p < open.size(); ++p) {
      const auto& [b, panel, depth] = open[p];
      const auto& [integral, by_nodes] = integrals[p];
      const auto bin = static_cast<Eigen::Index>(b);
      const double allowed = shape.relative_tolerance * value.row(bin).abs().maxCoeff();
      const bool done =
          error.row(bin).maxCoeff() <= allowed || quadrature_error[b] <= 0.5 * allowed;
      const double negligible = 0.25 * allowed / static_cast<double>(panels_of_bin[b]);
      if (done || integral.error.maxCoeff() <= negligible || by_nodes <= 0.5 * negligible) {
        value_.row(bin) += integral.value.transpose();
        error_.row(bin) += integral.error.transpose();
        done_error[b] += by_nodes;
        continue;
      }
      if (depth == max_depth || panels_of_bin[b] > most_panels)
        throw NumericalError(
            fmt::format("the event spectrum does not converge near T = {} MeV", panel.low));
      const auto [left, right] = panel.halves();
      next.push_back({b, left, depth + 1});
      next.push_back({b, right, depth + 1});
    }
    for (std::size_t p = 0; p < next.size(); p += 2)
      ++panels_of_bin[next[p].bin];
    open = std::move(next);
  }
  constexpr std::size_t most_spectra = 8192;  // of one kilobyte
  if (content.spectra.size() > most_spectra)
    content.spectra.clear();
}

FuelBasis SignalBasis::of_fuel(const PerFissile<double>& fission_fractions) const {
  constexpr std::size_t lanes = FuelBasis::lanes;
  const auto bins = static_cast<std::size_t>(value_.rows());
  FuelBasis fuel;
  fuel.bins_ = value_.rows();
  fuel.blocks_.resize((bins + lanes - 1) / lanes);
  const auto contract = [&](const Eigen::ArrayXXd& integrals,
                            FuelBasis::Functions FuelBasis::Block::*to) {
    for (std::size_t i = 0; i < fissile_count; ++i)
      for (std::size_t k = 0; k < basis_size && fission_fractions[i] != 0.0; ++k) {
        const double weight =
            fission_fractions[i] / (k < physics::photonic_offset ? 1.0 : photonic_weight);
        const double* const column = &integrals(0, static_cast<Eigen::Index>(i * basis_size + k));
        for (std::size_t bin = 0; bin < bins; ++bin)
          (fuel.blocks_[bin / lanes].*to)[k][bin % lanes] += weight * column[bin];
      }
  };
  contract(value_, &FuelBasis::Block::value);
  contract(error_, &FuelBasis::Block::error);
  return fuel;
}

void FuelBasis::add_events_per_day(const physics::Expansion& cross_section, const Reactor& reactor,
                                   const Detector& detector, Spectrum& sum) const {
  const double factor = events_per_cm2_day(reactor, detector, detector.electrons_per_t);
  const physics::BasisVector coefficients = cross_section.total();
  // Tree level ends after three functions.
  std::size_t count = basis_size;
  while (count > 0 && coefficients[count - 1] == 0.0)
    --count;
  double* value = sum.value.data();
  double* error = sum.error.data();
  auto left = static_cast<std::size_t>(bins_);
  for (const Block& block : blocks_) {
    std::array<double, lanes> values{}, errors{};
    for (std::size_t k = 0; k < count; ++k) {
      const double c = coefficients[k], size = std::abs(c);
      for (std::size_t lane = 0; lane < lanes; ++lane)
        values[lane] += c * block.value[k][lane];
      for (std::size_t lane = 0; lane < lanes; ++lane)
        errors[lane] += size * block.error[k][lane];
    }
    const std::size_t bins = std::min(lanes, left);
    for (std::size_t lane = 0; lane < bins; ++lane) {
      *value++ += factor * values[lane];
      *error++ += factor * errors[lane];
    }
    left -= bins;
  }
}

namespace {

Spectrum events_per_day_by(const FuelBasis& fuel, const physics::Expansion& cross_section,
                           const Reactor& reactor, const Detector& detector) {
  Spectrum spectrum{Eigen::ArrayXd::Zero(fuel.bins()), Eigen::ArrayXd::Zero(fuel.bins())};
  fuel.add_events_per_day(cross_section, reactor, detector, spectrum);
  return spectrum;
}

}  // namespace

Spectrum SignalBasis::events_per_day(const physics::Expansion& cross_section,
                                     const Reactor& reactor, const Detector& detector) const {
  return events_per_day_by(of_fuel(mean_fission_fractions(reactor)), cross_section, reactor,
                           detector);
}

PerFissile<Spectrum> SignalBasis::events_per_day_by_isotope(const physics::Expansion& cross_section,
                                                            const Reactor& reactor,
                                                            const Detector& detector) const {
  const PerFissile<double> fractions = mean_fission_fractions(reactor);
  PerFissile<Spectrum> spectra;
  for (std::size_t i = 0; i < fissile_count; ++i) {
    PerFissile<double> alone{};
    alone[i] = fractions[i];
    spectra[i] = events_per_day_by(of_fuel(alone), cross_section, reactor, detector);
  }
  return spectra;
}

}  // namespace nuloop::experiment
