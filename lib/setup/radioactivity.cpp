// SPDX-License-Identifier: GPL-3.0-or-later
#include "radioactivity.hpp"

#include "nuloop/experiment/units.hpp"
#include "tables.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

namespace nuloop::setup {
namespace {

using experiment::Chain;
using experiment::ChainDecay;
using io::Dimension;
using io::Node;
using io::Range;
using io::TableReader;

// What a decay of natural radioactivity emits: what is far above is in another unit.
constexpr double most_emitted_MeV = 20.0;
const Range emitted_energies_MeV = Range::above_up_to(0.0, most_emitted_MeV);

constexpr double seconds_per_year = experiment::days_per_year * experiment::seconds_per_day;

// A kind of decay, and the name of the one that follows; empty for none.
struct DecayEntry {
  ChainDecay decay;
  std::string followed_by;
};

// A list of as many energies in MeV as there are intensities; zeros where it is missing.
std::vector<double> read_emitted(TableReader& entry, const char* key, std::size_t branches,
                                 const Range& range) {
  return entry.has(key) ? read_column(entry, key, range, branches)
                        : std::vector<double>(branches, 0.0);
}

DecayEntry read_decay(const std::string& name, TableReader& entry) {
  DecayEntry read{{name, 0, 0.0, 0.0, {}, {}}, {}};
  const auto intensities = read_numbers(entry, "intensities", Range::positive());
  const double sum = std::accumulate(intensities.begin(), intensities.end(), 0.0);
  const auto endpoints = read_emitted(entry, "endpoints", intensities.size(), emitted_energies_MeV);
  const auto alphas = read_emitted(entry, "alphas", intensities.size(), emitted_energies_MeV);
  const auto gammas =
      read_emitted(entry, "gammas", intensities.size(), Range::within(0.0, most_emitted_MeV));
  for (std::size_t i = 0; i < intensities.size(); ++i)
    read.decay.emissions.push_back({intensities[i] / sum, endpoints[i], alphas[i], gammas[i]});
  if (intensities.empty())
    io::fail(entry.node("intensities").where, entry.full_key("intensities"),
             "wants at least one branch");
  if (entry.has("endpoints")) {
    const double charge = entry.number("daughter_charge", Range::within(1.0, 120.0));
    if (charge != std::floor(charge))
      io::fail(entry.node("daughter_charge").where, entry.full_key("daughter_charge"),
               "wants a whole number");
    read.decay.daughter_charge = static_cast<int>(charge);
  }
  if (entry.has("half_life"))
    read.decay.half_life_s =
        seconds_per_year * entry.quantity("half_life", Dimension::time, Range::positive());
  if (entry.has("followed_by"))
    read.followed_by = entry.text("followed_by");
  entry.text("source");
  return read;
}

// The decays of a chain, each with the place of its follower.
std::vector<ChainDecay> read_members(TableReader members, const Catalogue<DecayEntry>& decays) {
  std::vector<ChainDecay> chain;
  const std::vector<std::string> names = members.keys();
  for (const std::string& name : names) {
    const DecayEntry* entry = decays.find(name);
    if (entry == nullptr)
      io::fail(members.node(name).where, members.full_key(name),
               "is no decay of this file; " + io::suggestion(name, decays.names()));
    chain.push_back(entry->decay);
    chain.back().per_parent = members.number(name, Range::above_up_to(0.0, 1.0));
    if (entry->followed_by.empty())
      continue;
    const auto follower = std::find(names.begin(), names.end(), entry->followed_by);
    if (follower == names.end() || decays.find(*follower)->decay.half_life_s == 0.0)
      io::fail(members.node(name).where, members.full_key(name),
               fmt::format("is followed by \"{}\", which must be in the chain and have a half_life",
                           entry->followed_by));
    chain.back().follower = static_cast<std::size_t>(follower - names.begin());
  }
  members.finish();
  return chain;
}

bool has_alphas(const Chain& chain) {
  return std::any_of(chain.decays.begin(), chain.decays.end(), [](const ChainDecay& decay) {
    return std::any_of(decay.emissions.begin(), decay.emissions.end(),
                       [](const experiment::Emission& one) { return one.alpha_MeV > 0.0; });
  });
}

bool has_followers(const Chain& chain) {
  return std::any_of(chain.decays.begin(), chain.decays.end(),
                     [](const ChainDecay& decay) { return decay.follower.has_value(); });
}

}  // namespace

Catalogue<Chain> read_chains(const Node& root) {
  TableReader table(root, "");
  Catalogue<DecayEntry> decays;
  TableReader decay_table = table.table("decay");
  for_each_table(decay_table, [&](const std::string& name, TableReader& entry) {
    decays.add(name, read_decay(name, entry));
  });
  Catalogue<Chain> chains;
  TableReader chain_table = table.table("chain");
  for_each_table(chain_table, [&](const std::string& name, TableReader& entry) {
    chains.add(
        name, {entry.text("title"), entry.quantity("half_life", Dimension::time, Range::positive()),
               entry.number("molar_mass", Range::within(1.0, 300.0)),
               read_members(entry.table("decays"), decays)});
    entry.text("source");
  });
  table.finish();
  return chains;
}

std::vector<IdleKey> read_chain_source(TableReader& entry, const Catalogue<Chain>& chains,
                                       experiment::BackgroundSource& source) {
  const std::string name = entry.text("chain");
  const Chain* chain = chains.find(name);
  if (chain == nullptr)
    io::fail(entry.node("chain").where, entry.full_key("chain"),
             fmt::format("unknown \"{}\"; {}", name, io::suggestion(name, chains.names())));
  const Range share = Range::within(0.0, 1.0);
  const double concentration = entry.number("concentration", share);
  std::vector<IdleKey> idle;
  experiment::ChainLight light{0.0, 0.0, 0.0};
  if (has_alphas(*chain) || entry.has("alpha_quenching"))
    light.alpha_quenching = entry.number("alpha_quenching", share);
  if (!has_alphas(*chain) && entry.has("alpha_quenching"))
    idle.push_back({"alpha_quenching", fmt::format("chain {} has no alphas", name)});
  if (entry.has("tagged"))
    light.tagged = entry.quantity("tagged", Dimension::relative, share);
  if (entry.has("readout_window"))
    light.readout_window_s =
        seconds_per_year * entry.quantity("readout_window", Dimension::time, Range::non_negative());
  if (!has_followers(*chain))
    for (const char* key : {"tagged", "readout_window"})
      if (entry.has(key))
        idle.push_back({key, fmt::format("no decay of chain {} follows another soon", name)});
  source.decays = experiment::branches_of(*chain, light);
  double per_parent = 0.0;
  for (const experiment::DecayBranch& branch : source.decays)
    per_parent += branch.beta.fraction;
  source.rate_per_t_day = per_parent * experiment::decays_per_t_day(*chain, concentration);
  source.spectrum_of = experiment::SpectrumOf::deposited;
  return idle;
}

}  // namespace nuloop::setup
