// The photonic correction against reference values, the sum rule of its two spectra, soft-photon
// theorems and limits in T and E.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/physics/photonic.hpp"

#include "catch.hpp"
#include "exact.hpp"
#include "nuloop/physics/constants.hpp"
#include "physics/radiative_density.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <span>
#include <vector>

#include <boost/math/quadrature/gauss.hpp>
#include <boost/math/quadrature/tanh_sinh.hpp>

using namespace nuloop::physics;
using nuloop::test::Exact;

namespace {

constexpr double m = electron_mass_MeV;

std::array<double, 3> list(const Structures& s) {
  return {s.left, s.right, s.interference};
}

template <class Spectrum>
std::array<double, 3> structures(double energy_MeV, double recoil_MeV) {
  const Recoil recoil(recoil_MeV);
  return list(Spectrum(recoil)(energy_point(energy_MeV, recoil)));
}

struct Row {
  double energy, recoil;
  std::array<double, 3> expected;
};

// The rows have 13 digits, an error up to 5e-13 of the value. The rounding of T, which the
// logarithm magnifies by w/excess < 200 here, adds at most 1e-13.
template <class Spectrum>
void check_rows(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    CAPTURE(row.energy, row.recoil);
    const auto found = structures<Spectrum>(row.energy, row.recoil);
    for (std::size_t k = 0; k < 3; ++k)
      CHECK(std::abs(found[k] - row.expected[k]) <
            1e-12 * std::max(1.0, std::abs(row.expected[k])));
  }
}

}  // namespace

TEST_CASE("the electron spectrum has its reference values") {
  check_rows<ElectronPhotonic>({{1.5, 0.5, {-1.072898579891, -0.7871861072361, 0.5417611269517}},
                                {2, 1, {-1.629906353318, -0.7395797164016, 0.5138841317875}},
                                {4, 1, {-0.9256409769413, -0.9775808198523, 0.3095082213943}},
                                {4, 2, {-1.852351810162, -0.9016530415565, 0.3091112262442}},
                                {4, 3, {-3.669787494351, -0.4239697254448, 0.5562985371304}},
                                {8, 2, {-0.8905029022162, -1.166845190091, 0.1848786751313}},
                                {8, 5, {-2.950195639878, -0.8417149076972, 0.2254209146833}},
                                {8, 7.7, {-18.11529804315, -0.03474499793621, 1.319136362066}},
                                {12, 10, {-6.19797276872, -0.3159856145506, 0.3163624078883}}});
}

TEST_CASE("the electromagnetic spectrum has its reference values") {
  check_rows<ElectromagneticPhotonic>(
      {{1.5, 0.5, {-1.844762903125, -0.8517807580699, 0.7207270812936}},
       {2, 1, {-2.309374841802, -0.551674511146, 0.6768370358724}},
       {4, 1, {-2.280567143849, -1.255241950966, 0.4118841604389}},
       {4, 2, {-2.796344040341, -0.6201128369367, 0.4127125772977}},
       {4, 3, {-3.140743266007, -0.1226500009379, 0.5451557864629}},
       {8, 2, {-2.747708949379, -1.478240747394, 0.2414877406785}},
       {8, 5, {-3.480143270448, -0.3796964462599, 0.2740342036638}},
       {8, 7.7, {-3.878880025998, 0.04220213490517, 0.4095497685406}},
       {12, 10, {-4.030495714822, -0.0289359541087, 0.2556933504754}}});
}

TEST_CASE("the radiative tail has its reference values") {
  check_rows<ElectromagneticPhotonic>(
      {{4, 3.8, {1.7022643484, 0.05511483481824, -0.2369648562244}},
       {4, 3.9, {0.1598863162658, 0.01701117515399, -0.02421973074967}},
       {8, 7.8, {1.878017241518, 0.04456759646949, -0.1401257339291}},
       {8, 7.9, {0.1918721228823, 0.0155866928544, -0.01583232561583}}});
}

