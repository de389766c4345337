// Eigen's decompositions, compiled once because each takes a compiler seconds, and their rounding.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <limits>

#include <Eigen/QR>
#include <Eigen/SVD>

namespace nuloop::statistics {

/// What rounding leaves of a vector that a stable decomposition turns, in its length.
inline constexpr double decomposition_rounding = 16.0 * std::numeric_limits<double>::epsilon();

}  // namespace nuloop::statistics

extern template class Eigen::HouseholderQR<Eigen::MatrixXd>;
extern template class Eigen::JacobiSVD<Eigen::MatrixXd>;
