// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/experiment/electron_table.hpp"

#include "nuloop/foundation/contracts.hpp"
#include "nuloop/foundation/special_values.hpp"
#include "photonic_at.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <vector>

namespace nuloop::experiment {
namespace {

using InRecoil = Chebyshev<ElectronTable::recoil_order>;
using InX = Chebyshev<ElectronTable::x_order>;

double x_at(const physics::Recoil& recoil, double energy_MeV) {
  return std::pow(physics::energy_point(energy_MeV, recoil).excess, 0.2);
}

}  // namespace

long ElectronTable::number_of(double recoil_MeV) {
  NULOOP_EXPECTS(reaches(recoil_MeV));
  return static_cast<long>(recoil_MeV / length_MeV);
}

ElectronTable::Stretch ElectronTable::filled(long number) const {
  const double low = static_cast<double>(number) * length_MeV;
  const double limit_MeV = physics::min_energy_MeV(low + length_MeV);
  // Cells further off, or shorter ones, than a single T would need: none is to be replaced.
  const double beyond_MeV = limit_MeV + 0.5 * length_MeV;
  const auto cells = cells_.above(beyond_MeV, std::max(beyond_MeV, low_MeV_));
  Stretch stretch{{low, low + length_MeV},
                  cells.empty() ? std::max(limit_MeV + length_MeV, cells_.high_MeV())
                                : cells.front()->energies_MeV.low,
                  Eigen::Matrix<double, structures * fissile_count, recoil_order>::Zero(),
                  Integrals::Zero(),
                  Eigen::Matrix<double, structures * x_order, recoil_order>::Zero(),
                  Structures::Zero()};
  if (stretch.near_end_MeV > limit_MeV + longest_near_MeV) {
    stretch.far_error.setConstant(infinity);
    return stretch;
  }
  Eigen::Matrix<double, structures * fissile_count, recoil_order> far;
  Eigen::Matrix<double, structures * x_order, recoil_order> near_part;
  far.setZero();
  std::vector<Integrals> left_out(cells.size(), Integrals::Zero());  // at any T
  for (int a = 0; a < recoil_order; ++a) {
    const double at = InRecoil::instance().nodes()[static_cast<std::size_t>(a)];
    const physics::BasisAtRecoil basis(
        physics::Observable::electron,
        stretch.recoils_MeV.centre() + stretch.recoils_MeV.half_width() * at, loop_scale_MeV_);
    for (std::size_t c = 0; c < cells.size(); ++c) {
      const FluxCells::Cell* const cell = cells[c];
      std::array<physics::EnergyPoint, FluxCells::order> points;
      const auto nodes_MeV = cell->nodes_MeV<FluxCells::order>();
      std::transform(nodes_MeV.begin(), nodes_MeV.end(), points.begin(), [&](double energy_MeV) {
        return physics::energy_point(energy_MeV, basis.recoil());
      });
      const auto part = (*cell)(photonic_at<FluxCells::order>(basis, points));
      Eigen::Map<Integrals>(far.col(a).data()) += part.value.matrix();
      left_out[c] = left_out[c].cwiseMax(part.error.matrix());
    }
    const double x_end = x_at(basis.recoil(), stretch.near_end_MeV);
    std::array<physics::EnergyPoint, x_order> points;
    Eigen::Matrix<double, x_order, 1> jacobians;
    for (std::size_t n = 0; n < points.size(); ++n) {
      const double x = 0.5 * x_end * (1.0 + InX::instance().nodes()[n]), x4 = x * x * x * x;
      points[n] = {basis.recoil().min_energy + x4 * x, x4 * x};
      jacobians[static_cast<Eigen::Index>(n)] = 5.0 * x4;
    }
    // Columns of many rows are summed: structures would be rows of three.
    const Eigen::Matrix<double, x_order, structures> densities =
        jacobians.asDiagonal() * photonic_at<x_order>(basis, points);
    const Eigen::Matrix<double, x_order, structures> series =
        InX::instance().coefficients().transpose().eval().lazyProduct(densities);
    Eigen::Map<Eigen::Matrix<double, structures, x_order>>(near_part.col(a).data()) =
        series.transpose();
  }
  stretch.far = far * InRecoil::instance().coefficients();
  stretch.near_part = near_part * InRecoil::instance().coefficients();
  // Coefficients fall geometrically: what is left out is less than twice the last two.
  const Eigen::Matrix<double, structures * fissile_count, 1> far_left_out =
      2.0 * stretch.far.rightCols<2>().cwiseAbs().rowwise().sum();
  stretch.far_error = Eigen::Map<const Integrals>(far_left_out.data());
  for (const Integrals& of_cell : left_out)
    stretch.far_error += of_cell;
  const Eigen::Matrix<double, structures * x_order, 1> near_left_out =
      2.0 * stretch.near_part.rightCols<2>().cwiseAbs().rowwise().sum();
  for (Eigen::Index n = 0; n < x_order; ++n)
    stretch.near_error += near_left_out.segment<structures>(structures * n);
  return stretch;
}

void ElectronTable::cover(std::span<const double> recoils_MeV, const Team& team) {
  std::set<long> missing;
  for (const double recoil_MeV : recoils_MeV)
    if (reaches(recoil_MeV) && !stretches_.contains(number_of(recoil_MeV)))
      missing.insert(number_of(recoil_MeV));
  const std::vector<long> numbers(missing.begin(), missing.end());
  std::vector<Stretch> stretches(numbers.size());
  fill_together(
      team, numbers.size(), [&](std::size_t i) { stretches[i] = filled(numbers[i]); },
      [&](std::size_t i) {
        Stretch& stretch = stretches[i];
        return std::array<std::span<double>, 7>{
            std::span(&stretch.recoils_MeV.low, 1), std::span(&stretch.recoils_MeV.high, 1),
            std::span(&stretch.near_end_MeV, 1),    numbers_in(stretch.far),
            numbers_in(stretch.far_error),          numbers_in(stretch.near_part),
            numbers_in(stretch.near_error)};
      });
  for (std::size_t i = 0; i < numbers.size(); ++i)
    stretches_.emplace(numbers[i], stretches[i]);
}

ElectronTable::AtRecoil ElectronTable::at(const physics::Recoil& recoil) const {
  const Stretch& stretch = stretches_.at(number_of(recoil.recoil_MeV));
  const Panel& range = stretch.recoils_MeV;
  const Eigen::Matrix<double, recoil_order, 1> t = InRecoil::polynomials<recoil_order>(
      (recoil.recoil_MeV - range.centre()) / range.half_width());
  AtRecoil at;
  at.near_end_MeV = stretch.near_end_MeV;
  at.x_end = x_at(recoil, stretch.near_end_MeV);
  Eigen::Map<Eigen::Matrix<double, structures * fissile_count, 1>>(at.far.data()) =
      stretch.far.lazyProduct(t);
  at.far_error = stretch.far_error;
  Eigen::Map<Eigen::Matrix<double, structures * x_order, 1>>(at.near_part.data()) =
      stretch.near_part * t;
  // The last coefficients in x fall like a high power, not geometrically.
  at.near_error = stretch.near_error + 8.0 * at.near_part.rightCols<2>().cwiseAbs().rowwise().sum();
  return at;
}

}  // namespace nuloop::experiment
