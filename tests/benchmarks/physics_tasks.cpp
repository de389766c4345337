// Tasks: the machine's arithmetic and the cross section.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "inputs.hpp"
#include "nuloop/foundation/names.hpp"
#include "nuloop/foundation/pack.hpp"
#include "nuloop/physics/dilogarithm.hpp"
#include "physics/dilogarithm_series.hpp"
#include "tasks.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>
#include <span>

namespace nuloop::benchmarks {
namespace {

using physics::Observable;

constexpr std::size_t many = 1024;

// n-th of numbers that fill (0, 1) evenly and without order: multiples of the golden ratio.
double scattered(std::size_t n) {
  double integer_part = 0.0;
  return std::modf(std::numbers::phi * static_cast<double>(n + 1), &integer_part);
}

std::vector<double> scattered_between(double low, double high) {
  std::vector<double> values(many);
  for (std::size_t n = 0; n < many; ++n)
    values[n] = low + (high - low) * scattered(n);
  return values;
}

// Calls function(x) for each of `values` and adds the results.
template <class Function>
Task::Body sum_over(std::vector<double> values, const Function& function) {
  return [values = std::move(values), function] {
    double sum = 0.0;
    for (const double value : values)
      sum += function(value);
    return sum;
  };
}

// Independent multiplications and additions, enough to hide their latency; what vector registers
// the flags of the build allow, the compiler uses.
constexpr std::size_t independent = 16;

Task::Body multiply_add() {
  return [start = scattered_between(0.0, 1.0)] {
    std::array<double, independent> x;
    std::copy_n(start.begin(), independent, x.begin());
    for (std::size_t n = 0; n < many; ++n)
      for (double& value : x)
        value = 0.999 * value + 1e-3;
    return std::accumulate(x.begin(), x.end(), 0.0);
  };
}

struct Point {
  double energy_MeV;
  double recoil_MeV;
};

// Points of the kind that a spectrum is integrated over: T of 1-10 MeV and E from the limit to 12
// MeV.
std::vector<Point> points() {
  std::vector<Point> list;
  for (std::size_t n = 0; n < many; ++n) {
    const double recoil_MeV = 1.0 + 9.0 * scattered(n);
    const double low_MeV = physics::min_energy_MeV(recoil_MeV);
    list.push_back({low_MeV + (12.0 - low_MeV) * scattered(many + n), recoil_MeV});
  }
  return list;
}

Task cross_section(Observable observable) {
  return {
      "cross_section/" + std::string(name_of(physics::observable_names, observable)), "evaluation",
      static_cast<double>(many), Task::Use::both, [observable] {
        return [observable, nlo = expansion(physics::Model::nlo), list = points(),
                scale_MeV = world().one_loop.scale_MeV] {
          double sum = 0.0;
          for (const auto& [energy_MeV, recoil_MeV] : list)
            sum +=
                physics::cross_section(nlo, observable, energy_MeV, recoil_MeV, scale_MeV).total();
          return sum;
        };
      }};
}

// The basis functions at T = 2 MeV for energies between two ends, one by one.
Task basis_at_recoil(const std::string& name, Observable observable, double low_MeV,
                     double high_MeV) {
  return {"basis_at_recoil/" + name, "evaluation", static_cast<double>(many), Task::Use::both,
          [observable, low_MeV, high_MeV] {
            const physics::BasisAtRecoil basis(observable, 2.0, world().one_loop.scale_MeV);
            std::vector<physics::EnergyPoint> list;
            for (const double energy_MeV : scattered_between(low_MeV, high_MeV))
              list.push_back(physics::energy_point(energy_MeV, basis.recoil()));
            return [basis, list] {
              double sum = 0.0;
              for (const physics::EnergyPoint& point : list) {
                const auto [born, photonic] = basis(point);
                sum += born.right + photonic.left + photonic.right + photonic.interference;
              }
              return sum;
            };
          }};
}

// The same, all energies in one call.
Task batch(const std::string& name, Observable observable, double low_MeV, double high_MeV) {
  return {"batch/" + name, "evaluation", static_cast<double>(many), Task::Use::both,
          [observable, low_MeV, high_MeV] {
            const physics::BasisAtRecoil basis(observable, 2.0, world().one_loop.scale_MeV);
            std::vector<physics::EnergyPoint> list;
            for (const double energy_MeV : scattered_between(low_MeV, high_MeV))
              list.push_back(physics::energy_point(energy_MeV, basis.recoil()));
            return
                [basis, list, values = std::vector<physics::BasisAtRecoil::Inner>(many)]() mutable {
                  basis(list, values);
                  return values.front().photonic.left + values.back().photonic.right;
                };
          }};
}

// Calls function(pack) for `values` in packs and adds the results.
template <class Function>
Task::Body sum_over_packs(const std::vector<double>& values, const Function& function) {
  std::vector<Pack> packs;
  for (std::size_t n = 0; n < many; n += pack_width)
    packs.push_back(Pack::load(std::span(values).subspan(n)));
  return [packs = std::move(packs), function] {
    Pack sum = 0.0;
    for (const Pack pack : packs)
      sum += function(pack);
    return sum[0];
  };
}

}  // namespace

std::vector<Task> physics_tasks() {
  const double limit_MeV = physics::min_energy_MeV(2.0);
  return {
      {"logarithm", "call", static_cast<double>(many), Task::Use::both,
       [] {
         return sum_over(scattered_between(0.01, 100.0), [](double x) { return std::log(x); });
       }},
      {"dilogarithm", "call", static_cast<double>(many), Task::Use::both,
       [] {
         return sum_over(scattered_between(-5.0, 1.0),
                         [](double x) { return physics::dilogarithm(x); });
       }},
      {"multiply_add", "multiplication and addition", static_cast<double>(independent * many),
       Task::Use::both, multiply_add},
      cross_section(Observable::electron),
      cross_section(Observable::electromagnetic),
      basis_at_recoil("electron", Observable::electron, limit_MeV, 12.0),
      basis_at_recoil("electromagnetic", Observable::electromagnetic, limit_MeV, 12.0),
      basis_at_recoil("radiative_tail", Observable::electromagnetic, 2.0, limit_MeV),
      {"batch/logarithm", "call", static_cast<double>(many), Task::Use::both,
       [] {
         return sum_over_packs(scattered_between(0.01, 100.0), [](Pack x) { return log(x); });
       }},
      {"batch/log1p", "call", static_cast<double>(many), Task::Use::both,
       [] {
         return sum_over_packs(scattered_between(0.01, 100.0), [](Pack x) { return log1p(x); });
       }},
      {"batch/dilogarithm", "call with known logarithms", static_cast<double>(many),
       Task::Use::both,
       [] {
         return sum_over_packs(scattered_between(-3.0, 3.0), [](Pack log_r) {
           return physics::dilogarithm_of_negative<Pack>(log_r, log_r + 0.5);
         });
       }},
      batch("electron", Observable::electron, limit_MeV, 12.0),
      batch("electromagnetic", Observable::electromagnetic, limit_MeV, 12.0),
  };
}

}  // namespace nuloop::benchmarks
