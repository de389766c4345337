// nuloop export: a result as files for other programs.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/analysis/export.hpp"

#include "checked_result.hpp"
#include "nuloop/analysis/analysis.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/setup/used_configs.hpp"
#include "put.hpp"
#include "scenario_options.hpp"
#include "verbs.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

namespace nuloop::apps {
namespace {

namespace fs = std::filesystem;

constexpr std::array formats = {"csv", "hepdata", "pyhf", "configs"};

using Files = std::vector<analysis::ExportFile>;

// All numbers of a result, or workspaces of them.
Files tables_of(const setup::Result& result, const std::string& format) {
  const setup::World world = setup::build_world(setup::configs_of(result));
  const auto tables = analysis::export_tables(result, analysis::study_of(result, world));
  if (const std::size_t unfinished = result.unfinished(); unfinished > 0)
    fmt::print(stderr, "nuloop: {}: {} points are not computed; their values are NaN\n",
               result.path(), unfinished);
  if (format == "pyhf")
    return analysis::pyhf_files(tables, result, setup::job_of(result, world, analysis::kinds()),
                                world);
  return format == "csv" ? analysis::csv_files(tables) : analysis::hepdata_files(tables, result);
}

// What makes the result again, whatever configurations are installed.
Files job_and_configs(const setup::Result& result) {
  Files files = {{"job.toml", result.attribute("job")}};
  for (const auto& [name, text] : setup::configs_from(result))
    files.emplace_back("configs/" + name, text);
  return files;
}

// Nothing that is there is overwritten. @returns whether it is new.
bool make_folder(const std::string& folder) {
  std::error_code error;
  const bool is_new = fs::create_directories(folder, error);
  if (error)
    throw InputError(fmt::format("{}: cannot be made a folder ({})", folder, error.message()));
  const bool empty = fs::is_empty(folder, error);
  if (error || !empty)
    throw InputError(fmt::format("{}: {}; -o wants a folder that is new or empty", folder,
                                 error ? error.message() : "is not empty"));
  return is_new;
}

void write_file(const fs::path& path, const std::string& text) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file)
    throw MachineError(
        fmt::format("{}: cannot be written ({})", path.string(), std::strerror(errno)));
}

// All of them or none, so that the same command can be given again.
void write_all(const std::string& folder, const Files& files) {
  const bool is_new = make_folder(folder);
  try {
    for (const auto& [name, text] : files)
      write_file(fs::path(folder) / name, text);
  } catch (const MachineError&) {
    std::error_code ignored;
    for (const auto& [name, text] : files)
      fs::remove(fs::path(folder) / name, ignored);
    if (is_new)
      fs::remove(folder, ignored);
    throw;
  }
}

}  // namespace

int export_result(const Words& words) {
  Options options("export");
  if (!options.parse(words))
    return status::done;
  const std::string format = options.text("format"), folder = options.text("output");
  if (std::find(formats.begin(), formats.end(), format) == formats.end())
    throw UsageError(fmt::format("--format: unknown \"{}\"; {}", format,
                                 io::suggestion(format, {formats.begin(), formats.end()})));
  const setup::Result result = checked_result(options.text("file"));
  const Files files = format == "configs" ? job_and_configs(result) : tables_of(result, format);
  write_all(folder, files);
  put("{}: {} files\n", folder, files.size());
  return status::done;
}

}  // namespace nuloop::apps
