// Prints libFuzzer's dictionary for the TOML target: keys, choices, units, words of the configs.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/setup/parameters.hpp"

#include <cstdio>
#include <set>
#include <string>

namespace {

using namespace nuloop;

void collect(const io::Node& node, std::set<std::string>& words) {
  if (const auto* members = node.table())
    for (const auto& [key, value] : *members) {
      words.insert(key);
      collect(value, words);
    }
  if (const auto* items = node.array())
    for (const io::Node& item : *items)
      collect(item, words);
}

}  // namespace

int main() {
  std::set<std::string> words = {"from", "to",      "points",    "spacing", "log",      "linear",
                                 "job",  "name",    "title",     "axes",    "settings", "inf",
                                 "nan",  "1e308",   "5e-324",    "'''",     "[[",       "]]",
                                 "\n[",  "--set\n", "quantity\n"};
  const auto files = setup::read_configs(NULOOP_SOURCE "/configs");
  const setup::World world = setup::build_world(files);
  for (const io::TextFile& file : files) {
    words.insert(file.name + "\n");
    collect(io::parse_toml(file), words);
  }
  for (const setup::Parameter& parameter : setup::parameters()) {
    words.insert(parameter.key);
    if (const auto* choice = std::get_if<setup::Parameter::Choice>(&parameter.kind))
      for (const std::string& name : choice->names(world))
        words.insert(name);
    else if (const auto unit = io::canonical_unit(parameter.quantity()->dimension); !unit.empty())
      words.insert("\"1 " + std::string(unit) + "\"");
  }
  for (const std::string& word : words) {
    std::string escaped;
    for (const char c : word)
      escaped += c == '\n' ? "\\x0a" : c == '"' ? "\\\"" : std::string(1, c);
    std::printf("\"%s\"\n", escaped.c_str());
  }
  return 0;
}
