// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/statistics/decompositions.hpp"

#include "nuloop/foundation/errors.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

template class Eigen::HouseholderQR<Eigen::MatrixXd>;
template class Eigen::JacobiSVD<Eigen::MatrixXd>;

namespace nuloop::statistics {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double widest_ratio = 1e100;  // squares of more leave the range of double

// Columns that are turned to be orthogonal, and the turn.
struct Columns {
  MatrixXd a;
  MatrixXd v;
  VectorXd sizes;  // of what has been added up to each column

  // Turns columns p and q; whether they were not orthogonal.
  bool rotate(Index p, Index q) {
    const double pp = a.col(p).squaredNorm(), qq = a.col(q).squaredNorm();
    const double pq = a.col(p).dot(a.col(q));
    if (std::abs(pq) <= std::numeric_limits<double>::epsilon() * std::sqrt(pp) * std::sqrt(qq))
      return false;
    const double cotangent = (qq - pp) / (2.0 * pq);  // of twice the angle
    const double tangent =
        std::copysign(1.0, cotangent) / (std::abs(cotangent) + std::hypot(1.0, cotangent));
    const double cosine = 1.0 / std::hypot(1.0, tangent), sine = cosine * tangent;
    for (MatrixXd* matrix : {&a, &v}) {
      const VectorXd old = matrix->col(p);
      matrix->col(p) = cosine * old - sine * matrix->col(q);
      matrix->col(q) = sine * old + cosine * matrix->col(q);
    }
    const double size = sizes[p];
    sizes[p] = std::hypot(cosine * size, sine * sizes[q]);
    sizes[q] = std::hypot(sine * size, cosine * sizes[q]);
    drop_rounding(p);
    drop_rounding(q);
    return true;
  }

 private:
  // What is left where long columns cancel is rounding, and may be longer than short columns are.
  void drop_rounding(Index k) {
    constexpr double rounding = 4.0 * decomposition_rounding;
    if (a.col(k).norm() <= rounding * sizes[k])
      a.col(k).setZero();
  }
};

// Columns in the order of falling lengths.
std::vector<Index> by_length(const VectorXd& lengths) {
  std::vector<Index> order(static_cast<std::size_t>(lengths.size()));
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](Index a, Index b) { return lengths[a] > lengths[b]; });
  return order;
}

MatrixXd columns_of(const MatrixXd& matrix, const std::vector<Index>& which) {
  MatrixXd chosen(matrix.rows(), static_cast<Index>(which.size()));
  for (std::size_t k = 0; k < which.size(); ++k)
    chosen.col(static_cast<Index>(k)) = matrix.col(which[k]);
  return chosen;
}

}  // namespace

SingularValues::SingularValues(const MatrixXd& a) {
  const VectorXd lengths = a.colwise().stableNorm();
  if (!a.allFinite() || !lengths.allFinite())
    throw NumericalError("a pull is too wide for its effect to be a finite number");
  const double longest = lengths.maxCoeff();
  const double shortest = (lengths.array() > 0.0).select(lengths, longest).minCoeff();
  if (longest > longest_safe_column) {
    if (longest > widest_ratio * shortest)
      throw NumericalError("the widths of two pulls are too far apart");
    compute_graded(a);
    return;
  }
  const Eigen::JacobiSVD<MatrixXd> svd(a, Eigen::ComputeThinU | Eigen::ComputeThinV);
  u_ = svd.matrixU();
  v_ = svd.matrixV();
  values_ = svd.singularValues();
  while (rank_ < values_.size() && values_[rank_] > decomposition_rounding * values_[0])
    ++rank_;
}

void SingularValues::compute_graded(const MatrixXd& a) {
  const VectorXd before = a.colwise().norm();
  const double unit = before.maxCoeff();
  const std::vector<Index> order = by_length(before);
  Columns columns{columns_of(a, order) / unit,
                  columns_of(MatrixXd::Identity(a.cols(), a.cols()), order), before(order) / unit};
  constexpr int most_sweeps = 60;
  bool again = true;
  for (int sweep = 0; again && sweep < most_sweeps; ++sweep) {
    again = false;
    for (Index p = 0; p < a.cols(); ++p)
      for (Index q = p + 1; q < a.cols(); ++q)
        again = columns.rotate(p, q) || again;
  }
  const VectorXd lengths = columns.a.colwise().norm();
  std::vector<Index> kept = by_length(lengths);
  kept.resize(static_cast<std::size_t>(a.rows()));
  v_ = columns_of(columns.v, kept);
  values_ = unit * lengths(kept);
  rank_ = (values_.array() > 0.0).count();
  u_ = MatrixXd::Identity(a.rows(), a.rows());
  if (rank_ == 0)
    return;
  const MatrixXd along = columns_of(columns.a, kept).leftCols(rank_).colwise().normalized();
  // The rest of the basis is orthogonal to these.
  u_.applyOnTheLeft(Eigen::HouseholderQR<MatrixXd>(along).householderQ());
  u_.leftCols(rank_) = along;
}

}  // namespace nuloop::statistics