TEST_CASE("the electron and electromagnetic spectra have the same total") {
  // Whether the photon is seen changes where an event is counted, not how many there are. The
  // electron spectrum is the published one and the electromagnetic one this project's; they share
  // the virtual and soft part alone.
  // Variable: the excess x, which both logarithmic singularities have at zero.
  boost::math::quadrature::tanh_sinh<double> rule;
  for (const double energy : {0.6, 2.0, 4.0, 8.0, 12.0, 30.0, 90.0}) {
    const double w = energy / m;
    const auto recoil = [&](double x) { return Recoil(max_recoil_MeV((w - x) * m)); };
    const auto dt_dx = [&](double x) {
      const double v = w - x;
      return 4 * v * (1 + v) / ((1 + 2 * v) * (1 + 2 * v));
    };
    // Nodes nearer to the ends than this carry nothing; there t is 1e-20 or x below rounding of w.
    const auto inside = [&](double x) { return x > 1e-50 && w - x > 1e-10 * w; };
    // The terms grow like s^3 before they cancel, from 1e-16 at low energy to 1e-11 at 90 MeV.
    const double tolerance = 1e-14 + 1e-17 * std::pow(1 + 2 * w, 3);
    for (std::size_t k = 0; k < 3; ++k) {
      CAPTURE(energy, k, tolerance);
      double magnitude = 0.0;
      const double electron = rule.integrate(
          [&](double x) {
            return inside(x) ? dt_dx(x) * list(ElectronPhotonic(recoil(x))({w, x}))[k] : 0.0;
          },
          0.0, w, 1e-13, nullptr, &magnitude);
      const double elastic = rule.integrate(
          [&](double x) {
            return inside(x) ? dt_dx(x) * list(ElectromagneticPhotonic(recoil(x))({w, x}))[k] : 0.0;
          },
          0.0, w, 1e-13);
      const double tail = rule.integrate(
          [&](double u) {
            const Recoil r = recoil(-u);
            return u > 1e-50 && r.t < w ? dt_dx(-u) * list(ElectromagneticPhotonic(r)({w, -u}))[k]
                                        : 0.0;
          },
          0.0, 0.5 * (std::sqrt(w * (w + 2)) - w), 1e-13);  // T = E
      CHECK(std::abs(elastic + tail - electron) < tolerance * magnitude);
      CHECK(std::abs(tail) > 1e3 * tolerance * magnitude);  // else the tail were not tested
    }
  }
}

TEST_CASE("both spectra tend to the axial coupling's correction at low recoil") {
  // -(cL - cR)^2/2: G_A(0) = 1 - alpha/(2 pi), and the electric charge is not corrected.
  const double T = 1e-9, t = T / m;
  const double tolerance = 3 * t * std::abs(std::log(t));  // the next order is t ln t
  for (const double energy : {1.5, 8.0, 50.0}) {
    CAPTURE(energy);
    for (const auto& found : {structures<ElectronPhotonic>(energy, T),
                              structures<ElectromagneticPhotonic>(energy, T)}) {
      CHECK(std::abs(found[0] + 0.5) < tolerance);
      CHECK(std::abs(found[1] + 0.5) < tolerance);
      CHECK(std::abs(found[2] - 1.0) < tolerance);
    }
  }
}

TEST_CASE("near the kinematic limit both spectra follow the soft-photon theorem") {
  // The electron spectrum from above the limit in E and the radiative tail from below it go with
  // (2 theta/beta - 2) ln|excess| times Born, of opposite sign; the corrections are
  // x (1 + |ln x|) in the excess x, with coefficients of order t.
  const double x = 1e-8;
  for (const double energy : {1.0, 8.0, 50.0})
    for (const double fraction : {0.1, 0.5, 0.95}) {
      const Recoil recoil(fraction * max_recoil_MeV(energy));
      CAPTURE(energy, fraction);
      const double limit = recoil.min_energy;
      const double step = (2 * recoil.theta / recoil.beta - 2) * std::log(10.0);
      const double tolerance = 2 * (1 + recoil.t) * x * std::abs(std::log(x));
      const auto born = list(born_structures(recoil, limit));
      const ElectronPhotonic electron(recoil);
      const ElectromagneticPhotonic electromagnetic(recoil);
      const auto far = list(electron({limit + x, x}));
      const auto near = list(electron({limit + 0.1 * x, 0.1 * x}));
      const auto tail_far = list(electromagnetic({limit - x, -x}));
      const auto tail_near = list(electromagnetic({limit - 0.1 * x, -0.1 * x}));
      for (std::size_t k = 0; k < 3; ++k) {
        CHECK(std::abs(far[k] - near[k] - step * born[k]) < tolerance);
        CHECK(std::abs(tail_near[k] - tail_far[k] - step * born[k]) < tolerance);
      }
    }
}

