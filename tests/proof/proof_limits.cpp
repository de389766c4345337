// What must hold of the whole: equal totals, the small-mass limit, independence of the scale.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "catch.hpp"
#include "nuloop/physics/constants.hpp"
#include "nuloop/physics/cross_section.hpp"
#include "nuloop/physics/loops.hpp"
#include "nuloop/physics/photonic.hpp"
#include "proof/phase_space.hpp"
#include "proof/quadrature.hpp"

#include <numbers>

namespace physics = nuloop::physics;
using namespace nuloop::proof;

namespace {

// Int f over (from, to) where f may have logarithms at both ends: each half in the fourth root of
// the distance from its end.
template <class F>
Triple integral_with_logarithmic_ends(const F& f, double from, double to) {
  const double half = 0.5 * (to - from);
  const auto in_root = [&](double x) {
    const double distance = half * x * x * x * x;
    return Triple((f(from + distance) + f(to - distance)) * (4.0 * half * x * x * x));
  };
  return gauss<30>(in_root, 0.0, 1.0);
}

}  // namespace

TEST_CASE("the two integrated spectra have the same total") {
  const double w = 4.0 / physics::electron_mass_MeV, t_max = 2.0 * w * w / (1.0 + 2.0 * w);
  const auto electron = [&](double t) { return electron_spectrum(w, t); };
  const auto electromagnetic = [&](double t) { return electromagnetic_spectrum(w, t); };
  const Triple a = integral_with_logarithmic_ends(electron, 0.0, t_max);
  const Triple b = integral_with_logarithmic_ends(electromagnetic, 0.0, t_max) +
                   integral_with_logarithmic_ends(electromagnetic, t_max, w);
  const double difference = (a - b).abs().maxCoeff();
  CAPTURE(a.transpose(), difference);
  CHECK(difference <= 1e-10 * a.abs().maxCoeff());  // of the outer rule at the logarithms
}

TEST_CASE("the electromagnetic spectrum has its small-mass limit") {
  for (double y : {0.1, 0.3, 0.5, 0.8, 0.95}) {
    const auto deviation = [&](double energy_MeV) {
      const physics::Recoil recoil(y * energy_MeV);
      const auto d =
          physics::ElectromagneticPhotonic(recoil)(physics::energy_point(energy_MeV, recoil));
      const double limit = -2.0 / 3.0 * std::log(2.0 * recoil.t) + y * y / 24.0 - 5.0 * y / 12.0 -
                           std::numbers::pi * std::numbers::pi / 6.0 + 23.0 / 72.0;
      return d.left - limit;
    };
    // Mass corrections m/E and m^2/E^2, with a logarithm each, are removed by five energies.
    Eigen::Matrix<double, 5, 5> mass_terms;
    Eigen::Matrix<double, 5, 1> deviations;
    for (Eigen::Index i = 0; const double energy_MeV : {40.0, 50.0, 65.0, 80.0, 100.0}) {
      const double w = energy_MeV / physics::electron_mass_MeV, log_w = std::log(w);
      mass_terms.row(i) << 1.0, 1.0 / w, log_w / w, 1.0 / (w * w), log_w / (w * w);
      deviations[i++] = deviation(energy_MeV);
    }
    const double extrapolated = mass_terms.colPivHouseholderQr().solve(deviations)[0];
    CAPTURE(y, deviations.transpose(), extrapolated);
    CHECK(std::abs(deviations[4]) <= 0.02);
    CHECK(std::abs(extrapolated) <= 2e-7 / (y * y * y));  // the next term is (m/T)^3
  }
}

TEST_CASE("the renormalisation scale drops out of Born and loops at order alpha") {
  // Any inputs will do; alpha_s = 0 leaves the electromagnetic running of the charm loop.
  const double s2 = 0.23122, mu = 2000.0;
  const physics::OneLoopInputs inputs = {.left_same_flavour = 2.39818e-5,
                                         .left_other_flavour = -0.90084e-5,
                                         .right = 0.76911e-5,
                                         .up_quark = {1.14065e-5, -0.51173e-5},
                                         .scale_MeV = mu,
                                         .charm = {physics::CharmLoop::Mass::at_scale, 1096.0, 0.0},
                                         .alpha = physics::AlphaScheme::thomson,
                                         .hadronic_gamma_gamma = 3.597,
                                         .hadronic_3_gamma = 3.6,
                                         .sin2_theta_w = s2};
  constexpr double step = 0.1;  // of ln mu; both sides are polynomials, so its size is immaterial

  for (const auto& [name, neutrino] : physics::neutrino_names) {
    // d c_{L,R}/d ln mu = -(alpha/3 pi) sum_f Nc Q_f (cL^f + cR^f): three charged leptons, charm,
    // and u, d, s with cL + cR = 2 sqrt2 GF (T3 - 2 Q s2).
    double sum = -(inputs.left_same_flavour + 2.0 * inputs.left_other_flavour + 3.0 * inputs.right);
    sum += 3.0 * (2.0 / 3.0) * (inputs.up_quark.left + inputs.up_quark.right);
    double sum_Q_T3 = 0.0, sum_Q2 = 0.0;
    for (const auto& [charge, isospin] :
         {std::pair{2.0 / 3.0, 0.5}, std::pair{-1.0 / 3.0, -0.5}, std::pair{-1.0 / 3.0, -0.5}}) {
      sum_Q_T3 += 3.0 * charge * isospin;
      sum_Q2 += 3.0 * charge * charge;
    }
    sum +=
        2.0 * std::numbers::sqrt2 * physics::fermi_constant_GeV2 * (sum_Q_T3 - 2.0 * s2 * sum_Q2);
    const double running = -physics::fine_structure / (3.0 * std::numbers::pi) * sum;

    const auto at = [&](const physics::OneLoopInputs& in, double energy, double recoil) {
      return physics::cross_section(physics::expand(physics::Model::nlo, neutrino, s2, in),
                                    physics::Observable::electromagnetic, energy, recoil,
                                    in.scale_MeV);
    };
    for (const auto& [energy, recoil] : {std::pair{2.0, 0.7}, std::pair{8.0, 5.0}}) {
      const auto born = [&](double log_mu) {  // with running couplings
        physics::OneLoopInputs in = inputs;
        in.left_same_flavour += running * log_mu;
        in.left_other_flavour += running * log_mu;
        in.right += running * log_mu;
        return at(in, energy, recoil).born;
      };
      const auto loops = [&](double log_mu) {  // every Pi carries (1/3) ln mu^2
        physics::OneLoopInputs in = inputs;
        in.scale_MeV = mu * std::exp(log_mu);
        in.hadronic_3_gamma += 2.0 / 3.0 * log_mu * sum_Q_T3;
        in.hadronic_gamma_gamma += 2.0 / 3.0 * log_mu * sum_Q2;
        return at(in, energy, recoil).loops;
      };
      const double of_born = (born(step) - born(-step)) / (2.0 * step);
      const double of_loops = (loops(step) - loops(-step)) / (2.0 * step);
      CAPTURE(name, energy, recoil);
      CHECK(std::abs(of_born) > 1e-4 * born(0.0));  // each alone does depend on it
      CHECK(of_born + of_loops == Approx(0.0).margin(1e-10 * std::abs(of_born)));
    }
  }
}
