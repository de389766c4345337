// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/setup/result.hpp"

#include "layers.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/io/reader.hpp"
#include "nuloop/setup/used_configs.hpp"

#include <set>
#include <utility>

#include <fmt/format.h>

namespace nuloop::setup {

Result::Result(const std::string& path, const Kinds& kinds) : ResultReader(path) {
  const std::string& name = ResultReader::kind();
  kind_ = format_version() > 1 ? find_kind(kinds, name) : kinds.front();
  if (kind_ == nullptr)
    throw InputError(fmt::format("{}: holds results of an unknown kind, \"{}\"", path, name));
}

Axes Result::axes() const {
  Axes axes;
  std::set<std::size_t> seen;
  io::TableReader root(job(), "");
  for (const std::string& written : root.table("axes").keys()) {
    std::vector<Column> columns;
    for (const std::string& key : axis_keys(written)) {
      const auto found = find_parameter(key);
      if (!found)
        throw InputError(fmt::format("{}: its job has an unknown axis {}", path(), key));
      if (!seen.insert(*found).second)
        throw InputError(fmt::format("{}: its job has the axis {} twice", path(), key));
      columns.push_back(column_of(*found, {}));
      columns.back().values = values(columns.back());
    }
    axes.push_back(axis_of(std::move(columns), kind()));
  }
  return axes;
}

std::vector<io::TextFile> configs_of(const sweep::ResultReader& file) {
  std::vector<io::TextFile> files = read_configs(configs_folder());
  const auto used = stored_configs(file);
  for (const auto& [name, text] : used)
    files.push_back(
        {fmt::format("{}{}", own_prefix, name), fmt::format("{}: {}", file.path(), name), text});
  if (used.empty())
    for (const auto& [name, text] : file.own_files())
      files.push_back({name, fmt::format("{}: {}", file.path(), name), text});
  return files;
}

Job job_of(const Result& file, const World& world, const Kinds& kinds) {
  Job job = read_job(file.job(), world, kinds);
  if (job.kind != &file.kind())
    throw InputError(file.path() + ": is of another kind than its job");
  return job;
}

}  // namespace nuloop::setup