TEST_CASE("the radiative tail is a rate: positive for all couplings") {
  for (const double energy : {0.001, 0.03, 0.3, 1.0, 4.0, 8.0, 50.0, 90.0, 1e3, 1e4})
    for (int i = 1; i < 100; ++i) {
      const double limit = max_recoil_MeV(energy);
      const double recoil = limit + 0.01 * i * (energy - limit);
      CAPTURE(energy, recoil);
      const auto [left, right, interference] = structures<ElectromagneticPhotonic>(energy, recoil);
      CHECK(left > 0.0);
      CHECK(right > 0.0);
      CHECK(4 * left * right > interference * interference);
    }
}

TEST_CASE("the radiative tail falls with the square of the outgoing neutrino's energy") {
  // Its phase space and its squared amplitude each vanish linearly where T = E.
  for (const double energy : {0.6, 2.0, 8.0, 50.0, 1e3, 1e4}) {
    const double rest = energy - max_recoil_MeV(energy);
    const auto far = structures<ElectromagneticPhotonic>(energy, energy - 1e-3 * rest);
    const auto near = structures<ElectromagneticPhotonic>(energy, energy - 1e-4 * rest);
    for (std::size_t k = 0; k < 3; ++k) {
      CAPTURE(energy, k);
      CHECK(far[k] / near[k] == Approx(100.0).epsilon(2e-3));  // next order 1e-3
    }
  }
}

TEST_CASE("the electromagnetic spectrum has one collinear logarithm at high energy") {
  for (const double y : {0.2, 0.5, 0.8}) {
    const auto difference = [&](double energy) {
      const double limit = -2.0 / 3 * std::log(2 * y * energy / m) + y * y / 24 - 5 * y / 12 -
                           std::numbers::pi * std::numbers::pi / 6 + 23.0 / 72;
      return structures<ElectromagneticPhotonic>(energy, y * energy)[0] - limit;
    };
    const double first = difference(25.0), second = difference(50.0), third = difference(100.0);
    CAPTURE(y, first, second, third);
    // It shrinks like (m/E) ln(T/m)...
    CHECK(std::abs(second) < 0.7 * std::abs(first));
    CHECK(std::abs(third) < 0.7 * std::abs(second));
    // ...and this sum, in which (m/E)(a ln E + b) cancels, leaves the next order, (m/T)^2.
    CHECK(std::abs(4 * third - 4 * second + first) < std::pow(m / (25.0 * y), 2));
  }
}

TEST_CASE("many energies at once give to the last bit what each gives alone, in all registers") {
  // From next to the limit to beyond the energy above which more digits are carried.
  for (const double T : {1e-6, 0.3, 2.0, 11.0}) {
    const Recoil recoil(T);
    const ElectronPhotonic alone(recoil, nuloop::Registers::baseline);
    std::vector<EnergyPoint> points;
    for (int i = 0; i < 23; ++i) {
      const double excess = 1e-6 * std::pow(2.4, i);
      points.push_back({recoil.min_energy + excess, excess});
    }
    CHECK(points.back().w > electron_double_w);
    for (const std::size_t first : {0, 1, 4, 13})
      for (std::size_t count = 1; first + count <= points.size(); ++count) {
        for (const nuloop::Registers registers : nuloop::available_registers()) {
          std::vector<Structures> values(count);
          ElectronPhotonic(recoil, registers)(std::span(points).subspan(first, count), values);
          for (std::size_t i = 0; i < count; ++i)
            CHECK(list(values[i]) == list(alone(points[first + i])));
        }
      }
  }
}

