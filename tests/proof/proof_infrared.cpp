// The one-loop vertex and the soft photons: textbook limits, and the photon mass and the soft cut
// drop out.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "catch.hpp"
#include "proof/infrared.hpp"
#include "proof/phase_space.hpp"

using namespace nuloop::proof;

namespace {

double virtual_soft(double t, double eps, double lambda) {
  return 2.0 * dirac_form_factor(t, lambda) + soft_factor(t, eps, lambda);
}

// Numerator of the vertex with the matrix `weak` between the electron lines, where the loop
// momentum l of the numerator is dropped: -(1/2) gamma^a (k' + 1) weak (k + 1) gamma_a with
// k = z p - y q, k' = k + q (Feynman gauge; x, y, z belong to k, k' and the photon). Averaged over
// x <-> y, a symmetry of the denominator.
Matrix4 vertex_numerator(const Momenta& m, double u, double xi, const Matrix4& weak) {
  const auto& g = gamma_matrices();
  const Matrix4 one = Matrix4::Identity();
  const FourVector q = m.p_out - m.p;
  Matrix4 sum = Matrix4::Zero();
  for (double y : {u * xi, u * (1.0 - xi)}) {
    const FourVector k = (1.0 - u) * m.p - y * q;
    const Matrix4 inside = (slash(k + q) + one) * weak * (slash(k) + one);
    sum += g[0] * inside * g[0];
    for (std::size_t i = 1; i < 4; ++i)
      sum -= g[i] * inside * g[i];
  }
  return -0.25 * sum;
}

// Least-squares coefficients of `basis` in `matrix` between the on-shell spinors of p' and p; the
// residual must vanish.
template <int n>
Eigen::Matrix<Complex, n, 1> form_factors_of(const Momenta& m, const Matrix4& matrix,
                                             const std::array<Matrix4, n>& basis) {
  const Spinors u = electron_spinors(m.p);
  const BarSpinors u_bar = bar(electron_spinors(m.p_out));
  const auto sandwich = [&](const Matrix4& inner) {
    const Eigen::Matrix2cd spins = u_bar * inner * u;
    return Eigen::Vector4cd(spins(0, 0), spins(0, 1), spins(1, 0), spins(1, 1));
  };
  Eigen::Matrix<Complex, 4, n> columns;
  for (int i = 0; i < n; ++i)
    columns.col(i) = sandwich(basis[static_cast<std::size_t>(i)]);
  const Eigen::Vector4cd target = sandwich(matrix);
  const Eigen::Matrix<Complex, n, 1> solution = columns.colPivHouseholderQr().solve(target);
  CHECK((columns * solution - target).norm() <= 1e-11 * target.norm());
  return solution;
}

// Numerators of gamma^mu and of the Pauli term.
Eigen::Vector2cd vector_numerators(const Momenta& m, double u, double xi) {
  const FourVector current = neutrino_current(m.k, m.k_out);
  const Matrix4 j = slash(current);
  return form_factors_of<2>(m, vertex_numerator(m, u, xi, j),
                            {j, pauli_matrix(current, m.p_out - m.p)});
}

// Numerator of gamma^mu gamma5; q^mu gamma5 does not couple to massless neutrinos.
Complex axial_numerator(const Momenta& m, double u, double xi) {
  const Matrix4 axial = slash(neutrino_current(m.k, m.k_out)) * gamma5();
  return form_factors_of<1>(m, vertex_numerator(m, u, xi, axial), {axial})[0];
}

}  // namespace

TEST_CASE("Dirac matrices give the numerators of F1 and F2") {
  for (double t : {0.3, 2.0, 15.0})
    for (double u : {0.05, 0.5, 0.95})
      for (double xi : {0.1, 0.5, 0.8}) {
        const Momenta m = elastic_momenta(2.0 + 2.0 * t, t);
        const auto form = vector_numerators(m, u, xi);
        const double tolerance = 1e-10 * (1.0 + t);
        CHECK(std::abs(form[0] - dirac_numerator(t, u, xi)) <= tolerance);
        CHECK(std::abs(form[1] - 2.0 * u * (1.0 - u)) <= tolerance);
      }
}

