// Signal spectra: against integrations in another order, published rates and their own error.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/experiment/signal.hpp"

#include "catch.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/foundation/names.hpp"
#include "nuloop/physics/constants.hpp"
#include "unit/support.hpp"
#include "unit/world_fixture.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <boost/math/quadrature/gauss.hpp>
#include <boost/math/quadrature/tanh_sinh.hpp>
#include <omp.h>

namespace {

using namespace nuloop;
using experiment::Binning;
using experiment::Detector;
using experiment::FluxModel;
using experiment::PerFissile;
using experiment::Reactor;
using experiment::Response;
using experiment::SignalBasis;
using experiment::SignalShape;
using experiment::Spectrum;
using physics::Model;
using physics::Observable;

constexpr physics::Neutrino antineutrino{physics::Flavour::electron,
                                         physics::Helicity::antineutrino};
const Response perfect{};
constexpr double default_tolerance = 1e-10;  // that of configs/analysis.toml
constexpr double paper_s2 = 0.2334;

const FluxModel& flux(const std::string& name) {
  return test::world().fluxes.find(name)->model;
}

Reactor reactor_of(const std::string& experiment) {
  const auto& site = test::world().experiments.find(experiment)->reactor;
  return {site.thermal_power_GW, site.load_factor, site.fuel.fission_fractions,
          *test::world().energies_per_fission_MeV.find("ma-2013")};
}

Detector detector_of(const std::string& experiment) {
  return test::world().experiments.find(experiment)->detector;
}

SignalShape shape(Observable observable, const Binning& binning,
                  const std::string& flux_name = "mueller", double tolerance = default_tolerance,
                  const Response& response = perfect) {
  return {observable, flux(flux_name), binning, response, test::world().one_loop.scale_MeV,
          tolerance};
}

physics::Expansion expansion(Model model, double s2 = paper_s2) {
  return physics::expand(model, antineutrino, s2, test::world().one_loop);
}

Spectrum rates(const SignalBasis& basis, const std::string& experiment, Model model,
               double s2 = paper_s2) {
  return basis.events_per_day(expansion(model, s2), reactor_of(experiment),
                              detector_of(experiment));
}

// The paper's window; several tests look at it.
const SignalBasis& window(Observable observable, std::string_view flux_name = "mueller") {
  static std::map<std::pair<Observable, std::string>, SignalBasis> known;
  const auto key = std::make_pair(observable, std::string(flux_name));
  const auto found = known.find(key);
  if (found != known.end())
    return found->second;
  return known.emplace(key, SignalBasis(shape(observable, Binning(1.0, 10.0, 0.5), key.second)))
      .first->second;
}

// Electrons x days x fissions/s/(4 pi L^2) of tao-30m, from the numbers of the paper.
double tao_factor() {
  const double fissions = 4.60e9 * 0.80 / (205.9916e6 * 1.602176634e-19);
  return 2.8 * 3.372e29 * 86400.0 * fissions / (4.0 * std::acos(-1.0) * 3000.0 * 3000.0);
}

double tao_spectrum(const FluxModel& model, double energy_MeV) {
  const PerFissile<double> s = model(energy_MeV);
  return 0.561 * s[0] + 0.076 * s[1] + 0.307 * s[2] + 0.056 * s[3];
}

// Tree level integrated over T by hand: a polynomial of T at fixed E (cm^2).
double tree_level_in_bin(double E, double low, double high, double s2) {
  const double m = 0.51099895;
  const double k = 2.0 * std::sqrt(2.0) * 1.1663787e-5;
  const double right = k * s2, left = k * (s2 + 0.5);
  const double top = std::min(high, 2.0 * E * E / (m + 2.0 * E));
  if (top <= low)
    return 0.0;
  const auto primitive = [&](double T) {
    return right * right * T - left * left * E / 3.0 * std::pow(1.0 - T / E, 3) -
           left * right * m * T * T / (2.0 * E * E);
  };
  return 1e-6 * 0.3893793721e-27 * m / (4.0 * std::acos(-1.0)) * (primitive(top) - primitive(low));
}

double min_energy(double T) {
  return 0.5 * (T + std::sqrt(T * (T + 2.0 * 0.51099895)));
}

// Integral over E from `low` to the end of the flux, in pieces on which the integrand is smooth.
template <class Function>
double integrate_over_energy(const FluxModel& model, const std::vector<double>& kinks,
                             const Function& function) {
  std::vector<double> splits = model.knots_MeV();
  splits.insert(splits.end(), kinks.begin(), kinks.end());
  splits.push_back(model.high_MeV());
  std::sort(splits.begin(), splits.end());
  const double start = std::max(*std::min_element(kinks.begin(), kinks.end()), model.low_MeV());
  boost::math::quadrature::tanh_sinh<double> integrator;
  double sum = 0.0;
  for (std::size_t i = 1; i < splits.size(); ++i)
    if (splits[i - 1] >= start && splits[i] <= model.high_MeV() && splits[i] > splits[i - 1])
      sum += integrator.integrate(function, splits[i - 1], splits[i], 1e-12);
  return sum;
}

}  // namespace

