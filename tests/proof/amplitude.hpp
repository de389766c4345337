// Amplitudes of nu(k) e(p) -> nu(k') e(p') and of nu e -> nu e gamma from the Lagrangian
//   L = -[nubar gamma^mu P_L nu][ebar gamma_mu (cL P_L + cR P_R) e],
// as explicit Dirac matrices between explicit spinors, without any trace done by hand.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proof/dirac.hpp"

#include <array>

namespace nuloop::proof {

/// Coefficients of cL^2, cR^2 and cL cR.
using Triple = Eigen::Array3d;

/// The factors of cL and cR in an amplitude; rows: spin of p', columns: spin of p.
struct ChiralAmplitude {
  Eigen::Matrix2cd left;
  Eigen::Matrix2cd right;
};

/// sum_spins |M|^2, averaged over the spin of the initial electron.
inline Triple squared(const ChiralAmplitude& m) {
  return {0.5 * m.left.squaredNorm(), 0.5 * m.right.squaredNorm(),
          m.left.conjugate().cwiseProduct(m.right).sum().real()};
}

/// The same of 2 Re(M* N).
inline Triple interference(const ChiralAmplitude& m, const ChiralAmplitude& n) {
  const auto overlap = [](const Eigen::Matrix2cd& a, const Eigen::Matrix2cd& b) {
    return a.conjugate().cwiseProduct(b).sum().real();
  };
  return {overlap(m.left, n.left), overlap(m.right, n.right),
          overlap(m.left, n.right) + overlap(m.right, n.left)};
}

/// Momenta; `photon` is not used without radiation.
struct Momenta {
  FourVector k, p, k_out, p_out, photon;
};

/// nu e -> nu e at tree level.
inline ChiralAmplitude born_amplitude(const Momenta& in) {
  const Matrix4 current = slash(neutrino_current(in.k, in.k_out));
  const Spinors u = electron_spinors(in.p);
  const BarSpinors u_bar = bar(electron_spinors(in.p_out));
  return {u_bar * current * left_projector() * u, u_bar * current * right_projector() * u};
}

/// Electron form factors in units of alpha/pi.
struct FormFactors {
  double f1;  ///< of gamma^mu
  double f2;  ///< of i sigma^{mu nu} q_nu/2
  double ga;  ///< of gamma^mu gamma5
};

/// i sigma^{mu nu} J_mu q_nu/2 = -[J-slash, q-slash]/4.
inline Matrix4 pauli_matrix(const FourVector& current, const FourVector& q) {
  const Matrix4 j = slash(current), q_slash = slash(q);
  return -0.25 * (j * q_slash - q_slash * j);
}

/// nu e -> nu e with the one-loop vertex, in units of alpha/pi. The weak vertex has vector coupling
/// (cL + cR)/2 and axial coupling (cR - cL)/2.
inline ChiralAmplitude vertex_amplitude(const Momenta& in, const FormFactors& form) {
  const FourVector current = neutrino_current(in.k, in.k_out);
  const Matrix4 j = slash(current);
  const Matrix4 vector = form.f1 * j + form.f2 * pauli_matrix(current, in.p_out - in.p);
  const Matrix4 axial = form.ga * j * gamma5();
  const Spinors u = electron_spinors(in.p);
  const BarSpinors u_bar = bar(electron_spinors(in.p_out));
  return {0.5 * (u_bar * (vector - axial) * u), 0.5 * (u_bar * (vector + axial) * u)};
}

/// The electron line with one photon of each polarisation, in units of e: emission after the weak
/// vertex and before it.
template <std::size_t polarisations>
std::array<ChiralAmplitude, polarisations> radiative_amplitudes(
    const Momenta& in, const std::array<FourVector, polarisations>& epsilon) {
  const Matrix4 one = Matrix4::Identity();
  const Matrix4 j = slash(neutrino_current(in.k, in.k_out));
  const Matrix4 j_left = j * left_projector(), j_right = j * right_projector();
  const Matrix4 after =
      (slash(in.p_out + in.photon) + one) / (2.0 * dot(in.p_out, in.photon).real());
  const Matrix4 before = (slash(in.p - in.photon) + one) / (-2.0 * dot(in.p, in.photon).real());
  const Spinors u = electron_spinors(in.p);
  const BarSpinors u_bar = bar(electron_spinors(in.p_out));
  const Spinors left_u = j_left * u, right_u = j_right * u;
  const BarSpinors u_bar_left = u_bar * j_left, u_bar_right = u_bar * j_right;

  std::array<ChiralAmplitude, polarisations> result;
  for (std::size_t i = 0; i < polarisations; ++i) {
    const Matrix4 eps = slash(epsilon[i].conjugate());
    const BarSpinors final_line = u_bar * eps * after;
    const Spinors initial_line = before * eps * u;
    result[i] = {final_line * left_u + u_bar_left * initial_line,
                 final_line * right_u + u_bar_right * initial_line};
  }
  return result;
}

/// Two linear polarisations without time component, transverse to the photon.
inline std::array<FourVector, 2> transverse_polarisations(const FourVector& photon) {
  const Eigen::Vector3d n = photon.tail<3>().real().normalized();
  const Eigen::Vector3d other =
      std::abs(n.y()) < 0.8 ? Eigen::Vector3d::UnitY() : Eigen::Vector3d::UnitX();
  const Eigen::Vector3d first = n.cross(other).normalized(), second = n.cross(first);
  return {four_vector(0.0, first.x(), first.y(), first.z()),
          four_vector(0.0, second.x(), second.y(), second.z())};
}

/// sum |M|^2/e^2 of nu e -> nu e gamma over spins and the two transverse polarisations.
inline Triple radiative_squared(const Momenta& in) {
  Triple sum = Triple::Zero();
  for (const auto& m : radiative_amplitudes(in, transverse_polarisations(in.photon)))
    sum += squared(m);
  return sum;
}

/// -(p'/p'.k - p/p.k)^2 for a photon of mass 0 or not: the factor that a soft photon brings to
/// |M|^2/e^2.
inline double eikonal_factor(double p_dot_p_out, double p_dot_photon, double p_out_dot_photon) {
  return 2.0 * p_dot_p_out / (p_dot_photon * p_out_dot_photon) -
         1.0 / (p_dot_photon * p_dot_photon) - 1.0 / (p_out_dot_photon * p_out_dot_photon);
}

/// The same sum by traces, with -g^{alpha beta} for the photon: another route to the square, and
/// one that can be continued to crossed momenta.
inline Triple radiative_squared_by_traces(const Momenta& in) {
  const auto& g = gamma_matrices();
  const std::array<double, 4> metric = {1.0, -1.0, -1.0, -1.0};
  const Matrix4 one = Matrix4::Identity();
  const Matrix4 after = (slash(in.p_out + in.photon) + one) / (2.0 * dot(in.p_out, in.photon));
  const Matrix4 before = (slash(in.p - in.photon) + one) / (-2.0 * dot(in.p, in.photon));
  const Matrix4 spin_in = slash(in.p) + one, spin_out = slash(in.p_out) + one;
  const Matrix4 k = slash(in.k), k_out = slash(in.k_out);
  const auto barred = [&](const Matrix4& m) { return Matrix4(g[0] * m.adjoint() * g[0]); };

  Triple sum = Triple::Zero();
  for (std::size_t alpha = 0; alpha < 4; ++alpha) {
    std::array<Matrix4, 4> left, right;  // electron lines with free weak index
    for (std::size_t mu = 0; mu < 4; ++mu) {
      const Matrix4 vertex_l = g[mu] * left_projector(), vertex_r = g[mu] * right_projector();
      left[mu] = g[alpha] * after * vertex_l + vertex_l * before * g[alpha];
      right[mu] = g[alpha] * after * vertex_r + vertex_r * before * g[alpha];
    }
    for (std::size_t mu = 0; mu < 4; ++mu)
      for (std::size_t nu = 0; nu < 4; ++nu) {
        const Complex neutrino = (k_out * g[mu] * k * g[nu] * left_projector()).trace();
        const auto electron = [&](const Matrix4& a, const Matrix4& b) {
          return (spin_out * a * spin_in * barred(b)).trace();
        };
        const double sign = -metric[alpha] * metric[mu] * metric[nu];
        const Complex weight = 0.5 * sign * neutrino;
        sum[0] += (weight * electron(left[mu], left[nu])).real();
        sum[1] += (weight * electron(right[mu], right[nu])).real();
        sum[2] += (weight * (electron(left[mu], right[nu]) + electron(right[mu], left[nu]))).real();
      }
  }
  return sum;
}

}  // namespace nuloop::proof
