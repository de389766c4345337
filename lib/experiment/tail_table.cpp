// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/experiment/tail_table.hpp"

#include "nuloop/foundation/contracts.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace nuloop::experiment {
namespace {

using InRecoil = Chebyshev<TailTable::recoil_order>;
using InY = Chebyshev<TailTable::y_order>;

// Sum of the moduli of the weights of both interpolations, rounded up.
constexpr double lebesgue = 8.0;

// The least number of terms with which no structure loses more than is allowed, for any w from v
// on.
// @param beyond bounds on what is left out by each number of terms.
template <int counts>
int terms_for(const Eigen::Matrix<double, TailTable::functions, counts>& beyond, double t,
              double allowed) {
  const Eigen::RowVector3d powers(1.0, 1.0 / t, 1.0 / (t * t));
  int terms = counts - 1;
  while (terms > 2 && (powers * beyond.col(terms - 1).reshaped(3, 3)).maxCoeff() <= allowed)
    --terms;
  return terms;
}

// v from t to w_min: tanh y from t/gamma to sinh(theta)/gamma.
Panel range_of_y(const physics::Recoil& recoil) {
  return {0.5 * std::log1p(2.0 * recoil.t), recoil.theta};
}

}  // namespace

Panel TailTable::cell_of(double recoil_MeV) {
  NULOOP_EXPECTS(reaches(recoil_MeV));
  Panel cell{lowest_MeV, 1.5 * lowest_MeV};
  while (recoil_MeV > cell.high)
    cell = {cell.high, 1.5 * cell.high};
  return cell;
}

TailTable::Cell TailTable::filled(const Panel& recoils_MeV) {
  Cell cell{recoils_MeV, {}, {}, {}, Eigen::Array3d::Zero()};
  Eigen::Matrix<double, functions * y_order, recoil_order> in_y;
  for (int a = 0; a < recoil_order; ++a) {
    const double x = InRecoil::instance().nodes()[static_cast<std::size_t>(a)];
    const physics::Recoil recoil(recoils_MeV.centre() + recoils_MeV.half_width() * x);
    const physics::RadiativeTail tail(recoil);
    const Panel range = range_of_y(recoil);
    std::array<double, y_order> y;
    std::array<physics::RadiativeTail::Density, y_order> densities;
    for (std::size_t b = 0; b < y.size(); ++b)
      y[b] = range.centre() + range.half_width() * InY::instance().nodes()[b];
    tail(y, densities);
    Eigen::Matrix<double, functions, y_order> values;
    for (int b = 0; b < y_order; ++b) {
      const auto& [v, in_y_of] = densities[static_cast<std::size_t>(b)];
      const double yb = y[static_cast<std::size_t>(b)];
      const double distance = 0.5 * std::sinh(recoil.theta - yb) / std::cosh(yb);  // w_min - v
      for (Eigen::Index k = 0; k < 3; ++k) {
        const auto& [c0, c1, c2] = in_y_of[static_cast<std::size_t>(k)];
        values.col(b).segment<3>(3 * k) = distance * Eigen::Vector3d(c0, c1, c2);
        // Rounding is known relative to the sum of the terms at w = v.
        const double sum = std::abs(c0) + std::abs(c1) / v + std::abs(c2) / (v * v);
        cell.rounding[k] =
            std::max(cell.rounding[k], lebesgue * distance * tail.relative_error(v) * sum);
      }
    }
    Eigen::Map<Eigen::Matrix<double, functions, y_order>>(in_y.col(a).data()) =
        values * InY::instance().coefficients();
  }
  cell.coefficients = in_y * InRecoil::instance().coefficients();
  // Coefficients fall geometrically in both variables: what is left out beyond all terms is less
  // than twice the last two.
  const Eigen::Matrix<double, functions * y_order, recoil_order> sizes =
      cell.coefficients.cwiseAbs();
  const auto sum_over_y = [](const Eigen::Matrix<double, functions * y_order, 1>& of_all) {
    return Functions(of_all.reshaped(functions, y_order).rowwise().sum());
  };
  cell.beyond_recoil.col(recoil_order) = 2.0 * sum_over_y(sizes.rightCols<2>().rowwise().sum());
  for (int a = recoil_order - 1; a >= 0; --a)
    cell.beyond_recoil.col(a) = cell.beyond_recoil.col(a + 1) + sum_over_y(sizes.col(a));
  const Eigen::Matrix<double, functions, y_order> at_any_recoil =
      sizes.rowwise().sum().reshaped(functions, y_order);
  cell.beyond_y.col(y_order) = 2.0 * at_any_recoil.rightCols<2>().rowwise().sum();
  for (int b = y_order - 1; b >= 0; --b)
    cell.beyond_y.col(b) = cell.beyond_y.col(b + 1) + at_any_recoil.col(b);
  return cell;
}

void TailTable::cover(std::span<const double> recoils_MeV, const Team& team) {
  std::map<double, Panel> missing;
  for (const double recoil_MeV : recoils_MeV)
    if (reaches(recoil_MeV)) {
      const Panel cell = cell_of(recoil_MeV);
      if (!cells_.contains(cell.low))
        missing.emplace(cell.low, cell);
    }
  const std::vector<std::pair<double, Panel>> panels(missing.begin(), missing.end());
  std::vector<Cell> cells(panels.size());
  fill_together(
      team, cells.size(), [&](std::size_t i) { cells[i] = filled(panels[i].second); },
      [&](std::size_t i) {
        Cell& cell = cells[i];
        return std::array<std::span<double>, 6>{
            std::span(&cell.recoils_MeV.low, 1), std::span(&cell.recoils_MeV.high, 1),
            numbers_in(cell.coefficients),       numbers_in(cell.beyond_recoil),
            numbers_in(cell.beyond_y),           numbers_in(cell.rounding)};
      });
  for (const Cell& cell : cells)
    cells_.emplace(cell.recoils_MeV.low, cell);
}

TailTable::AtRecoil TailTable::at(const physics::Recoil& recoil, double allowed) const {
  const Cell& cell = cells_.at(cell_of(recoil.recoil_MeV).low);
  const double x = (recoil.recoil_MeV - cell.recoils_MeV.centre()) / cell.recoils_MeV.half_width();
  const int in_recoil = terms_for(cell.beyond_recoil, recoil.t, 0.5 * allowed);
  AtRecoil at;
  at.terms = terms_for(cell.beyond_y, recoil.t, 0.5 * allowed);
  at.rounding = cell.rounding;
  at.y = range_of_y(recoil);
  const auto rows = static_cast<Eigen::Index>(functions) * at.terms;
  Eigen::Map<Eigen::VectorXd>(at.coefficients.data(), rows).noalias() =
      cell.coefficients.topLeftCorner(rows, in_recoil) *
      InRecoil::polynomials<recoil_order>(x).head(in_recoil);
  at.left_out = cell.beyond_recoil.col(in_recoil) + cell.beyond_y.col(at.terms);
  return at;
}

}  // namespace nuloop::experiment
