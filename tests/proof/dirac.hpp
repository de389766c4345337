// Four-vectors, Dirac matrices and spinors in the chiral representation; units m_e = 1.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cmath>
#include <complex>

#include <Eigen/Dense>

namespace nuloop::proof {

using Complex = std::complex<double>;
using Matrix4 = Eigen::Matrix4cd;
using FourVector = Eigen::Vector4cd;  // contravariant (0, x, y, z); complex for currents

/// Both spin states side by side: columns of u, rows of u-bar.
using Spinors = Eigen::Matrix<Complex, 4, 2>;
using BarSpinors = Eigen::Matrix<Complex, 2, 4>;

inline FourVector four_vector(double energy, double x, double y, double z) {
  return {energy, x, y, z};
}

inline Complex dot(const FourVector& a, const FourVector& b) {
  return a[0] * b[0] - a[1] * b[1] - a[2] * b[2] - a[3] * b[3];
}

/// gamma^0 ... gamma^3.
inline const std::array<Matrix4, 4>& gamma_matrices() {
  static const std::array<Matrix4, 4> matrices = [] {
    const Complex i(0.0, 1.0);
    std::array<Eigen::Matrix2cd, 4> sigma;
    sigma[0] << 1.0, 0.0, 0.0, 1.0;
    sigma[1] << 0.0, 1.0, 1.0, 0.0;
    sigma[2] << 0.0, -i, i, 0.0;
    sigma[3] << 1.0, 0.0, 0.0, -1.0;
    std::array<Matrix4, 4> gamma;
    for (std::size_t mu = 0; mu < 4; ++mu) {
      gamma[mu].setZero();
      gamma[mu].topRightCorner<2, 2>() = sigma[mu];
      gamma[mu].bottomLeftCorner<2, 2>() = mu == 0 ? sigma[mu] : Eigen::Matrix2cd(-sigma[mu]);
    }
    return gamma;
  }();
  return matrices;
}

inline const Matrix4& gamma5() {
  static const Matrix4 matrix = [] {
    const auto& g = gamma_matrices();
    return Matrix4(Complex(0.0, 1.0) * g[0] * g[1] * g[2] * g[3]);
  }();
  return matrix;
}

/// P_L = (1 - gamma5)/2 and P_R = (1 + gamma5)/2.
inline const Matrix4& left_projector() {
  static const Matrix4 matrix = 0.5 * (Matrix4::Identity() - gamma5());
  return matrix;
}
inline const Matrix4& right_projector() {
  static const Matrix4 matrix = 0.5 * (Matrix4::Identity() + gamma5());
  return matrix;
}

/// a-slash = gamma_mu a^mu, for complex a too.
inline Matrix4 slash(const FourVector& a) {
  const auto& g = gamma_matrices();
  return a[0] * g[0] - a[1] * g[1] - a[2] * g[2] - a[3] * g[3];
}

/// u(p) of an electron for both spins: (p-slash + 1)/sqrt(2 (E + 1)) on spinors at rest.
inline Spinors electron_spinors(const FourVector& p) {
  Spinors at_rest;
  at_rest << 1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0;
  const double norm = 1.0 / std::sqrt(2.0 * (p[0].real() + 1.0));
  return norm * (slash(p) + Matrix4::Identity()) * at_rest;
}

inline BarSpinors bar(const Spinors& u) {
  return u.adjoint() * gamma_matrices()[0];
}

/// u(k) of a massless left-handed neutrino.
inline Eigen::Vector4cd neutrino_spinor(const FourVector& k) {
  const Complex i(0.0, 1.0);
  const double energy = k[0].real();
  const double x = k[1].real() / energy, y = k[2].real() / energy, z = k[3].real() / energy;
  const double root_2e = std::sqrt(2.0 * energy);
  if (z >= 0.0) {
    const double norm = root_2e / std::sqrt(2.0 * (1.0 + z));
    return {norm * (-x + i * y), norm * (1.0 + z), 0.0, 0.0};
  }
  const double norm = root_2e / std::sqrt(2.0 * (1.0 - z));
  return {norm * (1.0 - z), norm * (-x - i * y), 0.0, 0.0};
}

/// J^mu = ubar(k') gamma^mu P_L u(k).
inline FourVector neutrino_current(const FourVector& k, const FourVector& k_out) {
  const Eigen::Vector4cd u = neutrino_spinor(k);
  const Eigen::RowVector4cd u_bar = neutrino_spinor(k_out).adjoint() * gamma_matrices()[0];
  FourVector current;
  for (Eigen::Index mu = 0; mu < 4; ++mu)
    current[mu] = (u_bar * gamma_matrices()[static_cast<std::size_t>(mu)] * u).value();
  return current;
}

}  // namespace nuloop::proof
