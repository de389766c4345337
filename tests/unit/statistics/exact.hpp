// Comparisons of numbers without errors, for tests.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/statistics/comparison.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <Eigen/Core>

namespace nuloop::statistics {

template <class Array>
Bounded<Array> exact(Array value) {
  Array none = Array::Zero(value.rows(), value.cols());
  return {std::move(value), std::move(none)};
}

/// @param variance the reference's counts.
inline Comparison exact(const Eigen::ArrayXd& difference, const Eigen::ArrayXd& variance,
                        const Eigen::MatrixXd& pulls, const Eigen::VectorXd& sigmas) {
  return {exact<Eigen::ArrayXd>(variance), exact<Eigen::ArrayXd>(variance - difference),
          exact(difference), exact(pulls), exact<Eigen::VectorXd>(sigmas.cwiseAbs2())};
}

/// The median and the largest of some ratios.
struct Spread {
  double median;
  double largest;
};
inline Spread spread_of(std::vector<double> ratios) {
  std::sort(ratios.begin(), ratios.end());
  return {ratios[ratios.size() / 2], ratios.back()};
}

/// A tested hypothesis and the way to an alternative, which need not have the counts that weigh
/// the bins.
struct LinearModel {
  Eigen::ArrayXd expected;
  Eigen::ArrayXd direction;
  Eigen::MatrixXd pulls;
  Eigen::VectorXd sigmas;

  Comparison with(const Eigen::ArrayXd& variance) const {
    return {exact(variance), exact(expected), exact(direction), exact(pulls),
            exact<Eigen::VectorXd>(sigmas.cwiseAbs2())};
  }
};

}  // namespace nuloop::statistics