TEST_CASE("the rates agree with those of an independent chain") {
  const auto rows = test::read_csv("rates_independent.csv");
  REQUIRE(rows.size() == 144);
  const std::map<std::string, Model> models = {
      {"lo", Model::lo}, {"lo+cr", Model::lo_cr}, {"nlo", Model::nlo}};
  for (const auto& row : rows) {
    const auto observable = *find_named(physics::observable_names, row.at("observable"));
    const Spectrum spectrum =
        rates(window(observable), row.at("experiment"), models.at(row.at("model")));
    const auto bin =
        static_cast<Eigen::Index>(std::lround((std::stod(row.at("bin_low")) - 1.0) / 0.5));
    const double expected = std::stod(row.at("signal_per_day"));
    INFO(row.at("experiment") << " " << row.at("model") << " " << row.at("observable") << " from "
                              << row.at("bin_low") << " MeV");
    // 2e-12 is what the chain claims; reached: 4e-14 and, for electrons, 5e-13.
    CHECK(spectrum.value[bin] == Approx(expected).epsilon(2e-12));
  }
}

TEST_CASE("the error estimate is below 1e-8 of every bin") {
  for (const char* flux_name : {"mueller", "huber"})
    for (const auto& [observable_name, observable] : physics::observable_names)
      for (const auto& [experiment, entry] : test::world().experiments.entries())
        for (const Model model : {Model::lo, Model::lo_cr, Model::nlo}) {
          if (entry.joint())
            continue;
          const Spectrum spectrum = rates(window(observable, flux_name), experiment, model);
          INFO(flux_name << " " << observable_name << " " << experiment << " "
                         << static_cast<int>(model));
          CHECK(spectrum.value.minCoeff() > 0.0);
          CHECK(spectrum.error.minCoeff() > 0.0);
          CHECK((spectrum.error / spectrum.value).maxCoeff() < 1e-8);
        }
}

TEST_CASE("the error estimate bounds the deviation from a finer integration") {
  // Wide bins, so that the rougher integrations have something to get wrong.
  const Binning binning(1.0, 11.8, 5.4);
  const Response edge{{}, {3.0, 0.5}};
  for (const auto& [flux_name, response] :
       {std::pair("mueller", perfect), std::pair("huber", perfect), std::pair("mueller", edge)})
    for (const auto& [observable_name, observable] : physics::observable_names) {
      const SignalBasis fine(shape(observable, binning, flux_name, 1e-12, response));
      for (const double tolerance : {1e-3, 1e-6}) {
        const SignalBasis coarse(shape(observable, binning, flux_name, tolerance, response));
        for (const Model model : {Model::lo, Model::lo_cr, Model::nlo}) {
          const Spectrum rough = rates(coarse, "tao-30m", model);
          const Spectrum sharp = rates(fine, "tao-30m", model);
          INFO(flux_name << " " << observable_name << " " << static_cast<int>(model) << ", "
                         << tolerance);
          CHECK(((rough.value - sharp.value).abs() <= rough.error + sharp.error).all());
          CHECK((sharp.error <= rough.error).all());
        }
      }
    }
}

