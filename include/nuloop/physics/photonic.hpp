// The photonic O(alpha) correction, exact in m_e: virtual, soft and hard photons together, in two
// observables. All functions are free of cut-offs and photon masses.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/registers.hpp"
#include "nuloop/physics/kinematics.hpp"
#include "nuloop/physics/structures.hpp"

#include <array>
#include <cstddef>
#include <span>

namespace nuloop::physics {

/// What the detector measures as T.
enum class Observable {
  electron,        ///< kinetic energy of the electron; photons unseen
  electromagnetic  ///< T_e + E_gamma, as a calorimeter sees it
};

/// Above this w = E/m_e (E = 51 MeV) the electron spectrum is evaluated in double-double
/// arithmetic. Its polynomials grow like w^3 before they cancel. In double precision the error is
/// 1e-11 of dsigma/dT here, and would pass 1e-9 near 180 MeV.
inline constexpr double electron_double_w = 100.0;

/// Above this t = T/m_e (T = 51 MeV) the electromagnetic spectrum is evaluated in double-double
/// arithmetic. In double precision the error is 3e-11 of dsigma/dT here, grows like t^3, and would
/// pass 1e-9 near 170 MeV.
inline constexpr double electromagnetic_double_t = 100.0;

/// Coefficients of 1, x, ..., x^degree.
template <class Real, std::size_t degree>
struct Polynomial {
  std::array<Real, degree + 1> coefficients;

  template <class Wide>
  Wide operator()(const Wide& x) const {
    Wide sum = coefficients[degree];
    for (std::size_t i = degree; i-- > 0;)
      sum = sum * x + coefficients[i];
    return sum;
  }
};

/// Polynomials in s = 1 + 2w at fixed T, of one structure of the electron spectrum: factors of the
/// logarithms and dilogarithms (electron_photonic.cpp), and the rest.
template <class Real, std::size_t a_degree, std::size_t d_degree, std::size_t c_degree,
          std::size_t dd_degree, std::size_t rational_degree>
struct ElectronPolynomials {
  Polynomial<Real, 2> constant;
  Polynomial<Real, a_degree> a;
  Polynomial<Real, d_degree> d;
  Polynomial<Real, c_degree> c;
  Polynomial<Real, dd_degree> dd;
  Polynomial<Real, rational_degree> rational;
};

/// Below and above these t = T/m_e (T = 0.1 and 13 MeV) the density of the radiative tail is
/// evaluated in double-double arithmetic.
inline constexpr double tail_double_low_t = 0.2;
inline constexpr double tail_double_t = 25.0;

/// The parts of the electron spectrum that depend on T alone.
template <class Real>
struct ElectronTerms {
  explicit ElectronTerms(const BasicRecoil<Real>& recoil);

  BasicRecoil<Real> recoil;
  Real virtual_soft;  // V(theta)
  Real infrared;      // 2 theta/beta - 2
  Real pauli;         // f2
  Real log_eta_minus_1;
  Real log_eta_plus_1;
  Real dilog_inverse_eta;
  Real dilog_inverse_eta2;
  ElectronPolynomials<Real, 5, 2, 2, 2, 3> left;
  ElectronPolynomials<Real, 3, 2, 4, 2, 4> right;
  ElectronPolynomials<Real, 3, 1, 2, 1, 1> interference;
};

/// (dL, dR, dLR) of the electron spectrum at fixed T:
/// dsigma = norm alpha/pi [cL^2 dL + cR^2 dR + cL cR dLR].
/// O. Tomalak and R. J. Hill, Phys. Rev. D 101 (2020) 033006, arXiv:1907.03379.
class ElectronPhotonic {
 public:
  /// @param registers those that many energies are evaluated in; all give the same bits.
  /// @throws as registers_in_use.
  explicit ElectronPhotonic(const Recoil& recoil, Registers registers = registers_in_use());

  /// @param point excess > 0. The spectrum is zero below the limit, and tends to -infinity like a
  /// logarithm where the excess vanishes.
  Structures operator()(const EnergyPoint& point) const;

  /// The same for many energies, several times as fast, with the same bits as one by one.
  /// @param values as many as points.
  void operator()(std::span<const EnergyPoint> points, std::span<Structures> values) const;

 private:
  ElectronTerms<double> terms_;
  Registers registers_;
};

/// The terms of which the density of radiative events is made (lib/physics/radiative_density.hpp).
inline constexpr std::size_t radiative_terms = 13;

/// Their coefficients in one structure, as polynomials 1, w, w^2.
template <class Real>
using RadiativeCoefficients = std::array<std::array<Real, 3>, radiative_terms>;

/// (dL, dR, dLR) of the electromagnetic-energy spectrum at fixed T, in closed form. The derivation
/// is the project's own: see lib/physics/README.md.
class ElectromagneticPhotonic {
 public:
  explicit ElectromagneticPhotonic(const Recoil& recoil);

  /// @param point any energy with w > t. Above the limit (excess > 0) the result has virtual, soft
  /// and
  /// hard photons. Below it (T_max < T < E) there are hard photons alone, and the result diverges
  /// like a logarithm towards the limit.
  Structures operator()(const EnergyPoint& point) const;

  /// dL, dR, dLR above the limit, where every logarithm depends on T alone.
  const std::array<InverseEnergyQuadratic<double>, 3>& elastic() const { return elastic_; }

 private:
  Recoil recoil_;
  std::array<RadiativeCoefficients<double>, 3> coefficients_;
  std::array<InverseEnergyQuadratic<double>, 3> elastic_;
};

/// The radiative tail at fixed T, ordered by the least energy v (in units of m_e) of a neutrino
/// that can make an event. Every neutrino above v can make it too. The spectrum at w < w_min is
/// therefore an integral over v from t to w, and an integral over a flux takes for each v the flux
/// above v.
class RadiativeTail {
 public:
  /// Density in y of the events of least energy v(y): dL, dR, dLR as quadratics in 1/w.
  struct Density {
    double v;
    std::array<InverseEnergyQuadratic<double>, 3> in_y;
  };

  /// @param registers those that the density is evaluated in; all give the same bits.
  /// @throws as registers_in_use.
  explicit RadiativeTail(const Recoil& recoil, Registers registers = registers_in_use());

  /// The variable y = artanh(Q/g), 2v = t + Q, in which the density is smooth but for a pole at the
  /// upper end, where soft photons belong to the spectrum above the limit.
  /// @param v in [t, w_min].
  double variable(double v) const;

  /// @param y each within [variable(t), variable(w_min)). @param values as many as y.
  void operator()(std::span<const double> y, std::span<Density> values) const;

  /// Bound on the rounding of a density, relative to the sum of the moduli of its terms at w = v,
  /// as measured against 50 digits. The terms cancel like t^3 at high and 1/t^3 at low energy, and
  /// towards w_min the pole magnifies the rounding of v.
  double relative_error(double v) const;

 private:
  bool in_double() const { return recoil_.t >= tail_double_low_t && recoil_.t <= tail_double_t; }

  Recoil recoil_;
  std::array<RadiativeCoefficients<double>, 3> coefficients_;
  Registers registers_;
};

}  // namespace nuloop::physics