TEST_CASE("the axial form factor is F1 - F2") {
  // The part of the numerator with two loop momenta, gamma^a l gamma^mu l gamma_a, is the same for
  // gamma^mu and gamma^mu gamma5 because gamma5 passes two matrices; so is Z2. What is left makes
  // G_A - F1, free of both kinds of divergence.
  for (double t : {0.3, 2.0, 15.0}) {
    const Momenta m = elastic_momenta(2.0 + 2.0 * t, t);
    const auto in_xi = [&](double xi) {
      const auto in_u = [&](double u) {
        const Complex numerator = axial_numerator(m, u, xi) - vector_numerators(m, u, xi)[0];
        return numerator.real() / (u * delta(t, xi));
      };
      return gauss<10>(in_u, 0.0, 1.0);
    };
    CHECK(0.5 * over_xi(in_xi, t) == Approx(-pauli_form_factor(t)).epsilon(1e-10));
  }
}

TEST_CASE("the form factors have their textbook limits at small momentum transfer") {
  // Schwinger's moment, alpha/(2 pi), and the slope (alpha/3 pi) (q^2/m^2) [ln(m/lambda) - 3/8].
  const double t = 1e-5, lambda = 1e-9;
  CHECK(pauli_form_factor(t) == Approx(0.5).epsilon(t));
  const double slope = -2.0 * t / 3.0 * (std::log(1.0 / lambda) - 0.375);
  CHECK(dirac_form_factor(t, lambda) == Approx(slope).epsilon(5.0 * t));
}

TEST_CASE("the photon mass drops out of vertex and soft photons") {
  for (double t : {0.1, 2.0, 15.0}) {
    const double eps = 0.01, limit = virtual_soft(t, eps, 1e-13);
    const auto shift = [&](double lambda) { return virtual_soft(t, eps, lambda) - limit; };
    // The two diverge one by one, and their sum approaches its limit linearly in lambda.
    CHECK(std::abs(dirac_form_factor(t, 1e-9) - dirac_form_factor(t, 1e-6)) > 0.1);
    CHECK(std::abs(shift(1e-6)) <= 1e-4);
    CHECK(shift(1e-7) == Approx(0.1 * shift(1e-6)).epsilon(0.01));
    CHECK(std::abs(shift(1e-11)) <= 1e-9);
  }
}

TEST_CASE("the soft cut drops out of soft and hard photons without any subtraction") {
  for (const auto& [w, t] : {std::pair{3.0, 1.5}, std::pair{16.0, 9.0}}) {
    const Triple limit = electromagnetic_spectrum(w, t);
    const Momenta elastic = elastic_momenta(w, t);
    const double lambda = 1e-13;
    const Triple vertex = vertex_spectrum(elastic, form_factors(t, lambda));
    const Triple born = born_spectrum(elastic);
    const auto deviation = [&](double eps) {
      const Triple sum =
          vertex + soft_factor(t, eps, lambda) * born + hard_electromagnetic(w, t, eps);
      return (sum - limit).abs().maxCoeff();
    };
    // What the eikonal approximation misses below the cut is of the order of the cut.
    CHECK(deviation(1e-3) <= 0.1);
    CHECK(deviation(1e-4) == Approx(0.1 * deviation(1e-3)).epsilon(0.05));
    CHECK(deviation(1e-5) == Approx(0.1 * deviation(1e-4)).epsilon(0.05));
  }
}

TEST_CASE("neither regulator matters in the spectra") {
  for (const auto& [w, t] : {std::pair{3.0, 1.5}, std::pair{16.0, 9.0}, std::pair{23.0, 22.0}}) {
    const Triple electron = electron_spectrum(w, t),
                 electromagnetic = electromagnetic_spectrum(w, t);
    for (const Regulator& other : {Regulator{1e-13, 1.0}, Regulator{1e-13, 1e-5},
                                   Regulator{1e-12, 1e-3}, Regulator{1e-14, 1e-3}}) {
      // Linear in the photon mass, with a coefficient of the order of ten.
      const double tolerance = 1e-12 + 20.0 * other.lambda;
      CHECK((electron_spectrum(w, t, other) - electron).abs().maxCoeff() <= tolerance);
      CHECK((electromagnetic_spectrum(w, t, other) - electromagnetic).abs().maxCoeff() <=
            tolerance);
    }
  }
}
