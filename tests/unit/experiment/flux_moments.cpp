// Integrals of a flux from any energy, and of flux x function, against integration node by node.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/experiment/flux_moments.hpp"

#include "catch.hpp"
#include "nuloop/experiment/flux_cells.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/physics/constants.hpp"
#include "unit/world_fixture.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <boost/math/quadrature/tanh_sinh.hpp>

namespace {

using namespace nuloop;
using experiment::FluxCells;
using experiment::FluxModel;
using experiment::FluxMoments;

const std::vector<const char*> names = {"mueller", "huber", "summation", "kurchatov"};

const FluxModel& flux(const char* name) {
  return test::world().fluxes.find(name)->model;
}

// Integral of S_i f between two energies, in pieces on which both are smooth.
template <class Function>
double direct(const FluxModel& model, std::size_t isotope, double low, double high,
              const Function& function) {
  std::vector<double> edges = {low, high};
  for (const double knot : model.knots_MeV())
    if (knot > low && knot < high)
      edges.push_back(knot);
  for (double E = std::ceil(low); E < high; ++E)
    edges.push_back(E);
  std::sort(edges.begin(), edges.end());
  boost::math::quadrature::tanh_sinh<double> rule;
  double sum = 0.0;
  for (std::size_t i = 1; i < edges.size(); ++i)
    if (edges[i] > edges[i - 1])
      sum += rule.integrate(
          [&](double E) {
            // The abscissae may round to the ends; a hair inside is the same integral.
            E = std::clamp(E, edges[i - 1] * (1 + 1e-15), edges[i] * (1 - 1e-15));
            return model(E)[isotope] * function(E);
          },
          edges[i - 1], edges[i], 1e-13);
  return sum;
}

}  // namespace

TEST_CASE("the moments above an energy are the flux's integrals") {
  for (const char* name : names) {
    const FluxModel& model = flux(name);
    const FluxMoments moments(model, 0.1, 1e-12);
    for (const double low : {0.1, 0.15, 0.32, 1.3, 2.0, 4.71, 8.0, 9.95, 10.01}) {
      const auto found = moments.above(low);
      for (const std::size_t isotope : {0, 1, 3})
        for (int k = 0; k < 3; ++k) {
          CAPTURE(name, low, isotope, k);
          const double expected = direct(model, isotope, low, model.high_MeV(), [&](double E) {
            return std::pow(physics::electron_mass_MeV / E, k);
          });
          const auto at = static_cast<Eigen::Index>(3 * isotope) + k;
          CHECK(found.value[at] == Approx(expected).epsilon(1e-12));
          CHECK(std::abs(found.value[at] - expected) <= found.error[at] + 1e-13 * expected);
          CHECK(found.error[at] > 0.0);
        }
    }
  }
}

TEST_CASE("there are no moments above the flux and no more below it") {
  const FluxModel& model = flux("summation");
  const FluxMoments moments(model, 0.001, 1e-12);
  for (const double above : {model.high_MeV(), 20.0}) {
    CHECK((moments.above(above).value == 0.0).all());
    CHECK((moments.above(above).error == 0.0).all());
  }
  CHECK((moments.above(0.01).value == moments.above(model.low_MeV()).value).all());
  const FluxMoments none(model, 11.0, 1e-12);
  CHECK((none.above(11.0).value == 0.0).all());
}

TEST_CASE("the moments of a flux that is no number are an error") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const experiment::ExponentialPolynomial broken{{nan, 0, 0, 0, 0, 0}};
  const FluxModel model({broken, broken, broken, broken}, 1.0, 2.0);
  CHECK_THROWS_AS(FluxMoments(model, 1.0, 1e-12), NumericalError);
  CHECK_THROWS_AS(FluxCells(model, 1.0), NumericalError);
}

TEST_CASE("cells cover all energies above the limit, the longer the farther away") {
  for (const char* name : names) {
    const FluxModel& model = flux(name);
    const FluxCells cells(model, 0.2);
    for (double limit = 0.2; limit < model.high_MeV() + 1; limit += 0.0637)
      for (const double low : {0.0, 3.3}) {
        CAPTURE(name, limit, low);
        const auto found = cells.above(limit, low);
        if (found.empty()) {
          CHECK(std::max(low, limit) > model.high_MeV() - 0.5);
          continue;
        }
        CHECK(found.front()->energies_MeV.low >= std::max(low, limit));
        CHECK(found.front()->energies_MeV.low < std::max({low, limit, model.low_MeV()}) + 0.5);
        CHECK(found.back()->energies_MeV.high == model.high_MeV());
        CHECK(found.size() < 12);
        for (std::size_t i = 0; i < found.size(); ++i) {
          const auto& [from, to] = found[i]->energies_MeV;
          CHECK(to - from <= 3.0 * (from - limit) * (1 + 1e-12));
          CHECK((i == 0 || from == found[i - 1]->energies_MeV.high));
        }
      }
  }
}

TEST_CASE("integrals over cells agree with those node by node within their error") {
  // Like the spectra: a logarithm at the limit and powers of the energy; and a smooth function.
  const double limit = 1.27;
  for (const char* name : names) {
    const FluxModel& model = flux(name);
    const FluxCells cells(model, limit);
    for (const FluxCells::Cell* cell : cells.above(limit, limit)) {
      const auto& [low, high] = cell->energies_MeV;
      const auto singular = [&](double E) { return std::log(E - limit) / E; };
      const auto smooth = [&](double E) { return 1.0 + 0.3 * E; };
      const auto check = [&]<int n>(double largest_error) {
        Eigen::Matrix<double, n, 2> values;
        const auto nodes = cell->nodes_MeV<n>();
        for (int j = 0; j < n; ++j) {
          CHECK((nodes[j] > cell->energies_MeV.low && nodes[j] < cell->energies_MeV.high));
          values.row(j) << singular(nodes[j]), smooth(nodes[j]);
        }
        const auto found = cell->template operator()<2, n>(values);
        for (const std::size_t isotope : {0, 2}) {
          CAPTURE(name, low, high, isotope, n);
          const auto column = static_cast<Eigen::Index>(isotope);
          const double flat = direct(model, isotope, low, high, [](double) { return 1.0; });
          CHECK(cell->flux[isotope] == Approx(flat).epsilon(1e-13));
          const double expected = direct(model, isotope, low, high, singular);
          CHECK(std::abs(found.value(0, column) - expected) <=
                found.error(0, column) + 1e-14 * flat);
          CHECK(found.error(0, column) < largest_error * flat);
          CHECK(found.value(1, column) ==
                Approx(direct(model, isotope, low, high, smooth)).epsilon(1e-13));
        }
      };
      check.template operator()<8>(1e-3);
      check.template operator()<12>(1e-5);
      check.template operator()<FluxCells::order>(1e-7);
    }
  }
}
