// The tree amplitudes themselves: algebra, gauge invariance, soft limit, crossing.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "catch.hpp"
#include "proof/phase_space.hpp"
#include "proof/quadrature.hpp"

#include <vector>

using namespace nuloop::proof;

namespace {

// Rounding of sums of some hundred terms of size 1.
constexpr double rounding = 1e-12;

// Interior points of phase space from soft to hard, w in m_e.
const std::vector<RadiativePoint> points = {{3.0, 0.7, 0.4, 0.3},
                                            {8.0, 3.0, 1.5, 1.2},
                                            {16.0, 9.0, 0.2, 1.1},
                                            {16.0, 0.5, 6.0, 5.0},
                                            {24.0, 14.0, 7.0, 20.0}};

double relative(const Triple& difference, const Triple& reference) {
  return difference.abs().maxCoeff() / reference.abs().maxCoeff();
}

}  // namespace

TEST_CASE("the Dirac matrices and the spinors obey their definitions") {
  const auto& g = gamma_matrices();
  for (std::size_t mu = 0; mu < 4; ++mu) {
    CHECK((g[mu] * gamma5() + gamma5() * g[mu]).norm() == 0.0);
    for (std::size_t nu = 0; nu < 4; ++nu) {
      const double metric = mu != nu ? 0.0 : mu == 0 ? 1.0 : -1.0;
      CHECK((g[mu] * g[nu] + g[nu] * g[mu] - 2.0 * metric * Matrix4::Identity()).norm() == 0.0);
    }
  }
  for (const auto& at : points)
    for (double azimuth : {0.4, 2.5}) {
      const Momenta m = radiative_momenta(at, azimuth);
      const Spinors u = electron_spinors(m.p_out);
      const Matrix4 sum = slash(m.p_out) + Matrix4::Identity();
      CHECK((u * bar(u) - sum).norm() <= rounding * sum.norm());
      for (const FourVector& k : {m.k, m.k_out}) {
        const Matrix4 left = neutrino_spinor(k) * neutrino_spinor(k).adjoint() * g[0];
        CHECK((left - left_projector() * slash(k)).norm() <= rounding * slash(k).norm());
      }
    }
}

TEST_CASE("the momenta are on their mass shells and have the invariants asked for") {
  for (const auto& at : points) {
    const Momenta m = radiative_momenta(at, 1.1);
    const double scale = at.w * at.w;
    CHECK(std::abs(dot(m.p_out, m.p_out) - 1.0) <= rounding * scale);
    for (const FourVector& massless : {m.k, m.k_out, m.photon})
      CHECK(std::abs(dot(massless, massless)) <= rounding * scale);
    CHECK(std::abs(dot(m.p_out, m.photon) - at.a) <= rounding * scale);
    CHECK(m.k_out[0].real() == Approx(at.w - at.t()).epsilon(rounding));
  }
}

TEST_CASE("the elastic amplitude gives the Born structures") {
  for (double w : {3.0, 8.0, 24.0})
    for (double y : {0.02, 0.3, 0.98}) {
      const double t = y * 2.0 * w * w / (1.0 + 2.0 * w);
      const Triple expected(1.0, (1.0 - t / w) * (1.0 - t / w), -t / (w * w));
      const Momenta m = elastic_momenta(w, t);
      const Triple square = squared(born_amplitude(m)) / (8.0 * w * w);
      CHECK((square - expected).abs().maxCoeff() <= rounding);
    }
}

TEST_CASE("the radiative amplitude vanishes when the polarisation is the photon's momentum") {
  for (const auto& at : points)
    for (double azimuth : {0.4, 2.5}) {
      const Momenta m = radiative_momenta(at, azimuth);
      const auto physical = radiative_amplitudes(m, transverse_polarisations(m.photon));
      const auto gauge = radiative_amplitudes(m, std::array<FourVector, 1>{m.photon})[0];
      CHECK(gauge.left.norm() <= rounding * at.omega * physical[0].left.norm());
      CHECK(gauge.right.norm() <= rounding * at.omega * physical[0].right.norm());
    }
}