TEST_CASE("the density in the least energy makes up the radiative tail") {
  boost::math::quadrature::tanh_sinh<double> rule;
  for (const double T : {0.03, 0.5, 2.0, 8.0, 50.0}) {
    const Recoil recoil(T);
    const RadiativeTail tail(recoil);
    const ElectromagneticPhotonic spectrum(recoil);
    for (const double fraction : {0.1, 0.5, 0.9, 0.999}) {
      const double w = recoil.t + fraction * (recoil.min_energy - recoil.t);
      const auto expected = list(spectrum({w, w - recoil.min_energy}));
      for (std::size_t k = 0; k < 3; ++k) {
        CAPTURE(T, fraction, k);
        const auto density = [&](double y) {
          RadiativeTail::Density value;
          tail({&y, 1}, {&value, 1});
          CHECK(value.v <= w * (1 + 1e-15));
          return value.in_y[k](1 / w);
        };
        const double found =
            rule.integrate(density, tail.variable(recoil.t), tail.variable(w), 1e-12);
        // Its terms cancel towards w = t and, like t, at high energy.
        CHECK(found == Approx(expected[k]).epsilon((1 + recoil.t) * 1e-12 / fraction));
      }
    }
  }
}

TEST_CASE("the density of the radiative tail has the same bits in all registers") {
  for (const double T : {0.3, 2.0, 11.0}) {
    const Recoil recoil(T);
    const RadiativeTail alone(recoil, nuloop::Registers::baseline);
    std::vector<double> y;
    for (int i = 0; i < 37; ++i)
      y.push_back(alone.variable(recoil.t + (recoil.min_energy - recoil.t) * (i + 0.5) / 37));
    for (const nuloop::Registers registers : nuloop::available_registers())
      for (const std::size_t count : {1, 3, 8, 14, 37}) {
        std::vector<RadiativeTail::Density> values(count), one(1);
        RadiativeTail(recoil, registers)(std::span(y).first(count), values);
        for (std::size_t i = 0; i < count; ++i) {
          alone(std::span(y).subspan(i, 1), one);
          CHECK(values[i].v == one[0].v);
          for (std::size_t k = 0; k < 3; ++k) {
            CHECK(values[i].in_y[k].c0 == one[0].in_y[k].c0);
            CHECK(values[i].in_y[k].c1 == one[0].in_y[k].c1);
            CHECK(values[i].in_y[k].c2 == one[0].in_y[k].c2);
          }
        }
      }
  }
}

TEST_CASE("the density of the radiative tail is as good as it says") {
  // Against the same formula in 50 digits, in which nothing of its rounding is left.
  for (const double T :
       {1e-6, 1e-3, 0.03, 0.1, 0.103, 0.3, 1.0, 3.0, 8.0, 12.7, 12.8, 30.0, 100.0}) {
    const Recoil recoil(T);
    const RadiativeTail tail(recoil);
    const BasicRecoil<Exact> exact(T);
    const auto coefficients = radiative_coefficients(exact.t);
    const double low = tail.variable(recoil.t), high = recoil.theta;
    for (int i = 1; i < 400; ++i) {
      // Evenly, and ever nearer to the pole.
      const double fraction = i < 320 ? i / 320.0 : 1.0 - 0.003 * std::pow(0.95, i - 320);
      const double y = low + (high - low) * fraction;
      RadiativeTail::Density found;
      tail({&y, 1}, {&found, 1});
      const Exact Q = exact.gamma * tanh(Exact(y));
      const Exact da_dy = Q * (exact.gamma - Q) * (exact.gamma + Q) / exact.gamma;
      const auto expected = radiative_density(exact, coefficients, Q, Exact(2 * Exact(y)), da_dy);
      for (std::size_t k = 0; k < 3; ++k) {
        CAPTURE(T, fraction, k);
        const auto& [c0, c1, c2] = expected[k];
        const std::array<double, 3> exact_terms = {static_cast<double>(c0),
                                                   static_cast<double>(c1) / found.v,
                                                   static_cast<double>(c2) / found.v / found.v};
        const std::array<double, 3> terms = {found.in_y[k].c0, found.in_y[k].c1 / found.v,
                                             found.in_y[k].c2 / found.v / found.v};
        double error = 0.0, sum = 0.0;
        for (std::size_t j = 0; j < 3; ++j) {
          error += std::abs(terms[j] - exact_terms[j]);
          sum += std::abs(exact_terms[j]);
        }
        CHECK(error <= tail.relative_error(found.v) * sum);
      }
    }
  }
}

