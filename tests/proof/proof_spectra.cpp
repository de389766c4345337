// The closed forms of the photonic correction against the amplitudes integrated over phase space.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "catch.hpp"
#include "nuloop/physics/constants.hpp"
#include "nuloop/physics/couplings.hpp"
#include "nuloop/physics/photonic.hpp"
#include "proof/infrared.hpp"
#include "proof/phase_space.hpp"

#include <numbers>
#include <sstream>

namespace physics = nuloop::physics;
using namespace nuloop::proof;

namespace {

// Rounding: the differences, up to 5e-12 and 1e-13, do not change with the number of nodes from 20
// to 40. L and R lose digits to cancellations that grow with the energy.
constexpr double chiral_tolerance = 1e-11;
constexpr double interference_tolerance = 5e-13;

const std::array<double, 8> energies_MeV = {1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0, 12.0};
const std::array<double, 8> recoil_fractions = {0.02, 0.1, 0.25, 0.4, 0.6, 0.8, 0.9, 0.98};

Triple closed_form(physics::Observable observable, double energy_MeV, double recoil_MeV) {
  const physics::Recoil recoil(recoil_MeV);
  const auto point = physics::energy_point(energy_MeV, recoil);
  const auto d = observable == physics::Observable::electron
                     ? physics::ElectronPhotonic(recoil)(point)
                     : physics::ElectromagneticPhotonic(recoil)(point);
  return {d.left, d.right, d.interference};
}

Triple integrated(physics::Observable observable, double energy_MeV, double recoil_MeV) {
  const double w = energy_MeV / physics::electron_mass_MeV;
  const double t = recoil_MeV / physics::electron_mass_MeV;
  return observable == physics::Observable::electron ? electron_spectrum(w, t)
                                                     : electromagnetic_spectrum(w, t);
}

double combine(const physics::Couplings& c, const Triple& structure) {
  return c.left * c.left * structure[0] + c.right * c.right * structure[1] +
         c.left * c.right * structure[2];
}

class Worst {
 public:
  void add(const Triple& difference) { value_ = value_.max(difference.abs()); }
  std::string report() const {
    std::ostringstream text;
    text << "largest difference in dL, dR, dLR: " << value_.transpose();
    return text.str();
  }

 private:
  Triple value_ = Triple::Zero();
};

void check_structures(const Triple& difference) {
  CHECK(std::abs(difference[0]) <= chiral_tolerance);
  CHECK(std::abs(difference[1]) <= chiral_tolerance);
  CHECK(std::abs(difference[2]) <= interference_tolerance);
}

void check_spectrum(physics::Observable observable) {
  const physics::Couplings neutrino{2.39818e-5, 0.76911e-5};
  Worst worst;
  for (double energy : energies_MeV)
    for (double fraction : recoil_fractions) {
      const double recoil = fraction * physics::max_recoil_MeV(energy);
      CAPTURE(energy, recoil);
      const Triple difference =
          integrated(observable, energy, recoil) - closed_form(observable, energy, recoil);
      worst.add(difference);
      check_structures(difference);

      const double w = energy / physics::electron_mass_MeV;
      const Triple born = born_spectrum(elastic_momenta(w, recoil / physics::electron_mass_MeV));
      for (auto helicity : {physics::Helicity::neutrino, physics::Helicity::antineutrino}) {
        const auto c = physics::crossed(neutrino, helicity);
        const double shift = physics::fine_structure / std::numbers::pi * combine(c, difference);
        CHECK(std::abs(shift) <= 1e-6 * combine(c, born));
      }
    }
  SUCCEED(worst.report());
}

}  // namespace

TEST_CASE("the electron spectrum is the integral of the amplitudes") {
  check_spectrum(physics::Observable::electron);
}

TEST_CASE("the electromagnetic spectrum is the integral of the amplitudes") {
  check_spectrum(physics::Observable::electromagnetic);
}

TEST_CASE("the radiative tail is the integral of the amplitudes") {
  Worst worst;
  for (double energy : energies_MeV)
    for (double fraction : {0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99}) {
      const double limit = physics::max_recoil_MeV(energy);
      const double recoil = limit + fraction * (energy - limit);
      CAPTURE(energy, recoil);
      const auto observable = physics::Observable::electromagnetic;
      const Triple difference =
          integrated(observable, energy, recoil) - closed_form(observable, energy, recoil);
      worst.add(difference);
      check_structures(difference);
    }
  SUCCEED(worst.report());
}

TEST_CASE("below and above reactor energies the spectra are the integrals of the amplitudes") {
  for (double energy : {0.3, 0.8, 20.0, 30.0})
    for (double fraction : {0.02, 0.5, 0.95})
      for (auto observable :
           {physics::Observable::electron, physics::Observable::electromagnetic}) {
        const double recoil = fraction * physics::max_recoil_MeV(energy);
        CAPTURE(energy, recoil);
        const Triple difference =
            integrated(observable, energy, recoil) - closed_form(observable, energy, recoil);
        CHECK(difference.abs().maxCoeff() <= 3e-10);
      }
}
