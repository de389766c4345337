// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/statistics/decompositions.hpp"

template class Eigen::HouseholderQR<Eigen::MatrixXd>;
template class Eigen::JacobiSVD<Eigen::MatrixXd>;
