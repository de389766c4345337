// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/experiment/flux_cells.hpp"

#include "nuloop/experiment/chebyshev.hpp"
#include "nuloop/foundation/contracts.hpp"

#include <algorithm>
#include <cmath>

namespace nuloop::experiment {
namespace {

constexpr double shortest_MeV = 0.25;

using FluxRow = Eigen::RowVector<double, fissile_count>;

// The flux as a sum over fixed energies: S(E) dE there.
struct Node {
  double energy_MeV;
  FluxRow flux;
};

// Integrals of the flux times T_0, T_1, ... (rows).
using Moments = Eigen::Matrix<double, FluxCells::order, fissile_count>;

template <int n>
void set_factors(const Moments& moments, Eigen::Matrix<double, n, FluxCells::Cell::sums>& factors) {
  const auto& coefficients = Chebyshev<n>::instance().coefficients();
  factors << coefficients * moments.topRows<n>(), coefficients.template rightCols<4>();
}

// Nodes of one panel, halved until half of them would do for the flux alone.
void add_nodes(std::vector<Node>& nodes, const FluxModel& flux, const Panel& panel, int depth) {
  using Rule = KronrodRule<15>;
  std::array<double, Rule::size> energies;
  std::array<PerFissile<double>, Rule::size> values;
  const auto& rule = Rule::instance().nodes();
  std::transform(rule.begin(), rule.end(), energies.begin(),
                 [&](const auto& node) { return panel.centre() + panel.half_width() * node.x; });
  flux(energies, values);
  FluxRow sum = FluxRow::Zero(), difference = FluxRow::Zero();
  std::array<Node, Rule::size> added;
  for (std::size_t n = 0; n < Rule::size; ++n) {
    const FluxRow S = panel.half_width() * Eigen::Map<const FluxRow>(values[n].data());
    added[n] = {energies[n], rule[n].kronrod * S};
    sum += added[n].flux;
    difference += (rule[n].kronrod - rule[n].gauss) * S;
  }
  constexpr double tolerance = 1e-13;
  constexpr int max_depth = 24;
  if (difference.cwiseAbs().maxCoeff() <= tolerance * sum.maxCoeff()) {
    nodes.insert(nodes.end(), added.begin(), added.end());
    return;
  }
  if (!sum.allFinite() || depth == max_depth)
    throw NumericalError("an integral of the flux does not converge");
  const auto [left, right] = panel.halves();
  add_nodes(nodes, flux, left, depth + 1);
  add_nodes(nodes, flux, right, depth + 1);
}

std::vector<Node> nodes_within(const FluxModel& flux, const Panel& cell) {
  std::vector<double> edges = {cell.low, cell.high};
  for (const double knot : flux.knots_MeV())
    if (knot > cell.low && knot < cell.high)
      edges.push_back(knot);
  std::sort(edges.begin(), edges.end());
  std::vector<Node> nodes;
  for (std::size_t i = 1; i < edges.size(); ++i)
    add_nodes(nodes, flux, {edges[i - 1], edges[i]}, 0);
  return nodes;
}

}  // namespace

FluxCells::FluxCells(const FluxModel& flux, double lowest_MeV) : high_MeV_(flux.high_MeV()) {
  const double low = std::max(lowest_MeV, flux.low_MeV());
  const auto count =
      static_cast<std::size_t>(std::max(0.0, std::floor((high_MeV_ - low) / shortest_MeV)));
  std::vector<std::vector<Node>> nodes;
  for (std::size_t k = 0; k < count; ++k)
    nodes.push_back(nodes_within(flux, {edge_MeV(k + 1), edge_MeV(k)}));
  for (std::size_t length = 1; length <= count; length *= 2) {
    auto& cells = levels_.emplace_back();
    for (std::size_t k = 0; k + length <= count; k += length) {
      Cell cell{{edge_MeV(k + length), edge_MeV(k)}, {}, {}};
      Moments moments = Moments::Zero();
      for (std::size_t part = k; part < k + length; ++part)
        for (const Node& node : nodes[part])
          moments +=
              Chebyshev<order>::polynomials<order>((node.energy_MeV - cell.energies_MeV.centre()) /
                                                   cell.energies_MeV.half_width()) *
              node.flux;
      Eigen::Map<FluxRow>(cell.flux.data()) = moments.row(0);
      std::apply([&](auto&... factors) { (set_factors(moments, factors), ...); }, cell.factors);
      cells.push_back(cell);
    }
  }
}

double FluxCells::edge_MeV(std::size_t k) const {
  return high_MeV_ - static_cast<double>(k) * shortest_MeV;
}

std::vector<const FluxCells::Cell*> FluxCells::above(double limit_MeV, double low_MeV) const {
  std::vector<const Cell*> cells;
  const double start = std::max(limit_MeV + 0.5 * shortest_MeV, low_MeV);
  if (levels_.empty() || start >= high_MeV_)
    return cells;
  auto k = std::min(static_cast<std::size_t>((high_MeV_ - start) / shortest_MeV),
                    levels_.front().size());
  while (k > 0) {
    // The longest cell that ends on an edge of its kind and is not too near to the limit.
    std::size_t level = 0, length = 1;
    while (k % (2 * length) == 0 && level + 1 < levels_.size() &&
           2.0 * static_cast<double>(length) * shortest_MeV <= 3.0 * (edge_MeV(k) - limit_MeV)) {
      ++level;
      length *= 2;
    }
    cells.push_back(&levels_[level][k / length - 1]);
    k -= length;
  }
  return cells;
}

}  // namespace nuloop::experiment