TEST_CASE("the LO rate per tonne and day is 211, 98 and 141") {
  for (const auto& [observable_name, observable] : physics::observable_names)
    for (const auto& [experiment, expected] :
         std::vector<std::pair<std::string, double>>{{"tao-30m", 211.0},
                                                     {"tao-44m", 98.0},
                                                     {"cloud-surface", 141.0},
                                                     {"cloud-25mwe", 141.0},
                                                     {"cloud-300mwe", 141.0}}) {
      const double rate = rates(window(observable), experiment, Model::lo, 0.2312).value.sum() /
                          detector_of(experiment).mass_t;
      INFO(experiment << " " << observable_name);
      CHECK(rate == Approx(expected).margin(0.5));
    }
}

TEST_CASE("LO bins agree with an integral over E of the closed form in T") {
  for (const char* flux_name : {"mueller", "huber", "summation"}) {
    const Spectrum spectrum = rates(window(Observable::electron, flux_name), "tao-30m", Model::lo);
    for (const int bin : {0, 3, 9, 17}) {
      const double low = 1.0 + 0.5 * bin, high = low + 0.5;
      if (min_energy(low) >= flux(flux_name).high_MeV())
        continue;
      const double expected =
          tao_factor() * integrate_over_energy(flux(flux_name), {min_energy(low), min_energy(high)},
                                               [&](double E) {
                                                 return tao_spectrum(flux(flux_name), E) *
                                                        tree_level_in_bin(E, low, high, paper_s2);
                                               });
      INFO(flux_name << " from " << low << " MeV");
      CHECK(spectrum.value[bin] == Approx(expected).epsilon(1e-11));
    }
  }
}

TEST_CASE("a bin agrees with the cross section integrated over T first and E last") {
  struct Case {
    std::string flux;
    Eigen::Index bin;
    Model model;
  };
  boost::math::quadrature::tanh_sinh<double> integrator;
  for (const auto& [observable_name, observable] : physics::observable_names)
    for (const auto& [flux_name, bin, m] : std::vector<Case>{{"mueller", 2, Model::lo_cr},
                                                             {"mueller", 2, Model::nlo},
                                                             {"summation", 14, Model::nlo}}) {
      const FluxModel& model = flux(flux_name);
      const double low = 1.0 + 0.5 * static_cast<double>(bin), high = low + 0.5;
      const physics::Expansion sigma = expansion(m);
      const auto over_recoil = [&](double E) {
        const double limit = 2.0 * E * E / (0.51099895 + 2.0 * E);
        double sum = 0.0;
        const auto add = [&](double from, double to) {
          if (to > from)
            sum += integrator.integrate(
                [&](double T) {
                  return physics::cross_section(sigma, observable, E, T, 2000.0).total();
                },
                from, to, 1e-10);
        };
        add(low, std::min(high, limit));
        if (observable == Observable::electromagnetic)  // the radiative tail
          add(std::max(low, limit), std::min(high, E));
        return tao_spectrum(model, E) * sum;
      };
      std::vector<double> kinks = {min_energy(low), min_energy(high)};
      if (observable == Observable::electromagnetic)
        kinks.insert(kinks.end(), {low, high});
      const double expected = tao_factor() * integrate_over_energy(model, kinks, over_recoil);
      INFO(observable_name << " " << flux_name << " " << static_cast<int>(m));
      // The cross section is good to 1e-9 at a point; the points' errors average out.
      CHECK(rates(window(observable, flux_name), "tao-30m", m).value[bin] ==
            Approx(expected).epsilon(1e-10));
    }
}

TEST_CASE("fine bins add up to a coarse one") {
  for (const auto& [observable_name, observable] : physics::observable_names) {
    const SignalBasis coarse(shape(observable, Binning(1.0, 10.0, 9.0)));
    for (const Model model : {Model::lo, Model::lo_cr, Model::nlo}) {
      INFO(observable_name << " " << static_cast<int>(model));
      const Spectrum fine = rates(window(observable), "cloud-surface", model);
      const Spectrum one = rates(coarse, "cloud-surface", model);
      REQUIRE(one.value.size() == 1);
      CHECK(fine.value.sum() == Approx(one.value[0]).epsilon(1e-11));
    }
  }
}

