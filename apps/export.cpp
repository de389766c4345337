// nuloop export: a result as files for other programs.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/analysis/export.hpp"

#include "nuloop/analysis/analysis.hpp"
#include "nuloop/foundation/errors.hpp"
#include "put.hpp"
#include "scenario_options.hpp"
#include "verbs.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace nuloop::apps {
namespace {

namespace fs = std::filesystem;

// Nothing that is there is overwritten.
void make_folder(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    throw InputError(fmt::format("{}: cannot be made a folder ({})", folder, error.message()));
  const bool empty = fs::is_empty(folder, error);
  if (error || !empty)
    throw InputError(fmt::format("{}: {}; -o wants a folder that is new or empty", folder,
                                 error ? error.message() : "is not empty"));
}

void write_file(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file)
    throw InputError(
        fmt::format("{}: cannot be written ({})", path.string(), std::strerror(errno)));
}

}  // namespace

int export_result(const Words& words) {
  Options options("export");
  if (!options.parse(words))
    return status::done;
  const std::string format = options.text("format"), folder = options.text("output");
  if (format != "csv" && format != "hepdata" && format != "pyhf")
    throw UsageError(fmt::format("--format: unknown \"{}\"; {}", format,
                                 io::suggestion(format, {"csv", "hepdata", "pyhf"})));
  const setup::Result result = analysis::read_result(options.text("file"));
  const setup::World world = setup::build_world(setup::configs_of(result));
  const auto tables = analysis::export_tables(result, analysis::study_of(result, world));
  const auto files = [&] {
    if (format == "pyhf")
      return analysis::pyhf_files(tables, result, setup::job_of(result, world, analysis::kinds()),
                                  world);
    return format == "csv" ? analysis::csv_files(tables) : analysis::hepdata_files(tables, result);
  }();
  if (const std::size_t unfinished = result.unfinished(); unfinished > 0)
    fmt::print(stderr, "nuloop: {}: {} points are not computed; their values are NaN\n",
               options.text("file"), unfinished);
  make_folder(folder);
  for (const auto& [name, text] : files)
    write_file(fs::path(folder) / name, text);
  put("{}: {} files\n", folder, files.size());
  return status::done;
}

}  // namespace nuloop::apps
