// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/analysis/published.hpp"

#include "analyses.hpp"
#include "nuloop/io/reader.hpp"
#include "nuloop/setup/job.hpp"

#include <cmath>

namespace nuloop::analysis {
namespace {

bool same(const std::optional<setup::Value>& a, const std::optional<setup::Value>& b) {
  if (!a || !b || a->index() != b->index() || std::holds_alternative<std::string>(*a))
    return a == b;
  const double x = std::get<double>(*a), y = std::get<double>(*b);
  return std::abs(x - y) <= 1e-9 * std::abs(y);
}

}  // namespace

bool PublishedTime::belongs_to(const Settings& settings) const {
  for (std::size_t i = 0; i < settings.size(); ++i) {
    const Parameter& parameter = setup::parameters()[i];
    if (reach_analysis.kind.takes(parameter) && parameter.role != Parameter::Role::exposure &&
        !parameter.has(Parameter::Tag::accuracy) && !same(settings[i], scenario[i]))
      return false;
  }
  return true;
}

std::vector<PublishedTime> read_published(const io::TextFile& file, const World& world) {
  const io::Node root = io::parse_toml(file);
  io::TableReader table(root, "");
  const io::Node& common = table.node("settings");
  std::vector<PublishedTime> times;
  for (const io::Node& node : table.array("time")) {
    io::TableReader entry(node, "time");
    times.push_back({setup::read_settings({&common, &entry.node("scenario")}, world),
                     entry.quantity("discovery_time", io::Dimension::time, io::Range::positive()),
                     entry.text("quoted_as")});
    entry.finish();
  }
  table.finish();
  return times;
}

}  // namespace nuloop::analysis