TEST_CASE("two transverse photons with explicit spinors and the covariant traces agree") {
  for (const auto& at : points)
    for (double azimuth : {0.4, 2.5}) {
      const Momenta m = radiative_momenta(at, azimuth);
      const Triple spinors = radiative_squared(m), traces = radiative_squared_by_traces(m);
      for (Eigen::Index i = 0; i < 3; ++i)
        CHECK(spinors[i] == Approx(traces[i]).epsilon(1e-10));
    }
}

TEST_CASE("a soft photon multiplies the Born square by the eikonal factor") {
  for (double w : {3.0, 24.0})
    for (double ratio : {0.5, 1.0, 1.5}) {  // a/omega: the photon's direction
      const double t = 0.5 * w;
      const Triple born = squared(born_amplitude(elastic_momenta(w, t)));
      const auto deviation = [&](double omega) {
        const RadiativePoint at{w, t, omega, ratio * omega};
        const Momenta m = radiative_momenta(at, 0.7);
        const double eikonal = eikonal_factor(1.0 + t, at.omega, at.a);
        return relative(radiative_squared(m) - eikonal * born, eikonal * born);
      };
      // The next term of the soft expansion is one power of the photon's energy higher.
      CHECK(deviation(1e-4) <= 1e-2);
      CHECK(deviation(1e-5) == Approx(0.1 * deviation(1e-4)).epsilon(0.02));
      CHECK(deviation(1e-6) == Approx(0.1 * deviation(1e-5)).epsilon(0.02));
    }
}

TEST_CASE("crossing the neutrinos exchanges left and right in the radiative square") {
  for (const auto& at : points) {
    const Momenta m = radiative_momenta(at, 0.4);
    Momenta crossed = m;
    crossed.k = -m.k_out;
    crossed.k_out = -m.k;
    const Triple direct = radiative_squared_by_traces(m);
    const Triple exchanged = radiative_squared_by_traces(crossed);
    CHECK(exchanged[0] == Approx(direct[1]).epsilon(1e-10));
    CHECK(exchanged[1] == Approx(direct[0]).epsilon(1e-10));
    CHECK(exchanged[2] == Approx(direct[2]).epsilon(1e-10));
    CHECK(relative(direct.reverse() - direct, direct) > 1e-3);  // not by left = right
  }
}

TEST_CASE("four azimuths average the neutrino tensor exactly") {
  for (const auto& at : points) {
    const Triple four = radiative_density(at, 4), many = radiative_density(at, 13);
    CHECK(relative(four - many, many) <= rounding);
  }
}

TEST_CASE("the measure fills three-body phase space") {
  // Int domega/|q| at fixed a is that of two bodies, 2a/(1 + 2a).
  for (double t : {0.5, 6.0, 20.0})
    for (double a : {0.1 * t, 0.9 * t}) {
      const double g = 1.0 + t, q = std::sqrt(t * (t + 2.0) - 2.0 * a);
      const double from = a / (g + q), to = a / (g - q);
      CHECK((to - from) / q == Approx(2.0 * a / (1.0 + 2.0 * a)).epsilon(rounding));
    }
  // Int Int domega da/|q| at fixed T_e is the range of k'.k_gamma: massless neutrino and photon are
  // isotropic in their rest frame.
  for (double w : {3.0, 8.0, 24.0})
    for (double y : {0.05, 0.3, 0.7}) {
      const double t_e = y * 2.0 * w * w / (1.0 + 2.0 * w);
      const double p_out = std::sqrt(t_e * (t_e + 2.0)), eta = 1.0 + t_e + p_out;
      const auto in_omega = [&](double omega) {
        const double t = t_e + omega;
        const double lower = std::max(omega / eta, smallest_a(w, t));
        const double upper = std::min(omega * eta, t);
        return RadiativePoint{w, t_e, omega, lower}.q() - RadiativePoint{w, t_e, omega, upper}.q();
      };
      const PhotonLimits limits = photon_limits(w, t_e);
      const double middle = std::max(limits.forward, limits.backward);
      const double volume = gauss_on_panels<20>(in_omega, 0.0, limits.full(), 0.1) +
                            gauss_on_panels<20>(in_omega, limits.full(), middle, 0.1) +
                            gauss_on_panels<20>(in_omega, middle, w - t_e, 0.1);
      CHECK(volume == Approx(w * p_out - (1.0 + w) * t_e).epsilon(1e-9));
    }
}
