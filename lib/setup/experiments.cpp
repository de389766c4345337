// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments.hpp"

#include "nuloop/experiment/composition.hpp"
#include "nuloop/experiment/quenching.hpp"
#include "nuloop/experiment/units.hpp"
#include "nuloop/foundation/special_values.hpp"
#include "nuloop/setup/problems.hpp"
#include "operation.hpp"
#include "radioactivity.hpp"
#include "tables.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

#include <fmt/format.h>

namespace nuloop::setup {
namespace {

using experiment::EnergyTable;
using experiment::PerFissile;
using io::Dimension;
using io::Node;
using io::Range;
using io::TableReader;

// Published fractions miss one by rounding and by rare isotopes.
constexpr double most_missing_fissions = 0.05;

// The entry of a catalogue that a key names.
template <class T>
const T& named_in(const Catalogue<T>& catalogue, const Node& node, const std::string& key,
                  const char* what) {
  const std::string name = io::read_text(node, key);
  const T* entry = catalogue.find(name);
  if (entry == nullptr)
    io::fail(
        node.where, key,
        fmt::format("unknown {} \"{}\"; {}", what, name, io::suggestion(name, catalogue.names())));
  return *entry;
}

// The members of a joint experiment, which stand before it in the file.
std::vector<std::string> read_members(TableReader& entry,
                                      const Catalogue<ExperimentEntry>& experiments,
                                      std::size_t least) {
  const std::string key = entry.full_key("members");
  std::vector<std::string> single, members;
  for (const auto& [name, experiment] : experiments.entries())
    if (!experiment.joint())
      single.push_back(name);
  for (const Node& item : entry.array("members")) {
    const std::string name = io::read_text(item, key);
    if (std::find(single.begin(), single.end(), name) == single.end())
      io::fail(item.where, key,
               fmt::format("\"{}\" is none of the single experiments before it; {}", name,
                           io::suggestion(name, single)));
    if (std::find(members.begin(), members.end(), name) != members.end())
      io::fail(item.where, key, fmt::format("\"{}\" is listed twice", name));
    members.push_back(name);
  }
  if (members.size() < least)
    io::fail(entry.node("members").where, key,
             least > 1 ? "wants two or more experiments" : "wants an experiment");
  return members;
}

// A joint experiment.
void read_joint(TableReader& entry, const World& world,
                const Catalogue<ExperimentEntry>& experiments, ExperimentEntry& joint) {
  constexpr double most_periods = 100.0;
  if (entry.has("periods")) {
    const double periods = entry.number("periods", Range::within(2.0, most_periods));
    if (periods != std::floor(periods))
      io::fail(entry.node("periods").where, entry.full_key("periods"), "wants a whole number");
    joint.periods = static_cast<std::size_t>(periods);
  }
  const bool may_be_one = joint.periods > 1 || entry.has("fuel");
  joint.members = read_members(entry, experiments, may_be_one ? 1 : 2);
  if (entry.has("fuel"))
    joint.fuel = named_in(world.fuels, entry.node("fuel"), entry.full_key("fuel"), "fuel").fuel;
  if (joint.periods > 1 &&
      std::none_of(joint.members.begin(), joint.members.end(), [&](const std::string& member) {
        return joint.fuel.value_or(experiments.find(member)->reactor.fuel).burns_up();
      }))
    io::fail(entry.node("periods").where, entry.full_key("periods"),
             "means nothing: the fuel of all members stays the same; `fuel` names another one");
}

// Whether a member stands in this file before `joint` and could not be read, which has been said.
bool has_failed_members(TableReader& entry, const std::string& joint, const Node& root,
                        const Catalogue<ExperimentEntry>& experiments) {
  const Node::Array& members = entry.array("members");
  for (const auto& [name, node] : *root.table()) {
    if (name == joint)
      return false;
    if (experiments.find(name) == nullptr &&
        std::any_of(members.begin(), members.end(), [&, &key = name](const Node& member) {
          return member.text() != nullptr && *member.text() == key;
        }))
      return true;
  }
  return false;
}

// The mass fractions of a material's elements.
std::vector<double> read_composition(TableReader table) {
  constexpr double rounding = 2e-3;
  std::vector<double> fractions;
  for (const experiment::Element& element : experiment::elements)
    fractions.push_back(
        table.has(element.symbol)
            ? table.quantity(element.symbol, Dimension::relative, Range::within(0.0, 1.0))
            : 0.0);
  table.finish();
  const double sum = std::accumulate(fractions.begin(), fractions.end(), 0.0);
  if (std::abs(sum - 1.0) > rounding)
    io::fail(table.where(), table.full_key(""),
             fmt::format("mass fractions sum to {:.6g}, not to 1", sum));
  return fractions;
}

// Electrons, and free protons where those are counted, of a target of which either is given. A
// composition says how many protons there are in any case.
void read_targets(TableReader& entry, ExperimentEntry& experiment) {
  const bool counts_protons = experiment.beta_decay.has_value();
  experiment::Detector& detector = experiment.detector;
  if (!entry.has("composition")) {
    detector.electrons_per_t =
        entry.quantity("electrons", Dimension::inverse_mass, Range::positive());
    if (counts_protons)
      detector.protons_per_t =
          entry.quantity("protons", Dimension::inverse_mass, Range::positive());
    return;
  }
  for (const char* key : {"electrons", "protons"})
    if (entry.has(key))
      io::fail(entry.node(key).where, entry.full_key(key),
               "and composition say the same thing: one of them is enough");
  const std::vector<double> fractions = read_composition(entry.table("composition"));
  detector.electrons_per_t = experiment::electrons_per_t(fractions);
  detector.protons_per_t = experiment::protons_per_t(fractions);
  if (counts_protons && detector.protons_per_t == 0.0)
    io::fail(entry.node("composition").where, entry.full_key("composition"),
             "has no hydrogen, and inverse beta decay needs free protons");
}

// What the experiment counts.
void read_channel(TableReader& entry, const World& world, ExperimentEntry& experiment) {
  const std::string channel = entry.has("channel") ? entry.text("channel") : "nue";
  if (channel == "nue") {
    for (const char* key : {"cross_section", "protons"})
      if (entry.has(key))
        io::fail(entry.node(key).where, entry.full_key(key),
                 "is of an experiment that counts inverse beta decays: channel = \"ibd\"");
    return;
  }
  if (channel != "ibd")
    io::fail(entry.node("channel").where, entry.full_key("channel"),
             fmt::format("unknown \"{}\"; wants \"nue\" (scattering off electrons) or \"ibd\" "
                         "(inverse beta decay)",
                         channel));
  experiment.beta_decay =
      named_in(world.beta_decays, entry.node("cross_section"), entry.full_key("cross_section"),
               "cross section of inverse beta decay")
          .inputs;
}

// Inverse beta decays in the target of a scattering experiment.
std::optional<BetaDecayLeak> read_leak(TableReader table, const World& world,
                                       std::optional<double> protons_per_t) {
  const Range share = Range::within(0.0, 1.0);
  BetaDecayLeak leak{
      named_in(world.beta_decays, table.node("cross_section"), table.full_key("cross_section"),
               "cross section of inverse beta decay")
          .inputs,
      0.0,
      table.quantity("prompt", Dimension::relative, share),
      0.0,
      0.0,
      table.quantity("uncertainty", Dimension::relative, Range::non_negative())};
  if (table.has_with("captures", {"capture_energy"})) {
    leak.captures = table.quantity("captures", Dimension::relative, share);
    leak.capture_energy_MeV =
        table.quantity("capture_energy", Dimension::energy, Range::positive());
  }
  if (leak.prompt + leak.captures > 1.0)
    io::fail(table.node("prompt").where, table.full_key("prompt"),
             "and captures are shares of the same decays, and sum to more than 1");
  if (protons_per_t && table.has("protons"))
    io::fail(table.node("protons").where, table.full_key("protons"),
             "and composition say the same thing: one of them is enough");
  leak.protons_per_t =
      protons_per_t ? *protons_per_t
                    : table.quantity("protons", Dimension::inverse_mass, Range::non_negative());
  table.finish();
  return leak;
}

std::optional<Window> read_window(TableReader& entry) {
  if (!entry.has("window"))
    return std::nullopt;
  TableReader table = entry.table("window");
  const Range energies = Range::above_up_to(0.0, physics::highest_spectrum_energy_MeV);
  if (table.has("edges")) {
    const auto edges = read_energies(table, "edges");
    read_numbers(table, "edges", energies);  // says what is wrong with one of them
    for (const char* key : {"low", "high", "bin_width"})
      if (table.has(key))
        table.node(key);  // of a window over which this one is laid
    table.finish();
    return Window{edges.front(), edges.back(), 0.0, edges};
  }
  const Window window{table.quantity("low", Dimension::energy, Range::positive()),
                      table.quantity("high", Dimension::energy, energies),
                      table.quantity("bin_width", Dimension::energy, Range::positive())};
  table.finish();
  const std::string problem = window_problem(window.low_MeV, window.high_MeV, window.bin_width_MeV);
  if (!problem.empty())
    io::fail(entry.node("window").where, entry.full_key("window"), problem);
  return window;
}

std::vector<SignalUncertainty> read_signal_uncertainties(TableReader& entry) {
  std::vector<SignalUncertainty> uncertainties;
  if (!entry.has("signal_uncertainties"))
    return uncertainties;
  for (const Node& item : entry.array("signal_uncertainties")) {
    TableReader table(item, entry.full_key("signal_uncertainties"));
    uncertainties.push_back({table.quantity("size", Dimension::relative, Range::positive()),
                             table.has("correlation") ? table.text("correlation") : "",
                             table.text("of")});
    table.finish();
  }
  return uncertainties;
}

// By Birks' law, in a target with so many electrons.
EnergyTable read_quenching(TableReader& table, double electrons_per_t) {
  const experiment::Material material{
      electrons_per_t / (experiment::avogadro_per_mol * experiment::gram_per_t),
      table.quantity("mean_excitation", Dimension::energy, Range::within(1e-5, 1e-3))};
  const double birks = table.quantity("birks", Dimension::quenching, Range::within(0.0, 1.0));
  const double at_MeV =
      table.quantity("calibrated_at", Dimension::energy, Range::within(0.01, 30.0));
  table.finish();
  return experiment::quenched_scale(material, birks, at_MeV);
}

// Why visible energy does not grow with the deposited one between all points of a table of their
// ratio; empty if it does. Linear ratios r make it a parabola, which grows from E1 to E2 if it does
// at both ends, where its slopes are its mean one and r2 - r1 more or less.
std::string falling_scale_problem(const EnergyTable& scale) {
  for (std::size_t i = 1; i < scale.values.size(); ++i) {
    const double first = scale.energies_MeV[i - 1], last = scale.energies_MeV[i];
    const double mean_slope =
        (last * scale.values[i] - first * scale.values[i - 1]) / (last - first);
    if (mean_slope <= std::abs(scale.values[i] - scale.values[i - 1]))
      return fmt::format(
          "visible energy does not grow all the way from {} to {} MeV of deposited energy, between "
          "which its ratio to the deposited one is linear; more points in between can say how it "
          "goes",
          first, last);
  }
  return "";
}

// `visible` energies of a table by `deposited` ones, as the ratio of the two, or Birks' law.
EnergyTable read_energy_scale(TableReader table, double electrons_per_t) {
  table.refuse_beside("birks", {"deposited", "visible"});
  if (table.has_with("birks", {"mean_excitation", "calibrated_at"}))
    return read_quenching(table, electrons_per_t);
  const auto deposited = read_energies(table, "deposited");
  const auto visible = read_energies(table, "visible");
  if (deposited.size() != visible.size())
    io::fail(table.node("visible").where, table.full_key("visible"),
             fmt::format("wants {} values, one per deposited energy, not {}", deposited.size(),
                         visible.size()));
  if (deposited.front() == 0.0 || visible.front() == 0.0)
    io::fail(table.where(), table.full_key("deposited"),
             "energies must be above 0: at 0 their ratio has no value");
  EnergyTable scale{deposited, visible};
  std::transform(visible.begin(), visible.end(), deposited.begin(), scale.values.begin(),
                 std::divides<>());
  if (const std::string problem = falling_scale_problem(scale); !problem.empty())
    io::fail(table.node("visible").where, table.full_key("visible"), problem);
  table.finish();
  return scale;
}

// A share at all energies, or a table with it, an edge, or values at visible energies.
void read_efficiency(TableReader& entry, ExperimentEntry& experiment) {
  if (!entry.has("efficiency"))
    return;
  const Range share = Range::above_up_to(0.0, 1.0);
  if (entry.node("efficiency").table() == nullptr) {
    experiment.detector.efficiency = entry.quantity("efficiency", Dimension::relative, share);
    return;
  }
  TableReader table = entry.table("efficiency");
  if (table.has("everywhere"))
    experiment.detector.efficiency = table.quantity("everywhere", Dimension::relative, share);
  if (table.has_with("threshold", {"width"})) {
    auto& edge = experiment.response.efficiency;
    edge.threshold_MeV = table.quantity("threshold", Dimension::energy, Range::positive());
    edge.width_MeV = table.quantity("width", Dimension::energy, Range::non_negative());
  }
  if (table.has_with("energies", {"values"})) {
    auto energies = read_energies(table);
    auto values = read_column(table, "values", Range::within(0.0, 1.0), energies.size());
    if (*std::max_element(values.begin(), values.end()) == 0.0)
      io::fail(table.node("values").where, table.full_key("values"), "are all zero");
    experiment.efficiency = EnergyTable{std::move(energies), std::move(values)};
  }
  table.finish();
}

// A table, or 1 without one, that is off by relative amounts, linear between energies: with all
// points of both.
MovedTables moved_tables(const std::optional<EnergyTable>& own, const EnergyTable& relative) {
  std::vector<double> energies = relative.energies_MeV;
  if (own)
    energies.insert(energies.end(), own->energies_MeV.begin(), own->energies_MeV.end());
  std::sort(energies.begin(), energies.end());
  energies.erase(std::unique(energies.begin(), energies.end()), energies.end());
  MovedTables moved;
  for (std::size_t i = 0; i < moved.tables.size(); ++i) {
    EnergyTable& table = moved.tables[i];
    table.energies_MeV = energies;
    for (const double energy : energies)
      table.values.push_back((own ? (*own)(energy) : 1.0) *
                             (1.0 + MovedTables::steps[i] * MovedTables::step * relative(energy)));
  }
  return moved;
}

// Energies of a part of the response uncertainties, which beyond their ends stay as there.
std::vector<double> read_response_energies(TableReader& table, const std::string& key) {
  auto energies = read_energies(table, key);
  if (energies.front() > physics::highest_spectrum_energy_MeV)
    io::fail(table.node(key).where, table.full_key(key),
             fmt::format("begin at {} MeV, above the energies of all events; are they keV?",
                         energies.front()));
  return energies;
}

// Of an experiment whose response has been read.
ResponseUncertainties read_response_uncertainties(TableReader table,
                                                  const ExperimentEntry& experiment) {
  ResponseUncertainties uncertainties;
  if (table.has("efficiency"))
    uncertainties.efficiency =
        table.quantity("efficiency", Dimension::relative, Range::within(0.0, 1.0));
  if (table.has("threshold")) {
    if (experiment.response.efficiency.threshold_MeV == 0.0)
      io::fail(table.node("threshold").where, table.full_key("threshold"),
               "the efficiency of this experiment has no threshold");
    uncertainties.threshold_MeV =
        table.quantity("threshold", Dimension::energy, Range::non_negative());
  }
  if (table.has_with("deposited", {"visible"})) {
    auto energies = read_response_energies(table, "deposited");
    if (energies.front() == 0.0)
      io::fail(table.node("deposited").where, table.full_key("deposited"),
               "energies must be above 0");
    auto relative = read_column(table, "visible", Range::inside(-0.2, 0.2), energies.size());
    uncertainties.scale =
        moved_tables(experiment.energy_scale, {std::move(energies), std::move(relative)});
    for (const EnergyTable& moved : uncertainties.scale->tables)
      if (const std::string problem = falling_scale_problem(moved); !problem.empty())
        io::fail(table.node("visible").where, table.full_key("visible"), "with it " + problem);
  }
  if (table.has_with("energies", {"recorded"})) {
    auto energies = read_response_energies(table, "energies");
    auto relative = read_column(table, "recorded", Range::inside(-1.0, 1.0), energies.size());
    uncertainties.shares =
        moved_tables(experiment.efficiency, {std::move(energies), std::move(relative)});
  }
  table.finish();
  return uncertainties;
}

experiment::Resolution read_resolution(TableReader table) {
  experiment::Resolution resolution{};
  if (table.has("stochastic"))
    resolution.stochastic =
        table.quantity("stochastic", Dimension::relative, Range::within(0.0, 0.5));
  if (table.has("constant"))
    resolution.constant = table.quantity("constant", Dimension::relative, Range::within(0.0, 0.1));
  if (table.has("noise"))
    resolution.noise_MeV = table.quantity("noise", Dimension::energy, Range::within(0.0, 1.0));
  table.finish();
  return resolution;
}

// The resolution among the keys of analysis.toml, written as a table or as resolution.KEY.
experiment::Resolution default_resolution(const Node& defaults) {
  constexpr std::string_view prefix = "resolution.";
  Node own{Node::Table{}, defaults.where};
  for (const auto& [key, value] : *defaults.table())
    if (key == "resolution" && value.table() != nullptr)
      own = io::merged(std::move(own), value);
    else if (key.starts_with(prefix))
      own = io::merged(std::move(own),
                       {Node::Table{{key.substr(prefix.size()), value}}, value.where});
  return read_resolution({own, "resolution"});
}

void read_response(TableReader& entry, ExperimentEntry& experiment) {
  read_efficiency(entry, experiment);
  if (entry.has("dead_time"))
    experiment.detector.dead_time = entry.quantity(
        "dead_time", Dimension::relative, Range{0.0, Range::End::closed, 1.0, Range::End::open});
  if (entry.has("energy_scale"))
    experiment.energy_scale =
        read_energy_scale(entry.table("energy_scale"), experiment.detector.electrons_per_t);
  experiment.has_resolution = entry.has("resolution");
  if (experiment.has_resolution)
    experiment.response.resolution = read_resolution(entry.table("resolution"));
  if (entry.has("live_time"))
    experiment.detector.live_time =
        entry.quantity("live_time", Dimension::relative, Range::above_up_to(0.0, 1.0));
  if (entry.has("lost_photons"))
    experiment.lost_photons =
        entry.quantity("lost_photons", Dimension::relative, Range::within(0.0, 1.0));
  if (entry.has("response_uncertainties"))
    experiment.response_uncertainties =
        read_response_uncertainties(entry.table("response_uncertainties"), experiment);
}

std::vector<FurtherCore> read_further_cores(TableReader& entry,
                                            const Catalogue<ReactorSite>& reactors) {
  std::vector<FurtherCore> cores;
  if (!entry.has("further_cores"))
    return cores;
  for (const Node& item : entry.array("further_cores")) {
    TableReader core(item, entry.full_key("further_cores"));
    cores.push_back({named_in(reactors, core.node("reactor"), core.full_key("reactor"), "reactor"),
                     core.quantity("baseline", Dimension::length, Range::positive())});
    core.finish();
  }
  return cores;
}

std::vector<std::string> read_further_backgrounds(TableReader& entry, const World& world) {
  std::vector<std::string> names;
  if (!entry.has("further_backgrounds"))
    return names;
  const std::string key = entry.full_key("further_backgrounds");
  for (const Node& item : entry.array("further_backgrounds")) {
    named_in(world.sources, item, key, "spectrum of a background");
    names.push_back(io::read_text(item, key));
    if (std::count(names.begin(), names.end(), names.back()) > 1)
      io::fail(item.where, key, fmt::format("\"{}\" is listed twice", names.back()));
  }
  return names;
}

// What a decay sets free at most, of any isotope.
constexpr double most_of_a_decay_MeV = 30.0;

experiment::BetaBranch read_branch(const Node& node, const std::string& key) {
  TableReader table(node, key);
  const std::string beta = table.text("beta");
  if (beta != "electron" && beta != "positron")
    io::fail(table.node("beta").where, table.full_key("beta"),
             "wants \"electron\" or \"positron\"");
  const experiment::BetaBranch branch{
      beta == "electron" ? experiment::BetaSign::electron : experiment::BetaSign::positron,
      table.number("fraction", Range::above_up_to(0.0, 1.0)),
      table.quantity("endpoint", Dimension::energy, Range::within(0.01, most_of_a_decay_MeV)),
      table.quantity("extra_visible", Dimension::energy, Range::within(0.0, most_of_a_decay_MeV))};
  table.finish();
  return branch;
}

// The range of a spectrum whose shape has no end of its own.
std::pair<double, double> read_ends(TableReader& entry, const Range& low_range) {
  const double low = entry.quantity("low", Dimension::energy, low_range);
  const double high = entry.quantity("high", Dimension::energy, Range::positive());
  if (high <= low)
    io::fail(entry.node("high").where, entry.full_key("high"), "must be above low");
  return {low, high};
}

// Contents of bins, or values per MeV in bins or at energies.
experiment::SpectralShape read_table_shape(TableReader& entry) {
  const Range values = Range::non_negative();
  const auto check = [&](const char* key, std::size_t size, std::size_t wanted) {
    if (size != wanted)
      io::fail(entry.node(key).where, entry.full_key(key),
               fmt::format("wants {} values, not {}", wanted, size));
  };
  if (entry.has("energies")) {
    EnergyTable table{read_energies(entry), read_numbers(entry, "per_MeV", values)};
    check("per_MeV", table.values.size(), table.energies_MeV.size());
    return table;
  }
  experiment::StepTable bins{read_energies(entry, "edges"), {}};
  const bool per_bin = !entry.has("per_MeV");
  const char* key = per_bin ? "per_bin" : "per_MeV";
  bins.values = read_numbers(entry, key, values);
  check(key, bins.values.size(), bins.edges_MeV.size() - 1);
  if (per_bin)
    for (std::size_t i = 0; i < bins.values.size(); ++i)
      bins.values[i] /= bins.edges_MeV[i + 1] - bins.edges_MeV[i];
  return bins;
}

experiment::SpectralShape read_shape(TableReader& entry) {
  const std::string name = entry.text("spectrum");
  if (name == "flat") {
    const auto [low, high] = read_ends(entry, Range::non_negative());
    return experiment::ExponentialShape{low, high, infinity};
  }
  if (name == "exponential") {
    const auto [low, high] = read_ends(entry, Range::non_negative());
    return experiment::ExponentialShape{
        low, high, entry.quantity("scale", Dimension::energy, Range::positive())};
  }
  if (name == "power-law") {
    const auto [low, high] = read_ends(entry, Range::positive());
    return experiment::PowerLawShape{low, high, entry.number("power", Range::within(-20.0, 20.0))};
  }
  if (name == "line")
    return experiment::LineShape{
        entry.quantity("energy", Dimension::energy, Range::positive()),
        entry.has("width") ? entry.quantity("width", Dimension::energy, Range::non_negative())
                           : 0.0};
  if (name != "table")
    io::fail(entry.node("spectrum").where, entry.full_key("spectrum"),
             io::suggestion(name, {"flat", "exponential", "power-law", "line", "table", "chain"}));
  return read_table_shape(entry);
}

// A rate per day, or per day and tonne: "12 /day" or "12 /day/t".
void read_rate(TableReader& entry, experiment::BackgroundSource& source) {
  const bool per_mass = entry.has("rate_per_mass");
  if (per_mass && entry.has("rate"))
    io::fail(entry.node("rate").where, entry.full_key("rate"),
             "and rate_per_mass: a spectrum has one of them");
  if (per_mass)
    source.rate_per_t_day =
        entry.quantity("rate_per_mass", Dimension::rate_per_mass, Range::non_negative());
  else
    source.rate_per_day = entry.quantity("rate", Dimension::rate, Range::non_negative());
}

// A spectrum of a certain shape, and its rate.
void read_shape_source(TableReader& entry, experiment::BackgroundSource& source) {
  source.shape = read_shape(entry);
  const double integral = experiment::integral_of(source.shape);
  if (!(integral > 0.0) || !std::isfinite(integral))
    io::fail(entry.where(), entry.full_key("spectrum"), "has no finite integral above zero");
  // A table holds counts per day, unless it is a shape to which a rate is given.
  if (entry.text("spectrum") == "table" && !entry.has("rate") && !entry.has("rate_per_mass"))
    source.rate_per_day = integral;
  else
    read_rate(entry, source);
  const std::string energies = entry.text("energies_are");
  if (energies != "deposited" && energies != "measured")
    io::fail(entry.node("energies_are").where, entry.full_key("energies_are"),
             "wants \"deposited\" (the response of the detector is applied) or \"measured\" (it is "
             "in the spectrum already)");
  source.spectrum_of =
      energies == "measured" ? experiment::SpectrumOf::measured : experiment::SpectrumOf::deposited;
}

experiment::BackgroundSource read_source(TableReader& entry, const std::string& title,
                                         const World& world, std::vector<IdleKey>& idle) {
  experiment::BackgroundSource source;
  source.title = title;
  if (entry.text("spectrum") == "chain")
    idle = read_chain_source(entry, world.chains, source);
  else
    read_shape_source(entry, source);
  source.relative_error = entry.quantity("uncertainty", Dimension::relative, Range::non_negative());
  if (entry.has("correlation"))
    source.correlation_group = entry.text("correlation");
  return source;
}

PerFissile<double> read_fission_fractions(TableReader& entry, const std::string& key) {
  TableReader table = entry.table(key);
  const auto fractions = read_per_fissile(table, Dimension::number, Range::within(0.0, 1.0));
  if (std::all_of(fractions.begin(), fractions.end(), [](double share) { return share == 0.0; }))
    io::fail(table.where(), entry.full_key(key), "are all zero");
  const double sum = std::accumulate(fractions.begin(), fractions.end(), 0.0);
  if (std::abs(sum - 1.0) > most_missing_fissions)
    io::fail(table.where(), entry.full_key(key),
             fmt::format("sum to {:.4g}; they are shares of all fissions, which sum to 1", sum));
  table.finish();
  return fractions;
}

}  // namespace

experiment::Fuel read_fuel(TableReader& entry) {
  experiment::Fuel fuel{read_fission_fractions(entry, "fission_fractions")};
  if (!entry.has("fission_fractions_at_end"))
    return fuel;
  const PerFissile<double> begin = fuel.fission_fractions;
  const PerFissile<double> end = read_fission_fractions(entry, "fission_fractions_at_end");
  for (std::size_t i = 0; i < begin.size(); ++i) {
    fuel.fission_fractions[i] = 0.5 * (begin[i] + end[i]);
    fuel.half_change[i] = 0.5 * (end[i] - begin[i]);
  }
  return fuel;
}

Catalogue<ReactorSite> read_reactors(TableReader table, const FileWithOthers& files) {
  Catalogue<ReactorSite> reactors;
  for_each_table(table, [&](const std::string& name, TableReader& entry) {
    ReactorSite site;
    site.title = entry.text("title");
    site.thermal_power_GW = entry.quantity("thermal_power", Dimension::power, Range::positive());
    site.operation = read_operation(entry, files);
    site.load_factor =
        site.operation ? 0.0 : entry.number("load_factor", Range::above_up_to(0.0, 1.0));
    site.fuel = read_fuel(entry);
    entry.text("source");
    reactors.add(name, std::move(site));
  });
  return reactors;
}

void read_backgrounds(const Node& root, World& world) {
  TableReader table(root, "");
  for_each_table(table, [&](const std::string& name, TableReader& entry) {
    const std::string title = entry.text("title");
    entry.text("source");
    if (entry.has("spectrum")) {
      std::vector<IdleKey> idle;
      world.sources.add(name, read_source(entry, title, world, idle));
      if (!idle.empty())
        world.idle_keys.emplace(name, std::move(idle));
      return;
    }
    world.backgrounds.add(
        name,
        {title,
         {entry.quantity("muon_flux", Dimension::particle_flux, Range::non_negative()),
          GeV_per_MeV * entry.quantity("mean_muon_energy", Dimension::energy, Range::positive())}});
  });
}

std::vector<experiment::CosmogenicIsotope> read_isotopes(const Node& root) {
  TableReader table(root, "");
  std::vector<experiment::CosmogenicIsotope> isotopes;
  const Range muon_energies_MeV = Range::within(1e3, 1e6);  // far outside: another unit is meant
  for_each_table(table, [&](const std::string& name, TableReader& entry) {
    experiment::CosmogenicIsotope isotope;
    isotope.name = name;
    const double charge = entry.number("daughter_charge", Range::within(1.0, 100.0));
    if (charge != std::floor(charge))
      io::fail(entry.node("daughter_charge").where, entry.full_key("daughter_charge"),
               "wants a whole number");
    isotope.daughter_charge = static_cast<int>(charge);
    isotope.yield_cm2_per_g =
        entry.quantity("yield", Dimension::area_per_mass, Range::non_negative());
    isotope.yield_error_cm2_per_g =
        entry.quantity("yield_error", Dimension::area_per_mass, Range::non_negative());
    isotope.reference_energy_GeV =
        GeV_per_MeV * entry.quantity("reference_energy", Dimension::energy, muon_energies_MeV);
    isotope.energy_exponent = entry.number("energy_exponent", Range::within(-5.0, 5.0));
    entry.text("source");
    for (const Node& branch : entry.array("branches"))
      isotope.branches.push_back(read_branch(branch, entry.full_key("branches")));
    if (isotope.branches.empty())
      io::fail(entry.node("branches").where, entry.full_key("branches"),
               "wants at least one branch");
    double sum = 0.0;
    for (const experiment::BetaBranch& one : isotope.branches)
      sum += one.fraction;
    if (sum > 1.0 + 1e-6)
      io::fail(entry.node("branches").where, entry.full_key("branches"),
               fmt::format("make {:.6g} betas of a decay: fractions sum to 1 or less", sum));
    isotopes.push_back(std::move(isotope));
  });
  return isotopes;
}

Catalogue<ExperimentEntry> read_experiments(const Node& root,
                                            const Catalogue<ReactorSite>& reactors,
                                            const World& world) {
  TableReader table(root, "");
  const experiment::Resolution resolution = default_resolution(world.defaults);
  Catalogue<ExperimentEntry> experiments;
  for_each_table(table, [&](const std::string& name, TableReader& entry) {
    ExperimentEntry experiment;
    experiment.response.resolution = resolution;
    experiment.title = entry.text("title");
    experiment.where = entry.where();
    if (entry.has_with("members", {"periods", "fuel"})) {
      if (entry.has("mass") || entry.has("reactor"))
        io::fail(entry.node("members").where, entry.full_key("members"),
                 "make a joint experiment, which has no reactor and no target of its own");
      if (has_failed_members(entry, name, root, experiments)) {
        entry.keys();  // which are then read
        return;
      }
      read_joint(entry, world, experiments, experiment);
      experiments.add(name, std::move(experiment));
      return;
    }
    experiment.reactor =
        named_in(reactors, entry.node("reactor"), entry.full_key("reactor"), "reactor");
    experiment.further_cores = read_further_cores(entry, reactors);
    read_running_time(entry, experiment);
    experiment.detector.mass_t = entry.quantity("mass", Dimension::mass, Range::positive());
    experiment.detector.baseline_m =
        entry.quantity("baseline", Dimension::length, Range::positive());
    read_channel(entry, world, experiment);
    read_targets(entry, experiment);
    read_response(entry, experiment);
    if (entry.has("beta_decay_leak")) {
      if (experiment.beta_decay)
        io::fail(entry.node("beta_decay_leak").where, entry.full_key("beta_decay_leak"),
                 "belongs to an experiment that counts scatterings");
      experiment.leak =
          read_leak(entry.table("beta_decay_leak"), world,
                    entry.has("composition") ? std::optional(experiment.detector.protons_per_t)
                                             : std::nullopt);
    }
    experiment.window = read_window(entry);
    experiment.signal_uncertainties = read_signal_uncertainties(entry);
    if (!experiment.beta_decay) {
      named_in(world.backgrounds, entry.node("background"), entry.full_key("background"),
               "background");
      experiment.background = entry.text("background");
    } else if (entry.has("background")) {
      io::fail(entry.node("background").where, entry.full_key("background"),
               "is of an experiment that counts scatterings: a coincidence leaves no single decays "
               "of muons' isotopes");
    }
    experiment.further_backgrounds = read_further_backgrounds(entry, world);
    experiments.add(name, std::move(experiment));
  });
  return experiments;
}

}  // namespace nuloop::setup
