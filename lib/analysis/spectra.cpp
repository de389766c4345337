// Jobs of kind "rates": expected spectra, isotope by isotope.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analyses.hpp"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace nuloop::analysis {
namespace {

using prediction::spectra_of_rates;

constexpr const char* fissile_scale = "/rates/fissile_isotope";
constexpr const char* cosmogenic_scale = "/rates/cosmogenic_isotope";

struct IsotopeSpectra {
  Rates all;
  prediction::RatesByIsotope by_isotope;
};

class RatesWork : public Tabulated<IsotopeSpectra> {
 public:
  explicit RatesWork(const Asked& asked) : Tabulated(asked) {
    add_bins();
    sweep::Scale fissile{fissile_scale, "fissile isotope", {}, experiment::fissile_count};
    fissile.names.assign(experiment::fissile_names.begin(), experiment::fissile_names.end());
    sweep::Scale cosmogenic{
        cosmogenic_scale, "cosmogenic isotope", {}, asked.world.isotopes.size()};
    for (const experiment::CosmogenicIsotope& isotope : asked.world.isotopes)
      cosmogenic.names.push_back(isotope.name);
    scales_.push_back(std::move(fissile));
    scales_.push_back(std::move(cosmogenic));

    const auto add = [&](const std::string& name, const char* meaning,
                         const std::vector<std::string>& along, auto get) {
      table_.add({"/rates/" + name, "1/day", meaning, Depth::outer, along}, get, rates_error);
    };
    for (std::size_t i = 0; i < 3; ++i)
      add(
          stored_rates[i].name, stored_rates[i].long_name,
          {bin_scale}, [i](const IsotopeSpectra& s) -> const auto& {
            return s.all.*spectra_of_rates[i];
          });
    add(
        "signal_by_isotope", "signal from the antineutrinos of each fissile isotope",
        {fissile_scale, bin_scale},
        [](const IsotopeSpectra& s) -> const auto& { return s.by_isotope.tested; });
    add(
        "background_by_isotope", "background of each cosmogenic isotope",
        {cosmogenic_scale, bin_scale},
        [](const IsotopeSpectra& s) -> const auto& { return s.by_isotope.background; });
  }

  double point_s(std::size_t) const override { return 3e-6; }

 protected:
  IsotopeSpectra outcome(const Point& point, const Row&) const override {
    return {point.calculator.rates(point.scenario),
            point.calculator.rates_by_isotope(point.scenario)};
  }
};

// Sums over the bins.
std::unique_ptr<Report> rates_report(const setup::Result& result) {
  auto report = std::make_unique<PointReport>(result);
  for (const auto& [name, heading] : {std::pair{"signal_lo", "LO signal (/day)"},
                                      {"signal", "signal (/day)"},
                                      {"background", "background (/day)"}}) {
    sweep::ResultTable table =
        result.table(std::string("/rates/") + name, Depth::outer, {bin_scale});
    const std::size_t bins = table.axes.back().values.size();
    table.axes.pop_back();
    std::vector<double> sums(table.values.size() / bins, 0.0);
    for (std::size_t i = 0; i < table.values.size(); ++i)
      if (!std::isnan(table.values[i]))  // a window with fewer bins
        sums[i / bins] += table.values[i];
    table.values = std::move(sums);
    report->add(std::move(table), std::string(name) + "_per_day", heading, number_text);
  }
  return report;
}

}  // namespace

constinit const Analysis rates_analysis = {
    .kind = {.name = "rates",
             .takes =
                 [](const Parameter& parameter) {
                   using Role = Parameter::Role;
                   return parameter.role == Role::cross_section || parameter.role == Role::rates ||
                          parameter.role == Role::propagation;
                 },
             .why_no_joint = "its members have spectra, it has none"},
    .work = [](const Asked& asked) -> std::unique_ptr<sweep::Work> {
      return std::make_unique<RatesWork>(asked);
    },
    .report = rates_report};

}  // namespace nuloop::analysis
