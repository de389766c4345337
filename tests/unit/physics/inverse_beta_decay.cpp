// Inverse beta decay against Dirac traces, published cross sections and limits.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/physics/inverse_beta_decay.hpp"

#include "catch.hpp"
#include "nuloop/physics/constants.hpp"

#include <array>
#include <cmath>
#include <complex>
#include <numbers>
#include <utility>
#include <vector>

#include <Eigen/Core>
#include <boost/math/quadrature/tanh_sinh.hpp>

using namespace nuloop::physics;

namespace {

using Matrix = Eigen::Matrix4cd;
using Vector = Eigen::Vector4d;  // (E, p)
constexpr std::complex<double> i{0.0, 1.0};
constexpr double m_e = electron_mass_MeV, m_p = proton_mass_MeV, m_n = m_p + nucleon_difference_MeV;
const Vector metric{1.0, -1.0, -1.0, -1.0};

// The Dirac matrices, in the Dirac representation; the last is gamma_5.
std::array<Matrix, 5> dirac() {
  std::array<Matrix, 5> gamma;
  gamma.fill(Matrix::Zero());
  gamma[0].diagonal() << 1.0, 1.0, -1.0, -1.0;
  const std::array<Eigen::Matrix2cd, 3> pauli = {Eigen::Matrix2cd{{0.0, 1.0}, {1.0, 0.0}},
                                                 Eigen::Matrix2cd{{0.0, -i}, {i, 0.0}},
                                                 Eigen::Matrix2cd{{1.0, 0.0}, {0.0, -1.0}}};
  for (int k = 0; k < 3; ++k) {
    gamma[static_cast<std::size_t>(k) + 1].topRightCorner<2, 2>() =
        pauli[static_cast<std::size_t>(k)];
    gamma[static_cast<std::size_t>(k) + 1].bottomLeftCorner<2, 2>() =
        -pauli[static_cast<std::size_t>(k)];
  }
  gamma[4] = i * gamma[0] * gamma[1] * gamma[2] * gamma[3];
  return gamma;
}

Matrix slash(const std::array<Matrix, 5>& gamma, const Vector& p) {
  Matrix sum = Matrix::Zero();
  for (int k = 0; k < 4; ++k)
    sum += metric[k] * p[k] * gamma[static_cast<std::size_t>(k)];
  return sum;
}

// dsigma/dE_e in cm^2/MeV of a vector coupling 1, from the traces of both currents.
double from_traces(double E, double positron_MeV, double lambda) {
  const auto gamma = dirac();
  const Matrix one = Matrix::Identity();
  const double p_e = std::sqrt(positron_MeV * positron_MeV - m_e * m_e);
  const double neutron_MeV = E + m_p - positron_MeV;
  const double cosine =
      (E * E + p_e * p_e - neutron_MeV * neutron_MeV + m_n * m_n) / (2.0 * E * p_e);
  const Vector k{E, 0.0, 0.0, E}, p{m_p, 0.0, 0.0, 0.0};
  const Vector k_e{positron_MeV, p_e * std::sqrt(1.0 - cosine * cosine), 0.0, p_e * cosine};
  const Vector p_n = k + p - k_e, q = p_n - p;
  const double t = q.cwiseProduct(metric).dot(q), M = 0.5 * (m_p + m_n);
  const double dipole = 1.0 / std::pow(1.0 - t / 0.71e6, 2), tau = t / (4.0 * M * M);
  const double moment = 2.7928473446 + 1.9130427 - 1.0;
  const double f1 = (1.0 - (1.0 + moment) * tau) / (1.0 - tau) * dipole;
  const double f2 = moment / (1.0 - tau) * dipole;
  const double g1 = -lambda / std::pow(1.0 - t / 1e6, 2);
  const double g2 = 2.0 * M * M * g1 / (139.57039 * 139.57039 - t);
  std::array<Matrix, 4> lepton, hadron, hadron_bar;
  for (std::size_t a = 0; a < 4; ++a) {
    lepton[a] = gamma[a] * (one - gamma[4]);
    Matrix sigma_q = Matrix::Zero();
    for (std::size_t b = 0; b < 4; ++b) {
      const auto n = static_cast<Eigen::Index>(b);
      sigma_q += 0.5 * i * (gamma[a] * gamma[b] - gamma[b] * gamma[a]) * metric[n] * q[n];
    }
    hadron[a] = f1 * gamma[a] + g1 * gamma[a] * gamma[4] + i * f2 / (2.0 * M) * sigma_q +
                g2 / M * q[static_cast<Eigen::Index>(a)] * gamma[4];
    hadron_bar[a] = gamma[0] * hadron[a].adjoint() * gamma[0];
  }
  std::complex<double> sum = 0.0;
  for (std::size_t a = 0; a < 4; ++a)
    for (std::size_t b = 0; b < 4; ++b) {
      const Matrix leptons =
          slash(gamma, k) * lepton[a] * (slash(gamma, k_e) - m_e * one) * lepton[b];
      const Matrix hadrons = (slash(gamma, p_n) + m_n * one) * hadron[a] *
                             (slash(gamma, p) + m_p * one) * hadron_bar[b];
      sum += metric[static_cast<Eigen::Index>(a)] * metric[static_cast<Eigen::Index>(b)] *
             leptons.trace() * hadrons.trace();
    }
  const double G = 1e-6 * fermi_constant_GeV2;
  const double squared = 0.5 * 0.5 * G * G * sum.real();  // mean over the proton's spins
  return 2.0 * m_p * squared / (16.0 * std::numbers::pi * std::pow(2.0 * m_p * E, 2)) * 1e6 *
         hbar_c_squared_GeV2_cm2;
}

InverseBetaDecay of(BetaDecayForm form, bool outer = false, double lambda = 1.2754,
                    double strength = 1.0) {
  return InverseBetaDecay({form, lambda, strength, outer});
}

double integral(const InverseBetaDecay& sigma, double E) {
  return boost::math::quadrature::tanh_sinh<double>().integrate(
      [&](double x) { return sigma.per_cosine(E, x); }, -1.0, 1.0, 1e-13);
}

}  // namespace

