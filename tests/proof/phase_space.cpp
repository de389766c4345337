// SPDX-License-Identifier: GPL-3.0-or-later
#include "proof/phase_space.hpp"

#include "proof/infrared.hpp"
#include "proof/quadrature.hpp"

#include <numbers>

namespace nuloop::proof {
namespace {

constexpr unsigned nodes = 30;

// omega Int da, or a Int domega, of the eikonal factor with the weight of radiative_density at soft
// photons, where |q| = |p'| and the ratio a/omega runs over exp(-+theta).
double infrared_slope(double t) {
  const double g = 1.0 + t, sinh_theta = std::sqrt(t * (t + 2.0)), eta = g + sinh_theta;
  const auto in_ratio = [&](double ratio) { return eikonal_factor(g, 1.0, ratio); };
  return gauss_in_log<nodes>(in_ratio, 1.0 / eta, eta) / (2.0 * sinh_theta);
}

// Vertex and soft photons, and the eikonal approximation of hard ones from eps to `upper`.
Triple factorised(double w, double t, double upper, const Regulator& regulator) {
  const Momenta elastic = elastic_momenta(w, t);
  const double soft = soft_factor(t, regulator.eps, regulator.lambda) +
                      infrared_slope(t) * std::log(upper / regulator.eps);
  return vertex_spectrum(elastic, form_factors(t, regulator.lambda)) +
         soft * born_spectrum(elastic);
}

}  // namespace

Triple radiative_density(const RadiativePoint& at, int azimuths) {
  Triple sum = Triple::Zero();
  for (int i = 0; i < azimuths; ++i)
    sum += radiative_squared(radiative_momenta(at, 2.0 * std::numbers::pi * (i + 0.5) / azimuths));
  return sum / (azimuths * 16.0 * at.w * at.w * at.q());
}

Triple density_at_fixed_sum(double w, double t, double a) {
  const double q = std::sqrt(t * (t + 2.0) - 2.0 * a), g = 1.0 + t;
  const double s = 1.0 + 2.0 * a;  // (g - |q|)(g + |q|)
  const auto in_omega = [&](double omega) { return radiative_density({w, t - omega, omega, a}); };
  return gauss_in_log<nodes>(in_omega, a / (g + q), a * (g + q) / s);
}

PhotonLimits photon_limits(double w, double t_e) {
  const double eta = 1.0 + t_e + std::sqrt(t_e * (t_e + 2.0));
  // omega eta = t, and omega/eta = smallest_a
  return {t_e / (eta - 1.0), (2.0 * w * (w - t_e) - t_e) / (1.0 + 2.0 * w - 1.0 / eta)};
}

Triple density_at_fixed_electron(double w, double t_e, double omega) {
  const double eta = 1.0 + t_e + std::sqrt(t_e * (t_e + 2.0));
  const double t = t_e + omega;
  const double lower = std::max(omega / eta, smallest_a(w, t));
  const double upper = std::min(omega * eta, t);
  const auto in_a = [&](double a) { return radiative_density({w, t_e, omega, a}); };
  return gauss_in_log<nodes>(in_a, lower, upper);
}

Triple hard_electromagnetic(double w, double t, double a_min) {
  const auto in_a = [&](double a) { return density_at_fixed_sum(w, t, a); };
  return gauss_in_log<nodes>(in_a, a_min, t);
}

Triple electromagnetic_spectrum(double w, double t, const Regulator& regulator) {
  const double a_min = smallest_a(w, t);
  if (a_min > 0.0)
    return hard_electromagnetic(w, t, a_min);

  const Triple pole = infrared_slope(t) * born_spectrum(elastic_momenta(w, t));
  const auto in_log = [&](double log_s) {  // of 1 + 2a
    const double a = 0.5 * std::expm1(log_s);
    return Triple((density_at_fixed_sum(w, t, a) - pole / a) * (0.5 + a));
  };
  return factorised(w, t, t, regulator) + gauss<nodes>(in_log, 0.0, std::log1p(2.0 * t));
}

Triple electron_spectrum(double w, double t_e, const Regulator& regulator) {
  const Triple pole = infrared_slope(t_e) * born_spectrum(elastic_momenta(w, t_e));
  const auto hard = [&](double omega) { return density_at_fixed_electron(w, t_e, omega); };
  const auto subtracted = [&](double omega) { return Triple(hard(omega) - pole / omega); };

  // Once smallest_a > 0 limits the range, everything is smooth in its logarithm.
  const auto in_smallest_a = [&](double a) {
    const double omega = w - t_e - (t_e + (w - t_e) - a) / (1.0 + 2.0 * w);
    return Triple(hard(omega) / (1.0 + 2.0 * w));
  };
  const auto limited = [&](double from, double to) {
    return gauss_in_log<nodes>(in_smallest_a, smallest_a(w, t_e + from), smallest_a(w, t_e + to));
  };

  const PhotonLimits limits = photon_limits(w, t_e);
  const double full = limits.full(), middle = std::max(limits.forward, limits.backward);
  return factorised(w, t_e, full, regulator) + gauss<nodes>(subtracted, 0.0, full) +
         (limits.backward < limits.forward ? limited(full, middle)
                                           : gauss_in_log<nodes>(hard, full, middle)) +
         limited(middle, w - t_e);
}

}  // namespace nuloop::proof
