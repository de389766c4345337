// The electron spectrum: the published closed form, arXiv:1907.03379, written in eta = exp(theta)
// and s = 1 + 2w (Mandelstam s/m_e^2).
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/foundation/contracts.hpp"
#include "nuloop/physics/dilogarithm.hpp"
#include "nuloop/physics/photonic.hpp"
#include "virtual_soft.hpp"

#include <cmath>

namespace nuloop::physics {
namespace {

// The transcendental functions that multiply the polynomials of the non-factorisable part.
struct Logs {
  double B;   // 2 theta
  double A;   // ln[2 eta w'/(eta (s - eta))]
  double C;   // ln[(s - 1) eta/(s - eta)]
  double D;   // ln[(eta - 1)/(eta (s - eta))]
  double DD;  // the dilogarithms
};

// Powers shared by the three polynomials; h = eta.
struct Powers {
  Powers(double eta, double mandelstam_s)
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
  double h, h2, h3, h4, h5, h6, s, s2, s3, s4, s5;
};

double remainder_left(const Powers& p, const Logs& log, double em1, double smh) {
  const auto& [h, h2, h3, h4, h5, h6, s, s2, s3, s4, s5] = p;
  const double poly_B =
      h3 * s - h3 - 2 * h2 * s2 + 5 * h2 * s + h2 - h * s2 + h * s - 4 * h - s2 + s;
  const double poly_A = 6 * h5 * h5 - 15 * h5 * h4 * s + 10 * h4 * h4 * s2 + 10 * h4 * h4 * s -
                        15 * h4 * h3 * s2 - 45 * h4 * h3 + 90 * h6 * s + 60 * h6 - h5 * s5 +
                        5 * h5 * s4 - 130 * h5 * s2 + 95 * h5 * s - 171 * h5 + 90 * h4 * s +
                        60 * h4 - 15 * h3 * s2 - 45 * h3 + 10 * h2 * s2 + 10 * h2 * s - 15 * h * s +
                        6;
  const double poly_D = 30 * h5 * s - 30 * h5 + 25 * h4 * s2 + 55 * h4 * s + 21 * h4 - 5 * h3 * s2 -
                        5 * h3 * s - 39 * h3 + 10 * h2 * s2 - 5 * h2 * s + 6 * h2 - 15 * h * s +
                        6 * h + 6;
  const double rational = -12 * h6 + 6 * h5 * s - 6 * h5 + 4 * h4 * s2 - 23 * h4 * s - 3 * h4 +
                          2 * h3 * s3 - 11 * h3 * s2 + 92 * h3 * s + 45 * h3 + h2 * s2 +
                          7 * h2 * s - 30 * h2 + 24 * h * s - 24 * h - 12;
  return log.B * poly_B / (2 * h * (h + 1)) + log.A * poly_A / (60 * h5) +
         log.D * em1 * poly_D / (60 * h5) + log.C * (s - 3) * (s - 1) / 2 +
         log.DD * (s2 + 2 * s - 1) / 2 + smh * em1 * rational / (120 * h4);
}

double remainder_right(const Powers& p, const Logs& log, double em1, double smh, double q) {
  const auto& [h, h2, h3, h4, h5, h6, s, s2, s3, s4, s5] = p;
  const double poly_B = h5 + 6 * h4 * s - h4 - 4 * h3 * s2 + 6 * h3 * s - 10 * h3 - 2 * h2 * s2 +
                        14 * h2 * s + 4 * h2 - 2 * h * s2 - 10 * h * s - 5 * h + 3;
  const double poly_A = h6 - 3 * h5 * s + 7 * h5 + 3 * h4 * s2 - 14 * h4 * s + 56 * h4 - h3 * s3 +
                        7 * h3 * s2 - 59 * h3 * s + 73 * h3 + 3 * h2 * s2 - 14 * h2 * s + 56 * h2 -
                        3 * h * s + 7 * h + 1;
  const double poly_D = 100 * h6 - 80 * h5 * s - 45 * h5 + 25 * h4 * s2 + 95 * h4 * s + 51 * h4 -
                        5 * h3 * s2 - 45 * h3 * s - 14 * h3 + 10 * h2 * s2 - 25 * h2 * s + 51 * h2 -
                        5 * h * s + 6 * h + 1;
  const double poly_C = 4 * h4 * s2 - 2 * h3 * s3 - 16 * h3 * s2 + 2 * h3 * s + h2 * s4 +
                        16 * h2 * s3 + 2 * h2 * s2 + 8 * h2 * s - 3 * h2 - 2 * h * s3 -
                        16 * h * s2 + 2 * h * s + 4 * s2;
  const double poly_DD = 2 * h4 - 2 * h3 * s + h2 * s2 + 2 * h2 * s + h2 - 2 * h * s + 2;
  const double rational = -2 * h6 * s + 6 * h5 * s2 - 11 * h5 * s - 6 * h4 * s3 + 22 * h4 * s2 -
                          253 * h4 * s + 2 * h3 * s4 - 11 * h3 * s3 + 292 * h3 * s2 + 325 * h3 * s -
                          9 * h2 * s3 + 67 * h2 * s2 - 205 * h2 * s - 90 * h2 + 9 * h * s2 -
                          14 * h * s - 2 * s;
  return log.B * poly_B / (4 * h2 * (h + 1)) + log.A * q * q * poly_A / (60 * h5) +
         log.D * em1 * poly_D / (60 * h5) - log.C * poly_C / (4 * h2 * s2) +
         log.DD * poly_DD / (2 * h2) + smh * em1 * rational / (120 * h4 * s);
}

double remainder_interference(const Powers& p, const Logs& log, double em1, double smh) {
  const auto& [h, h2, h3, h4, h5, h6, s, s2, s3, s4, s5] = p;
  const double poly_A = h6 - 3 * h5 * s - 6 * h5 + 3 * h4 * s2 + 12 * h4 * s + 6 * h4 - h3 * s3 -
                        6 * h3 * s2 - 3 * h3 * s - 16 * h3 + 3 * h2 * s2 + 12 * h2 * s + 6 * h2 -
                        3 * h * s - 6 * h + 1;
  return -log.B * em1 * (h2 - 4 * h * s + s2 - 2 * s) / (h * (h + 1)) + log.A * poly_A / (3 * h3) +
         log.D * em1 * (-9 * h3 + 9 * h2 * s + h2 - 3 * h * s - 5 * h + 1) / (3 * h3) +
         log.C * 2 * (h2 * s - 2 * h * s2 + h * s - h + s) / (h * s) +
         log.DD * 2 * (h * s - h2 - 1) / h + smh * em1 * (h * s - h2 + 10 * h - 1) / (3 * h2);
}

}  // namespace

ElectronPhotonic::ElectronPhotonic(const Recoil& recoil)
    : recoil_(recoil),
      virtual_soft_(virtual_soft(recoil)),
      infrared_(infrared_coefficient(recoil)),
      pauli_(pauli_form_factor(recoil)),
      log_eta_minus_1_(std::log(recoil.eta_minus_1)),
      log_eta_plus_1_(std::log1p(recoil.eta)),
      dilog_inverse_eta_(dilogarithm(1.0 / recoil.eta)),
      dilog_inverse_eta2_(dilogarithm(1.0 / (recoil.eta * recoil.eta))) {}

Structures ElectronPhotonic::operator()(const EnergyPoint& point) const {
  NULOOP_EXPECTS(point.excess > 0.0);
  const double theta = recoil_.theta;
  const double eta = recoil_.eta;
  const double em1 = recoil_.eta_minus_1;
  const double w = point.w;
  const double s = 1.0 + 2.0 * w;
  const double smh = 2.0 * point.excess;  // s - eta
  const double q = eta * smh + em1;       // 2 eta w', w' = w - t
  const double log_smh = std::log(smh);
  const double log_q = std::log(q);
  const double ratio = (eta * s - 1.0) / smh;

  // Factorisable part: virtual and soft photons, and the infrared part of the hard ones.
  const double hard =
      -1.0 + theta + std::log(2.0 * w) - log_q +
      (dilogarithm_at_1 -
       theta * (1.0 +
                2.0 * (3.0 * theta + log_smh - log_q - log_eta_minus_1_ - 2.0 * log_eta_plus_1_)) -
       dilog_inverse_eta2_ - dilogarithm(-ratio / (eta * eta)) + dilogarithm(-ratio)) /
          recoil_.beta;
  const double factorised = virtual_soft_ + hard + infrared_ * (log_eta_minus_1_ + log_smh - log_q);

  // log1p keeps LA and LC accurate where T -> 0 makes them small.
  const Logs log{2.0 * theta, std::log1p(em1 / (eta * smh)), std::log1p(s * em1 / smh),
                 log_eta_minus_1_ - theta - log_smh,
                 dilogarithm_at_1 - dilog_inverse_eta_ + dilogarithm(1.0 / s) -
                     dilogarithm(eta / s) + theta * (std::log(s) - theta)};
  const Powers powers(eta, s);
  const double scale = 1.0 / (4.0 * w * w);

  const PauliStructures pauli = pauli_structures(recoil_);
  const double pauli_left_right = pauli_ * pauli.left_right(1.0 / w);
  return factorised * born_structures(recoil_, w) +
         Structures{pauli_left_right, pauli_left_right, pauli_ * pauli.interference(1.0 / w)} +
         scale * Structures{remainder_left(powers, log, em1, smh),
                            remainder_right(powers, log, em1, smh, q),
                            remainder_interference(powers, log, em1, smh)};
}

}  // namespace nuloop::physics
