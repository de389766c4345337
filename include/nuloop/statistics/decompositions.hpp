// Eigen's decompositions, compiled once; each takes a compiler seconds.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/QR>
#include <Eigen/SVD>

extern template class Eigen::HouseholderQR<Eigen::MatrixXd>;
extern template class Eigen::JacobiSVD<Eigen::MatrixXd>;
