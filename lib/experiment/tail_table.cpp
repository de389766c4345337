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
  Cell cell{recoils_MeV, {}, Functions::Zero(), Eigen::Array3d::Zero()};
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
  // Coefficients fall geometrically in T too: what is left out is less than twice the last two.
  const Eigen::Matrix<double, functions * y_order, 1> left_out =
      2.0 * cell.coefficients.rightCols<2>().cwiseAbs().rowwise().sum();
  for (Eigen::Index b = 0; b < y_order; ++b)
    cell.left_out += left_out.segment<functions>(functions * b);
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
        return std::array<std::span<double>, 5>{
            std::span(&cell.recoils_MeV.low, 1), std::span(&cell.recoils_MeV.high, 1),
            numbers_in(cell.coefficients), numbers_in(cell.left_out), numbers_in(cell.rounding)};
      });
  for (const Cell& cell : cells)
    cells_.emplace(cell.recoils_MeV.low, cell);
}

TailTable::AtRecoil TailTable::at(const physics::Recoil& recoil) const {
  const Cell& cell = cells_.at(cell_of(recoil.recoil_MeV).low);
  const double x = (recoil.recoil_MeV - cell.recoils_MeV.centre()) / cell.recoils_MeV.half_width();
  AtRecoil at;
  at.rounding = cell.rounding;
  at.y = range_of_y(recoil);
  Eigen::Map<Eigen::Matrix<double, functions * y_order, 1>>(at.coefficients.data()) =
      cell.coefficients * InRecoil::polynomials<recoil_order>(x);
  at.left_out = cell.left_out + 2.0 * at.coefficients.rightCols<2>().cwiseAbs().rowwise().sum();
  return at;
}

}  // namespace nuloop::experiment