TEST_CASE("to all orders the differential cross section is that of the Dirac traces") {
  const auto sigma = of(BetaDecayForm::strumia_vissani);
  for (const double E : {1.9, 3.0, 6.0, 12.0, 60.0})
    for (const double x : {-0.9, -0.3, 0.0, 0.5, 0.95}) {
      const auto energies = sigma.positron_energies(E);
      CHECK(
          sigma.per_cosine(E, x) ==
          Approx(energies.half_spread_MeV * from_traces(E, energies.at(x), 1.2754)).epsilon(1e-8));
    }
}

TEST_CASE("positron energies to all orders are those of the kinematics") {
  const auto sigma = of(BetaDecayForm::strumia_vissani);
  for (const double E : {1.807, 2.5, 10.0})
    for (const double x : {-1.0, 1.0}) {
      // Forwards and backwards the neutron takes the rest of energy and momentum.
      const double energy = sigma.positron_energies(E).at(x);
      const double momentum = std::sqrt(energy * energy - m_e * m_e);
      const auto off_shell = [&](double sign) {
        return std::abs(std::pow(E + m_p - energy, 2) - std::pow(E - sign * momentum, 2) -
                        m_n * m_n);
      };
      CHECK(std::min(off_shell(1.0), off_shell(-1.0)) < 1e-8);
    }
  CHECK(sigma.threshold_MeV() == Approx(1.806).epsilon(1e-4));
}

TEST_CASE("totals are the integrals of the differential cross sections") {
  for (const auto& [name, form] : beta_decay_form_names)
    for (const double E : {2.0, 4.0, 9.0})
      for (const bool outer : {false, true})
        CHECK(of(form, outer).total(E) == Approx(integral(of(form, outer), E)).epsilon(1e-12));
}

