// Tasks: bins, spectra and backgrounds.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "inputs.hpp"
#include "nuloop/experiment/background.hpp"
#include "nuloop/foundation/names.hpp"
#include "tasks.hpp"

namespace nuloop::benchmarks {
namespace {

using experiment::Binning;
using experiment::SignalBasis;
using physics::Observable;

std::string text(Observable observable) {
  return std::string(name_of(physics::observable_names, observable));
}

// Sum of NLO events in tao-30m.
double events(const SignalBasis& basis) {
  const auto& entry = *world().experiments.find("tao-30m");
  return basis.events_per_day(expansion(physics::Model::nlo), reactor_of(entry), entry.detector)
      .value.sum();
}

Task integrals(const std::string& name, const std::string& item, double items, Task::Use use,
               Observable observable, const std::string& flux, const Binning& binning) {
  return {name, item, items, use, [observable, flux, binning] {
            return [shape = fig7_shape(observable, flux, binning)] {
              return events(SignalBasis(shape));
            };
          }};
}

Task bin(Observable observable) {
  return integrals("bin/" + text(observable), "bin", 1.0, Task::Use::both, observable, "mueller",
                   Binning(1.0, 1.5, 0.5));
}

Task spectrum(Observable observable, const std::string& flux) {
  return integrals("spectrum/" + text(observable) + "/" + flux, "spectrum", 1.0, Task::Use::both,
                   observable, flux, Binning(1.0, 10.0, 0.5));
}

Task bins(unsigned count) {
  return integrals("bins/" + std::to_string(count), "bin", count, Task::Use::counting,
                   Observable::electromagnetic, "mueller", Binning(1.0, 10.0, 9.0 / count));
}

// Signals of all experiments under the three models of Fig. 7, and their backgrounds.
double all_spectra(Observable observable) {
  const Binning binning(1.0, 10.0, 0.5);
  const SignalBasis signal(fig7_shape(observable, "mueller", binning));
  const experiment::BackgroundBasis background(world().isotopes, binning, {}, 1e-10);
  double sum = 0.0;
  for (const char* name : {"cloud-surface", "cloud-25mwe", "cloud-300mwe", "tao-30m", "tao-44m"}) {
    const auto& entry = *world().experiments.find(name);
    for (const physics::Model model : models)
      sum += signal.events_per_day(expansion(model), reactor_of(entry), entry.detector).value.sum();
    sum +=
        background
            .events_per_day(world().backgrounds.find(entry.background)->overburden, entry.detector)
            .value.sum();
  }
  return sum;
}

Task five_detectors(Observable observable) {
  return {"five_detectors/" + text(observable), "set of spectra", 1.0, Task::Use::both,
          [observable] {
            world();
            return [observable] { return all_spectra(observable); };
          }};
}

Task background() {
  return {"background", "set of spectra", 1.0, Task::Use::both, [] {
            const auto& entry = *world().experiments.find("tao-30m");
            return [&entry, binning = Binning(1.0, 10.0, 0.5)] {
              return experiment::BackgroundBasis(world().isotopes, binning, {}, 1e-10)
                  .events_per_day(world().backgrounds.find(entry.background)->overburden,
                                  entry.detector)
                  .value.sum();
            };
          }};
}

}  // namespace

std::vector<Task> experiment_tasks() {
  std::vector<Task> tasks;
  for (const auto& [name, observable] : physics::observable_names)
    tasks.push_back(bin(observable));
  for (const auto& [name, observable] : physics::observable_names)
    for (const char* flux : {"mueller", "summation"})
      tasks.push_back(spectrum(observable, flux));
  for (const auto& [name, observable] : physics::observable_names)
    tasks.push_back(five_detectors(observable));
  tasks.push_back(background());
  for (const unsigned count : {9U, 18U, 36U, 72U, 144U})
    tasks.push_back(bins(count));
  return tasks;
}

}  // namespace nuloop::benchmarks