TEST_CASE("a flux in three parts gives the sum of the parts") {
  // The parts start and end inside the window, also between T and the energies that reach it.
  const auto part = [](double low, double high) {
    const experiment::LogLinearTable table{{low, high}, {3.0 - 0.6 * low, 3.0 - 0.6 * high}};
    return FluxModel({table, table, table, table}, low, high);
  };
  for (const Observable observable : {Observable::electron, Observable::electromagnetic}) {
    const auto integrate = [&](const FluxModel& model) {
      // 1e-12 of a bin's largest function, so that four errors are below what is asked for here.
      const SignalShape whole{observable, model, {1.0, 10.0, 0.5}, perfect, 2000.0, 1e-12};
      return rates(SignalBasis(whole), "tao-30m", Model::nlo).value;
    };
    const Eigen::ArrayXd whole = integrate(part(0.5, 12.0));
    const Eigen::ArrayXd sum =
        integrate(part(0.5, 2.2)) + integrate(part(2.2, 8.0)) + integrate(part(8.0, 12.0));
    CHECK(((sum - whole) / whole).abs().maxCoeff() < 1e-11);
  }
}

TEST_CASE("bins next to the upper end of the flux hold what is left") {
  // The electromagnetic energy reaches that of the neutrino, the electron's stays below; nothing is
  // above 12 MeV.
  const Binning binning(11.0, 13.0, 0.25);
  for (const auto& [observable_name, observable] : physics::observable_names) {
    const Spectrum spectrum = rates(SignalBasis(shape(observable, binning)), "tao-30m", Model::nlo);
    const double top = 2.0 * 144.0 / (0.51099895 + 24.0);
    INFO(observable_name);
    for (std::size_t bin = 0; bin < binning.size(); ++bin) {
      const double value = spectrum.value[static_cast<Eigen::Index>(bin)];
      const double end = observable == Observable::electron ? top : 12.0;
      if (binning.low_MeV(bin) >= end)
        CHECK(value == 0.0);
      else
        CHECK(value > 0.0);
    }
  }
}

TEST_CASE("the result does not depend on the number of threads") {
  const int before = omp_get_max_threads();
  const Binning binning(1.0, 10.0, 3.0);
  for (const auto& [observable_name, observable] : physics::observable_names) {
    std::vector<Spectrum> spectra;
    for (const int threads : {1, 2, 3}) {
      omp_set_num_threads(threads);
      spectra.push_back(rates(SignalBasis(shape(observable, binning)), "tao-30m", Model::nlo));
    }
    omp_set_num_threads(before);
    for (const Spectrum& spectrum : spectra) {
      CHECK((spectrum.value == spectra.front().value).all());
      CHECK((spectrum.error == spectra.front().error).all());
    }
  }
}

TEST_CASE("rates are linear in mass, power and solid angle") {
  const SignalBasis& basis = window(Observable::electron);
  const Reactor reactor = reactor_of("tao-30m");
  const Eigen::ArrayXd one =
      basis.events_per_day(expansion(Model::nlo), reactor, {2.8, 30.0, 3e29}).value;
  Reactor twice = reactor;
  twice.thermal_power_GW *= 2.0;
  const Eigen::ArrayXd other =
      basis.events_per_day(expansion(Model::nlo), twice, {5.6, 60.0, 6e29}).value;
  CHECK((other / one - 2.0).abs().maxCoeff() < 1e-14);
}

TEST_CASE("a narrow resolution is the perfect one") {
  const Binning binning(1.0, 10.0, 1.5);
  for (const auto& [observable_name, observable] : physics::observable_names) {
    const Spectrum sharp = rates(SignalBasis(shape(observable, binning)), "tao-30m", Model::nlo);
    const Spectrum narrow =
        rates(SignalBasis(shape(observable, binning, "mueller", default_tolerance, {{1e-4, 0.0}})),
              "tao-30m", Model::nlo);
    // The change is of second order, 1e-8 T times the logarithmic derivatives, which reach 1e1.
    INFO(observable_name);
    CHECK(((narrow.value / sharp.value) - 1.0).abs().maxCoeff() < 1e-6);
  }
}