TEST_CASE("static nucleons give the product of the positron's energy and momentum") {
  const double lambda = 1.2754;
  for (const double E : {1.9, 3.0, 8.0}) {
    const double e = E - nucleon_difference_MeV;
    const double expected = std::pow(fermi_constant_GeV2 * 1e-3, 2) * hbar_c_squared_GeV2_cm2 /
                            std::numbers::pi * (1.0 + 3.0 * lambda * lambda) * e *
                            std::sqrt(e * e - m_e * m_e);
    CHECK(of(BetaDecayForm::static_nucleons).total(E) == Approx(expected).epsilon(1e-13));
  }
}

TEST_CASE("first order in 1/M differs from all orders in second order") {
  const auto first = of(BetaDecayForm::vogel_beacom), all = of(BetaDecayForm::strumia_vissani);
  for (const double E : {3.0, 6.0, 12.0, 24.0}) {
    CAPTURE(E);
    const double second = std::pow(E / m_p, 2);
    CHECK(std::abs(first.total(E) / all.total(E) - 1.0) < 30.0 * second);
    CHECK(std::abs(first.positron_energies(E).middle_MeV - all.positron_energies(E).middle_MeV) <
          5.0 * second * E);
    // Without the order 1/M the difference is several times E/M.
    CHECK(of(BetaDecayForm::static_nucleons).total(E) / all.total(E) - 1.0 > 3.0 * E / m_p);
  }
}

TEST_CASE("the mean cosine is the published one") {
  // hep-ph/9903554, eq. 16: -0.034 v_e + 2.4 E/M, without terms of the order of 1 MeV/M.
  for (const double E : {3.0, 5.0, 8.0}) {
    const auto sigma = of(BetaDecayForm::vogel_beacom, false, 1.26);
    const double moment = boost::math::quadrature::tanh_sinh<double>().integrate(
        [&](double x) { return x * sigma.per_cosine(E, x); }, -1.0, 1.0);
    const double e = E - nucleon_difference_MeV;
    const double published = -0.034 * std::sqrt(1.0 - m_e * m_e / (e * e)) + 2.4 * E / m_p;
    CHECK(std::abs(moment / sigma.total(E) - published) < 2.0 / m_p);
  }
}

TEST_CASE("total cross sections are those of the table of Strumia and Vissani") {
  // Their inner and outer corrections together: alpha/pi (6 + 1.5 ln(m_p/2 E_e) + 1.2
  // (m_e/E_e)^1.5).
  const auto published = [](double e) {
    return fine_structure / std::numbers::pi *
           (6.0 + 1.5 * std::log(m_p / (2.0 * e)) + 1.2 * std::pow(m_e / e, 1.5));
  };
  // What it leaves for the inner correction is the same at all energies.
  const double inner = (1.0 + published(3.0)) / (1.0 + outer_correction(3.0)) - 1.0;
  for (const double e : {0.6, 1.0, 2.0, 5.0, 10.0})
    CHECK(std::abs((1.0 + inner) * (1.0 + outer_correction(e)) - 1.0 - published(e)) < 1.5e-4);
  const auto sigma =
      of(BetaDecayForm::strumia_vissani, true, 1.27, 0.9746 * 0.9746 * (1.0 + inner));
  struct Row {
    double E, rounding, value,
        of_value;  // MeV, 1e-41 cm^2, as printed, and half of the last digits
  };
  const std::vector<Row> table = {{2.01, 5e-3, 0.00351, 5e-6}, {2.51, 5e-3, 0.0127, 5e-5},
                                  {3.12, 5e-3, 0.0304, 5e-5},  {4.33, 5e-3, 0.0854, 5e-5},
                                  {5.40, 5e-3, 0.155, 5e-4},   {6.72, 5e-3, 0.269, 5e-4},
                                  {8.36, 5e-3, 0.451, 5e-4},   {11.0, 5e-2, 0.832, 5e-4}};
  for (const auto& [E, rounding, value, of_value] : table) {
    CAPTURE(E);
    CHECK(value + of_value > 1e41 * sigma.total(E - rounding));
    CHECK(value - of_value < 1e41 * sigma.total(E + rounding));
  }
}

