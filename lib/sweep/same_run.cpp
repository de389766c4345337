// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/sweep/same_run.hpp"

#include "nuloop/io/reader.hpp"
#include "nuloop/io/version.hpp"

#include <algorithm>
#include <map>
#include <sstream>

#include <fmt/format.h>

namespace nuloop::sweep {
namespace {

// Values of a resolved job by "section.key", as TOML.
std::map<std::string, std::string> values_by_key(const io::Node& job, const Matters& matters) {
  std::map<std::string, std::string> values;
  io::TableReader document(job, "the job");
  for (const std::string& section : document.keys()) {
    io::TableReader table = document.table(section);
    for (const std::string& key : table.keys())
      if (matters(section, key))
        values[section + "." + io::to_toml_key(key)] = io::to_toml(table.node(key));
  }
  return values;
}

bool everything(std::string_view, std::string_view) {
  return true;
}

// @param there,here names of the two.
template <class Key>
std::string first_difference(const std::map<Key, std::string>& file,
                             const std::map<Key, std::string>& other, const char* what,
                             const std::string& there = "there", const std::string& here = "here") {
  const auto shown = [](const auto& values, const Key& key) {
    const auto found = values.find(key);
    return found == values.end() ? std::string("nothing") : found->second;
  };
  for (const auto* values : {&file, &other})
    for (const auto& [key, value] : *values)
      if (shown(file, key) != shown(other, key))
        return fmt::format("{}{} is {} {} and {} {}", what, key, shown(file, key), there,
                           shown(other, key), here);
  return "";
}

// Checksums of the configurations by name; the job's own file may have been reworded.
std::map<std::string, std::string> configs(const Provenance& provenance) {
  std::map<std::string, std::string> sums;
  std::istringstream stream(provenance.inputs);
  std::string line;
  std::getline(stream, line);
  while (std::getline(stream, line)) {
    const std::size_t gap = std::min(line.find("  "), line.size());
    sums[line.substr(std::min(gap + 2, line.size()))] = line.substr(0, gap);
  }
  return sums;
}

}  // namespace

std::string first_difference(const ResultReader& file, const std::string& job,
                             const Provenance& provenance, const Matters& matters) {
  const auto here = values_by_key(io::parse_toml({"job", "job", job}), matters);
  std::string difference = first_difference(values_by_key(file.job(), matters), here, "");
  if (difference.empty())
    difference =
        first_difference(configs(file.provenance()), configs(provenance), "the checksum of ");
  if (difference.empty() && file.version() != io::version())
    difference =
        fmt::format("the program's version is {} there and {} here", file.version(), io::version());
  if (difference.empty() && file.git_revision() != io::git_revision())
    difference = fmt::format("the program's revision is {} there and {} here", file.git_revision(),
                             io::git_revision());
  return difference;
}

std::string first_difference(const ResultReader& file, const ResultReader& other) {
  return first_difference(values_by_key(file.job(), everything),
                          values_by_key(other.job(), everything), "", "in " + file.path(),
                          "in " + other.path());
}

std::string first_other_config(const ResultReader& file, const ResultReader& other) {
  return first_difference(configs(file.provenance()), configs(other.provenance()),
                          "the checksum of ", "in " + file.path(), "in " + other.path());
}

}  // namespace nuloop::sweep