TEST_CASE("a resolution moves events across edges as diffusion does") {
  // Smearing with variance a^2 T adds (a^2 T S)''/2 + O(a^4) to the spectrum S, so that an integral
  // changes by (a^2 T S)'/2 at its upper edge less the same at its lower one.
  const double a = 0.005;
  const Binning one(2.0, 4.0, 2.0);
  const auto total = [&](const Binning& binning, const Response& response) {
    return rates(SignalBasis(shape(Observable::electron, binning, "mueller", 1e-11, response)),
                 "tao-30m", Model::nlo)
        .value;
  };
  const auto flow = [&](double T) {
    const double h = 0.02;
    // Bins about T give S and S' by central differences.
    const Eigen::ArrayXd s = total(Binning(T - h, T + h, h), perfect) / h;
    const double density = 0.5 * (s[0] + s[1]), slope = (s[1] - s[0]) / h;
    return 0.5 * a * a * (density + T * slope);
  };
  const double change = total(one, {{a, 0.0}})[0] - total(one, perfect)[0];
  // O(h^2) = 4e-4 from the differences and O(a^2 T) = 1e-4, times derivatives of order one.
  CHECK(change == Approx(flow(4.0) - flow(2.0)).epsilon(5e-3));
}

TEST_CASE("a resolution conserves the total of a wide window") {
  const Binning wide(0.05, 13.5, 13.45);
  for (const auto& [observable_name, observable] : physics::observable_names) {
    const double sharp =
        rates(SignalBasis(shape(observable, wide, "mueller", 1e-8)), "tao-30m", Model::nlo)
            .value[0];
    const double smeared =
        rates(SignalBasis(shape(observable, wide, "mueller", 1e-8, {{0.02, 0.01}})), "tao-30m",
              Model::nlo)
            .value[0];
    INFO(observable_name);
    // Events leave over the lower edge alone, (sigma^2 S)'/2 of them: sigma^2 = 4e-4 T and the
    // total is a few MeV times the density at the edge.
    CHECK(smeared == Approx(sharp).epsilon(5e-4));
    CHECK(smeared < sharp);
  }
}