TEST_CASE("the outer correction is virtual, soft and hard photons together") {
  constexpr double soft = 1e-6;  // MeV
  for (const double E : {0.55, 1.0, 2.0, 7.0}) {
    CAPTURE(E);
    const auto over_beta = [](double energy) {
      return std::acosh(energy / m_e) / std::sqrt(1.0 - std::pow(m_e / energy, 2));
    };
    const double beta = std::sqrt(1.0 - std::pow(m_e / E, 2)), a = over_beta(E);
    const double spence = boost::math::quadrature::tanh_sinh<double>().integrate(
        [](double t) { return std::log1p(-t) / t; }, 0.0, 2.0 * beta / (1.0 + beta));
    // Sirlin's function without its hard photons, and the Coulomb term, which a neutron has not.
    const double virtual_and_soft =
        3.0 * std::log(m_p / m_e) - 0.75 + 4.0 * (a - 1.0) * std::log(2.0 * soft / m_e) +
        4.0 / beta * spence + a * (2.0 * (1.0 + beta * beta) - 4.0 * std::atanh(beta));
    const auto photon = [&](double log_k) {
      const double k = std::exp(log_k), energy = E - k;
      const double momentum = std::sqrt(std::max(energy * energy - m_e * m_e, 0.0));
      if (momentum == 0.0)
        return 0.0;
      const double b = over_beta(energy);
      return momentum * energy *
             (2.0 * (1.0 + k / energy) * (b - 1.0) + k * k / (energy * energy) * b);
    };
    const double hard = boost::math::quadrature::tanh_sinh<double>().integrate(
                            photon, std::log(soft), std::log(E - m_e)) /
                        (E * beta * E);
    CHECK(
        outer_correction(E) ==
        Approx(fine_structure / std::numbers::pi * (0.5 * virtual_and_soft + hard)).epsilon(1e-5));
  }
  CHECK(outer_correction(m_e) == Approx(outer_correction(m_e * (1.0 + 1e-12))).epsilon(1e-5));
}

TEST_CASE("the vector coupling at the electron's mass is the inner correction of configs/") {
  // arXiv:2512.07956: g_V(m_e)^2 and an outer correction whose constant is 7/2 in alpha/pi.
  for (const double E : {2.0, 3.0, 4.0, 6.0, 8.0}) {
    CAPTURE(E);
    const double e = E - nucleon_difference_MeV, beta = std::sqrt(1.0 - std::pow(m_e / e, 2));
    const double logarithm = std::log((1.0 + beta) / (1.0 - beta));
    const double spence = boost::math::quadrature::tanh_sinh<double>().integrate(
        [](double t) { return -std::log1p(-t) / t; }, 0.0, 2.0 * beta / (1.0 + beta));
    const double at_electron_mass =
        fine_structure / std::numbers::pi *
        (3.5 + (7.0 + 3.0 * beta * beta) / (8.0 * beta) * logarithm +
         (logarithm / beta - 2.0) * std::log(4.0 * beta * beta / (1.0 - beta * beta)) -
         (logarithm * logarithm + 4.0 * spence) / beta);
    const double here = 1.02487 * (1.0 + outer_correction(e));
    CHECK(here == Approx(1.02499 * 1.02499 * (1.0 + at_electron_mass)).epsilon(2e-4));
    if (E == 4.0)
      CHECK(here == Approx(1.02499 * 1.02499 * (1.0 + at_electron_mass)).epsilon(1e-5));
  }
}

TEST_CASE("the neutron's life and the couplings agree on the strength") {
  // arXiv:1101.2755: 0.956e-43 cm^2/MeV^2 for 885.7 s.
  const double lambda = 1.27;
  const double e = 3.0 - nucleon_difference_MeV;
  CHECK(
      of(BetaDecayForm::static_nucleons, false, lambda, strength_of_lifetime(885.7, 1.7152, lambda))
              .total(3.0) /
          (e * std::sqrt(e * e - m_e * m_e)) ==
      Approx(0.956e-43).epsilon(5e-4));
  CHECK(strength_of_lifetime(878.4, 1.7139, 1.2754) ==
        Approx(0.97348 * 0.97348 * 1.02467).epsilon(3e-3));
}
