// The electron spectrum: the published closed form, arXiv:1907.03379, written in eta = exp(theta)
// and s = 1 + 2w (Mandelstam s/m_e^2).
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/foundation/contracts.hpp"
#include "nuloop/physics/dilogarithm.hpp"
#include "nuloop/physics/photonic.hpp"
#include "quad_point.hpp"
#include "virtual_soft.hpp"

#include <cmath>

namespace nuloop::physics {
namespace {

// The transcendental functions that multiply the polynomials of the non-factorisable part.
template <class Real>
struct Logs {
  Real B;   // 2 theta
  Real A;   // ln[2 eta w'/(eta (s - eta))]
  Real C;   // ln[(s - 1) eta/(s - eta)]
  Real D;   // ln[(eta - 1)/(eta (s - eta))]
  Real DD;  // the dilogarithms
};

// Powers shared by the three polynomials; h = eta.
template <class Real>
struct Powers {
  Powers(const Real& eta, const Real& mandelstam_s)
      : h(eta),
        h2(h * h),
        h3(h2 * h),
        h4(h2 * h2),
        h5(h4 * h),
        h6(h3 * h3),
        s(mandelstam_s),
        s2(s * s),
        s3(s2 * s),
        s4(s2 * s2),
        s5(s4 * s) {}
  Real h, h2, h3, h4, h5, h6, s, s2, s3, s4, s5;
};

template <class Real>
Real remainder_left(const Powers<Real>& p, const Logs<Real>& log, const Real& em1,
                    const Real& smh) {
  const auto& [h, h2, h3, h4, h5, h6, s, s2, s3, s4, s5] = p;
  const Real poly_B = h3 * s - h3 - 2 * h2 * s2 + 5 * h2 * s + h2 - h * s2 + h * s - 4 * h - s2 + s;
  const Real poly_A = 6 * h5 * h5 - 15 * h5 * h4 * s + 10 * h4 * h4 * s2 + 10 * h4 * h4 * s -
                      15 * h4 * h3 * s2 - 45 * h4 * h3 + 90 * h6 * s + 60 * h6 - h5 * s5 +
                      5 * h5 * s4 - 130 * h5 * s2 + 95 * h5 * s - 171 * h5 + 90 * h4 * s + 60 * h4 -
                      15 * h3 * s2 - 45 * h3 + 10 * h2 * s2 + 10 * h2 * s - 15 * h * s + 6;
  const Real poly_D = 30 * h5 * s - 30 * h5 + 25 * h4 * s2 + 55 * h4 * s + 21 * h4 - 5 * h3 * s2 -
                      5 * h3 * s - 39 * h3 + 10 * h2 * s2 - 5 * h2 * s + 6 * h2 - 15 * h * s +
                      6 * h + 6;
  const Real rational = -12 * h6 + 6 * h5 * s - 6 * h5 + 4 * h4 * s2 - 23 * h4 * s - 3 * h4 +
                        2 * h3 * s3 - 11 * h3 * s2 + 92 * h3 * s + 45 * h3 + h2 * s2 + 7 * h2 * s -
                        30 * h2 + 24 * h * s - 24 * h - 12;
  return log.B * poly_B / (2 * h * (h + 1)) + log.A * poly_A / (60 * h5) +
         log.D * em1 * poly_D / (60 * h5) + log.C * (s - 3) * (s - 1) / 2 +
         log.DD * (s2 + 2 * s - 1) / 2 + smh * em1 * rational / (120 * h4);
}

template <class Real>
Real remainder_right(const Powers<Real>& p, const Logs<Real>& log, const Real& em1, const Real& smh,
                     const Real& q) {
  const auto& [h, h2, h3, h4, h5, h6, s, s2, s3, s4, s5] = p;
  const Real poly_B = h5 + 6 * h4 * s - h4 - 4 * h3 * s2 + 6 * h3 * s - 10 * h3 - 2 * h2 * s2 +
                      14 * h2 * s + 4 * h2 - 2 * h * s2 - 10 * h * s - 5 * h + 3;
  const Real poly_A = h6 - 3 * h5 * s + 7 * h5 + 3 * h4 * s2 - 14 * h4 * s + 56 * h4 - h3 * s3 +
                      7 * h3 * s2 - 59 * h3 * s + 73 * h3 + 3 * h2 * s2 - 14 * h2 * s + 56 * h2 -
                      3 * h * s + 7 * h + 1;
  const Real poly_D = 100 * h6 - 80 * h5 * s - 45 * h5 + 25 * h4 * s2 + 95 * h4 * s + 51 * h4 -
                      5 * h3 * s2 - 45 * h3 * s - 14 * h3 + 10 * h2 * s2 - 25 * h2 * s + 51 * h2 -
                      5 * h * s + 6 * h + 1;
  const Real poly_C = 4 * h4 * s2 - 2 * h3 * s3 - 16 * h3 * s2 + 2 * h3 * s + h2 * s4 +
                      16 * h2 * s3 + 2 * h2 * s2 + 8 * h2 * s - 3 * h2 - 2 * h * s3 - 16 * h * s2 +
                      2 * h * s + 4 * s2;
  const Real poly_DD = 2 * h4 - 2 * h3 * s + h2 * s2 + 2 * h2 * s + h2 - 2 * h * s + 2;
  const Real rational = -2 * h6 * s + 6 * h5 * s2 - 11 * h5 * s - 6 * h4 * s3 + 22 * h4 * s2 -
                        253 * h4 * s + 2 * h3 * s4 - 11 * h3 * s3 + 292 * h3 * s2 + 325 * h3 * s -
                        9 * h2 * s3 + 67 * h2 * s2 - 205 * h2 * s - 90 * h2 + 9 * h * s2 -
                        14 * h * s - 2 * s;
  return log.B * poly_B / (4 * h2 * (h + 1)) + log.A * q * q * poly_A / (60 * h5) +
         log.D * em1 * poly_D / (60 * h5) - log.C * poly_C / (4 * h2 * s2) +
         log.DD * poly_DD / (2 * h2) + smh * em1 * rational / (120 * h4 * s);
}

template <class Real>
Real remainder_interference(const Powers<Real>& p, const Logs<Real>& log, const Real& em1,
                            const Real& smh) {
  const auto& [h, h2, h3, h4, h5, h6, s, s2, s3, s4, s5] = p;
  const Real poly_A = h6 - 3 * h5 * s - 6 * h5 + 3 * h4 * s2 + 12 * h4 * s + 6 * h4 - h3 * s3 -
                      6 * h3 * s2 - 3 * h3 * s - 16 * h3 + 3 * h2 * s2 + 12 * h2 * s + 6 * h2 -
                      3 * h * s - 6 * h + 1;
  return -log.B * em1 * (h2 - 4 * h * s + s2 - 2 * s) / (h * (h + 1)) + log.A * poly_A / (3 * h3) +
         log.D * em1 * (-9 * h3 + 9 * h2 * s + h2 - 3 * h * s - 5 * h + 1) / (3 * h3) +
         log.C * 2 * (h2 * s - 2 * h * s2 + h * s - h + s) / (h * s) +
         log.DD * 2 * (h * s - h2 - 1) / h + smh * em1 * (h * s - h2 + 10 * h - 1) / (3 * h2);
}

template <class Real>
BasicStructures<Real> electron_structures(const ElectronTerms<Real>& terms,
                                          const BasicEnergyPoint<Real>& point) {
  using std::log, std::log1p;
  const Real theta = terms.recoil.theta;
  const Real eta = terms.recoil.eta;
  const Real em1 = terms.recoil.eta_minus_1;
  const Real w = point.w;
  const Real s = 1 + 2 * w;
  const Real smh = 2 * point.excess;  // s - eta
  const Real q = eta * smh + em1;     // 2 eta w', w' = w - t
  const Real log_smh = log(smh);
  const Real log_q = log(q);
  const Real ratio = (eta * s - 1) / smh;
  const Real dilog_1 = dilogarithm_at_1<Real>();

  // Factorisable part: virtual and soft photons, and the infrared part of the hard ones.
  const Real hard =
      -1 + theta + log(2 * w) - log_q +
      (dilog_1 -
       theta * (1 + 2 * (3 * theta + log_smh - log_q - terms.log_eta_minus_1 -
                         2 * terms.log_eta_plus_1)) -
       terms.dilog_inverse_eta2 - dilogarithm(-ratio / (eta * eta)) + dilogarithm(-ratio)) /
          terms.recoil.beta;
  const Real factorised =
      terms.virtual_soft + hard + terms.infrared * (terms.log_eta_minus_1 + log_smh - log_q);

  // log1p keeps LA and LC accurate where T -> 0 makes them small.
  const Logs<Real> logs{2 * theta, log1p(em1 / (eta * smh)), log1p(s * em1 / smh),
                        terms.log_eta_minus_1 - theta - log_smh,
                        dilog_1 - terms.dilog_inverse_eta + dilogarithm(1 / s) -
                            dilogarithm(eta / s) + theta * (log(s) - theta)};
  const Powers<Real> powers(eta, s);
  const Real scale = 1 / (4 * w * w);

  const PauliStructures<Real> pauli = pauli_structures(terms.recoil);
  const Real pauli_left_right = terms.pauli * pauli.left_right(1 / w);
  return factorised * born_structures(terms.recoil, w) +
         BasicStructures<Real>{pauli_left_right, pauli_left_right,
                               terms.pauli * pauli.interference(1 / w)} +
         scale * BasicStructures<Real>{remainder_left(powers, logs, em1, smh),
                                       remainder_right(powers, logs, em1, smh, q),
                                       remainder_interference(powers, logs, em1, smh)};
}

// Apart from the double path, which is hot.
[[gnu::noinline]] Structures quad_structures(double recoil_MeV, double excess) {
  const BasicRecoil<Quad> recoil(recoil_MeV);
  return as_double(electron_structures(ElectronTerms<Quad>(recoil), quad_point(recoil, excess)));
}

}  // namespace

template <class Real>
ElectronTerms<Real>::ElectronTerms(const BasicRecoil<Real>& at)
    : recoil(at),
      virtual_soft(physics::virtual_soft(at)),
      infrared(infrared_coefficient(at)),
      pauli(pauli_form_factor(at)),
      dilog_inverse_eta(dilogarithm(1 / at.eta)),
      dilog_inverse_eta2(dilogarithm(1 / (at.eta * at.eta))) {
  using std::log, std::log1p;
  log_eta_minus_1 = log(at.eta_minus_1);
  log_eta_plus_1 = log1p(at.eta);
}

ElectronPhotonic::ElectronPhotonic(const Recoil& recoil) : terms_(recoil) {}

Structures ElectronPhotonic::operator()(const EnergyPoint& point) const {
  NULOOP_EXPECTS(point.excess > 0.0);
  return point.w > electron_double_w ? quad_structures(terms_.recoil.recoil_MeV, point.excess)
                                     : electron_structures(terms_, point);
}

}  // namespace nuloop::physics