TEST_CASE("the signal passes through efficiency, energy scale and resolution") {
  const experiment::EnergyTable scale{{0.5, 2.0, 6.0}, {0.95, 1.0, 1.03}};
  const experiment::EnergyTable table{{0.5, 1.5, 12.0}, {0.6, 0.8, 0.9}};
  const Response response{{0.05, 0.01, 0.02}, {1.3, 0.2, &table}, &scale};
  const Binning bins(1.0, 4.0, 1.0);
  const Spectrum spectrum =
      rates(SignalBasis(shape(Observable::electron, bins, "mueller", default_tolerance, response)),
            "tao-30m", Model::lo);

  // The same by hand, with tree level as a formula and the integrals in the other order.
  const double m = 0.51099895, k = 2.0 * std::sqrt(2.0) * 1.1663787e-5;
  const double right = k * paper_s2, left = k * (paper_s2 + 0.5);
  const auto recoil_spectrum = [&](double T) {
    const double start = min_energy(T);
    return integrate_over_energy(flux("mueller"), {start}, [&](double E) {
      const double u = 1.0 - T / E;
      return tao_spectrum(flux("mueller"), E) * 1e-6 * 0.3893793721e-27 * m /
             (4.0 * std::acos(-1.0)) *
             (right * right + left * left * u * u - left * right * m * T / (E * E));
    });
  };
  const auto normal = [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); };
  const auto ratio = [](double T) {
    return T < 0.5   ? 0.95
           : T < 2.0 ? 0.95 + (T - 0.5) / 30.0
           : T < 6.0 ? 1.0 + 0.0075 * (T - 2.0)
                     : 1.03;
  };
  const auto recorded = [&](double v) {
    const double tabulated = v < 0.5   ? 0.6
                             : v < 1.5 ? 0.6 + 0.2 * (v - 0.5)
                                       : 0.8 + 0.1 * (v - 1.5) / 10.5;
    return tabulated * normal((v - 1.3) / 0.2);
  };
  // The table of the efficiency bends at 1.5 MeV of visible energy, 1.5224... of deposited.
  const double bend = (-0.95 + 1.0 / 60.0 + std::sqrt(std::pow(0.95 - 1.0 / 60.0, 2) + 0.2)) * 15.0;
  std::vector<double> ends = {bend};
  for (int i = 10; i <= 130; ++i)  // 0.5 to 6.5 MeV, beyond which nothing is measured below 4
    ends.push_back(0.05 * i);
  std::sort(ends.begin(), ends.end());
  std::vector<double> sums(bins.size(), 0.0);
  boost::math::quadrature::gauss<double, 10> rule;
  for (std::size_t i = 1; i < ends.size(); ++i) {
    const double centre = 0.5 * (ends[i] + ends[i - 1]), half = 0.5 * (ends[i] - ends[i - 1]);
    for (std::size_t n = 0; n < rule.abscissa().size(); ++n)
      for (const double sign : {-1.0, 1.0}) {
        const double T = centre + sign * half * rule.abscissa()[n], v = T * ratio(T);
        const double weighted =
            half * rule.weights()[n] * recoil_spectrum(T) * recorded(v) * tao_factor();
        const double sigma = std::sqrt(0.0025 * v + 0.0001 * v * v + 0.0004);
        for (std::size_t bin = 0; bin < bins.size(); ++bin)
          sums[bin] += weighted * (normal((bins.high_MeV(bin) - v) / sigma) -
                                   normal((bins.low_MeV(bin) - v) / sigma));
      }
  }
  for (std::size_t bin = 0; bin < bins.size(); ++bin) {
    INFO("from " << bins.low_MeV(bin) << " MeV");
    CHECK(spectrum.value[static_cast<Eigen::Index>(bin)] == Approx(sums[bin]).epsilon(1e-9));
  }
}

TEST_CASE("what a memory holds makes sets of integrals cheaper, not other ones") {
  const Binning fine(1.0, 10.0, 0.5), coarse(1.0, 9.0, 2.0), higher(1.7, 9.0, 2.0);
  const Response edge{{}, {1.2, 0.1}}, wide{{}, {1.2, 0.4}}, smeared{{0.03, 0.01}, {}};
  for (const Observable observable : {Observable::electron, Observable::electromagnetic}) {
    experiment::SpectrumMemory memory;
    for (const auto& [binning, response] :
         {std::pair(fine, perfect), std::pair(fine, edge), std::pair(coarse, wide),
          std::pair(higher, edge), std::pair(coarse, smeared), std::pair(fine, wide)}) {
      const SignalShape wanted = shape(observable, binning, "mueller", default_tolerance, response);
      const Spectrum with = rates(SignalBasis(wanted, memory), "tao-30m", Model::nlo);
      const Spectrum without = rates(SignalBasis(wanted), "tao-30m", Model::nlo);
      CHECK((with.value == without.value).all());
      CHECK((with.error == without.error).all());
    }
  }
}

TEST_CASE("an edge of efficiency inside a bin divides it") {
  // A step, and one that is nearly a step: what is above the edge is recorded.
  const Spectrum parts =
      rates(SignalBasis(shape(Observable::electromagnetic, Binning(1.0, 2.0, 0.25))), "tao-30m",
            Model::nlo);
  for (const double width_MeV : {0.0, 1e-7}) {
    const Spectrum cut =
        rates(SignalBasis(shape(Observable::electromagnetic, Binning(1.0, 2.0, 1.0), "mueller",
                                default_tolerance, {{}, {1.25, width_MeV}})),
              "tao-30m", Model::nlo);
    CHECK(cut.value[0] == Approx(parts.value[1] + parts.value[2] + parts.value[3]).epsilon(1e-11));
    CHECK(cut.error[0] < 1e-9 * cut.value[0]);
  }
}