TEST_CASE("the two tables of the radiative density are the same polynomials") {
  for (const double t : {1e-6, 0.03, 0.7, 2.0, 31.0, 2e4}) {
    const Exact exact_t(t);
    const auto expected = radiative_coefficients(exact_t);
    const auto found = CrossingCoefficients<Exact>(exact_t).in_energy(exact_t);
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t k = 0; k < radiative_terms; ++k)
        for (std::size_t power = 0; power < 3; ++power) {
          CAPTURE(t, i, k, power);
          // A power of w is a sum of those of u, times up to t^2.
          CHECK(abs(Exact(found[i][k][power] - expected[i][k][power])) <
                Exact("1e-45") * (1 + t * t) * (1 + abs(expected[i][k][power])));
        }
  }
}

TEST_CASE("the electron spectrum above 51 MeV is exact to a few roundings") {
  // Computed with mpmath at 90 digits from T and the excess over the limit as they stand here.
  struct Point {
    double recoil, excess;
    std::array<double, 3> expected;
  };
  const Point points[] = {
      {0.5, 128.0, {0.4367243705359924399, 0.10880963575481435973, 0.36832648069930909212}},
      {1e-3, 1024.0, {-0.4904804468319693174, -0.49059454647177996895, 0.99567299101609898911}},
      {60.0, 0.25, {-38.464595621376334258, -0.0019787192155330112413, 0.36729533603103499887}},
      {80.0, 64.0, {-6.3018439634240081403, -1.1321596987018177681, 0.032405352473038974478}},
      {100.0, 1e-6, {-169.55039585286287107, -0.0011728346653450234011, 0.89237762412180944729}},
      {400.0, 300.0, {-8.4048330835173694618, -1.3584281255384644617, 0.0086898241902243898014}},
      {4e3, 2e3, {-13.945581796468434399, -1.1246542118981088605, 0.0015938363408097761925}},
      {9999, 0.5, {-142.87939608637185334, -4.3503953571880628607e-7, 0.0078211438892476889082}},
      {1e-9, 2e4, {-0.49999998802546915983, -0.4999999880255915804, 0.99999999543392766856}}};
  for (const auto& [T, excess, expected] : points) {
    const Recoil recoil(T);
    const auto found = list(ElectronPhotonic(recoil)({recoil.min_energy + excess, excess}));
    for (std::size_t k = 0; k < 3; ++k) {
      CAPTURE(T, excess, k);
      CHECK(std::abs(found[k] - expected[k]) < 2.3e-16 * std::abs(expected[k]));
    }
  }
}

TEST_CASE("the electromagnetic spectrum above 51 MeV is exact to a few roundings") {
  // Of L, whose terms do not cancel in 1/w; as above.
  const std::array<double, 3> points[] = {{52.0, 0.25, -5.2227608966590678217},
                                          {100.0, 300.0, -5.4583561121417445549},
                                          {199.0, 1e-6, -6.1322993265973595716},
                                          {4000.0, 2000.0, -8.0696029900231014738},
                                          {9999.0, 0.5, -8.7501217302578252808}};
  for (const auto& [T, excess, expected] : points) {
    const Recoil recoil(T);
    const auto found = ElectromagneticPhotonic(recoil)({recoil.min_energy + excess, excess});
    CAPTURE(T, excess);
    CHECK(found.left == Approx(expected).epsilon(1e-15));
  }
}

TEST_CASE("the radiative tail is exact to a few roundings where its terms cancel") {
  // Computed as above, from E and T.
  for (const Row& row : std::vector<Row>{
           {0.002,
            0.001,
            {6.9994277658756295249e-8, 6.9506518824674207145e-8, -9.3047995011737396979e-8}},
           {0.03,
            0.02,
            {8.5350212643666452988e-5, 7.8256259192254942029e-5, -1.0849980336345896814e-4}},
           {0.2,
            0.15,
            {0.010843554132700048632, 0.0065171220040827449652, -0.010679849185122951699}}}) {
    CAPTURE(row.energy, row.recoil);
    const auto found = structures<ElectromagneticPhotonic>(row.energy, row.recoil);
    for (std::size_t k = 0; k < 3; ++k)
      CHECK(std::abs(found[k] - row.expected[k]) < 2e-15 * std::abs(row.expected[k]));
  }
}

TEST_CASE("the radiative tail integrates its density wherever its terms cancel") {
  using Rule = boost::math::quadrature::gauss<Exact, 30>;
  for (const double T : {1e-6, 1e-3, 0.03, 0.2, 0.25, 2.0, 12.0, 60.0, 1e3, 1e4}) {
    const BasicRecoil<Exact> exact(T);
    const auto coefficients = radiative_coefficients(exact.t);
    const Recoil recoil(T);
    const ElectromagneticPhotonic spectrum(recoil);
    for (const double fraction : {1e-5, 1e-3, 0.015, 0.2, 0.6, 0.95, 0.9999}) {
      const double rest = fraction * recoil.t / recoil.eta_minus_1;  // w - t over that of the limit
      const double excess = rest - recoil.t / recoil.eta_minus_1;
      const EnergyPoint point{recoil.t + rest, excess};
      const double below = rest / point.w;
      if (recoil.t > 0.5 && recoil.t < electromagnetic_double_t && below > 0.02)
        continue;  // in double precision
      const Exact w = point.w < -excess ? Exact(point.w) : Exact(exact.min_energy + excess);
      const Exact low = log1p(Exact(2 * exact.t)) / 2,
                  high = atanh(Exact((2 * w - exact.t) / exact.gamma));
      std::array<Exact, 3> expected = {0, 0, 0};
      // Ever narrower towards the limit, where the density has a pole.
      constexpr int panels = 16;
      for (int panel = 0; panel < panels; ++panel) {
        const Exact end = panel + 1 == panels ? Exact(0) : Exact(pow(Exact(0.4), panel + 1));
        const Exact start = pow(Exact(0.4), panel), half = (high - low) * (start - end) / 2;
        for (std::size_t n = 0; n < Rule::abscissa().size(); ++n)
          for (const int side : {-1, 1}) {
            const Exact y = high - (high - low) * start + half * (1 + side * Rule::abscissa()[n]);
            const Exact Q = exact.gamma * tanh(y);
            const Exact factor =
                half * Rule::weights()[n] * Q * (exact.gamma - Q) * (exact.gamma + Q) / exact.gamma;
            const auto density = radiative_density(exact, coefficients, Q, Exact(2 * y), factor);
            for (std::size_t k = 0; k < 3; ++k)
              expected[k] += density[k](Exact(1 / w));
          }
      }
      const auto found = list(spectrum(point));
      const double t3 = recoil.t * recoil.t * recoil.t;
      const double tolerance = 3e-15 + 0x1p-102 * (100 + 3 * t3 + 3 / t3) / below;
      for (std::size_t k = 0; k < 3; ++k) {
        CAPTURE(T, fraction, k, 1e15 * tolerance);
        CHECK(std::abs(static_cast<double>(Exact(found[k] / expected[k] - 1))) / tolerance < 1.0);
      }
    }
  }
}