TEST_CASE("what disappears on the way is missing") {
  // 1 eV^2 over 30 m: 1.26693 x 30/E radians, several turns over the spectrum.
  const auto survives = [](double E) {
    return 1.0 - 0.1 * std::pow(std::sin(1.266932679 * 30.0 / E), 2);
  };
  const experiment::Survival survival{0.1, 1.0, 30.0};
  CHECK(survival(3.7) == Approx(survives(3.7)).epsilon(1e-9));
  const Binning bins(1.0, 10.0, 1.5);
  SignalShape some = shape(Observable::electron, bins);
  some.flux = some.flux.after(survival);
  const Spectrum spectrum = rates(SignalBasis(some), "tao-30m", Model::lo);
  for (std::size_t bin = 0; bin < bins.size(); ++bin) {
    const double low = bins.low_MeV(bin), high = bins.high_MeV(bin);
    const double expected =
        tao_factor() *
        integrate_over_energy(flux("mueller"), {min_energy(low), min_energy(high)}, [&](double E) {
          return tao_spectrum(flux("mueller"), E) * survives(E) *
                 tree_level_in_bin(E, low, high, paper_s2);
        });
    INFO("from " << low << " MeV");
    CHECK(spectrum.value[static_cast<Eigen::Index>(bin)] == Approx(expected).epsilon(1e-9));
  }
}

TEST_CASE("a tabulated flux gives nearly the rate of the conversion, with as small an error") {
  for (const auto& [observable_name, observable] : physics::observable_names) {
    const Spectrum table = rates(window(observable, "summation"), "tao-30m", Model::lo);
    const Spectrum polynomial = rates(window(observable), "tao-30m", Model::lo);
    // 0.962298: a fine sum in E of the closed form in T, done apart.
    CHECK(table.value.sum() / polynomial.value.sum() == Approx(0.962298).epsilon(1e-6));
    // The last bins are beyond the table and empty for the electron, or hold the tail's last part.
    CHECK((table.error <= 1e-8 * table.value).head(16).all());
  }
}

TEST_CASE("the error estimate of a rugged table bounds the deviation from a finer integration") {
  std::mt19937_64 engine(29);
  std::uniform_real_distribution<double> unit(0.0, 1.0);
  for (const auto& [observable_name, observable] : physics::observable_names) {
    // Knots 0.03 to 0.4 MeV apart, at each of which a spectrum is up to a third off a smooth one.
    std::vector<double> energies_MeV = {0.4};
    while (energies_MeV.back() < 9.5)
      energies_MeV.push_back(energies_MeV.back() + 0.03 * std::pow(13.0, unit(engine)));
    PerFissile<FluxModel::Spectrum> tables;
    for (auto& table : tables) {
      std::vector<double> logarithms;
      for (const double energy_MeV : energies_MeV)
        logarithms.push_back(2.0 - 0.8 * energy_MeV + 0.6 * (unit(engine) - 0.5));
      table = experiment::LogLinearTable{energies_MeV, logarithms};
    }
    const FluxModel rugged(tables, energies_MeV.front(), energies_MeV.back());
    const auto basis = [&](double tolerance) {
      return SignalBasis({observable, rugged, {0.6, 10.0, 0.47}, perfect, 2000.0, tolerance});
    };
    const SignalBasis fine = basis(1e-12);
    for (const double tolerance : {1e-5, 1e-7, 1e-9, 1e-10}) {
      const SignalBasis coarse = basis(tolerance);
      for (const Model model : {Model::lo, Model::nlo}) {
        const Spectrum rough = rates(coarse, "tao-30m", model);
        const Spectrum sharp = rates(fine, "tao-30m", model);
        INFO(observable_name << " " << static_cast<int>(model) << ", " << tolerance);
        CHECK(((rough.value - sharp.value).abs() <= rough.error + sharp.error).all());
      }
    }
  }
}

TEST_CASE("a tolerance that cannot be met is a numerical error") {
  const Binning binning(1.0, 10.0, 9.0);
  CHECK_THROWS_AS(SignalBasis(shape(Observable::electron, binning, "mueller", 1e-300)),
                  NumericalError);
}
