// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/analysis/analysis.hpp"

#include "analyses.hpp"
#include "nuloop/analysis/scenarios.hpp"
#include "nuloop/foundation/contracts.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/io/reader.hpp"
#include "nuloop/io/seal.hpp"
#include "nuloop/sweep/verify.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace nuloop::analysis {
const Analysis& analysis_of(const setup::Kind& kind) {
  const auto found = std::find_if(analyses.begin(), analyses.end(), [&](const Analysis* analysis) {
    return &analysis->kind == &kind;
  });
  NULOOP_EXPECTS(found != analyses.end());
  return **found;
}

const setup::Kinds& kinds() {
  static const setup::Kinds all = [] {
    setup::Kinds list;
    for (const Analysis* analysis : analyses)
      list.push_back(&analysis->kind);
    return list;
  }();
  return all;
}

const setup::Kind& kind_named(std::string_view name) {
  const setup::Kind* kind = setup::find_kind(kinds(), name);
  if (kind == nullptr)
    throw InputError("there is no kind of job called " + std::string(name));
  return *kind;
}

setup::Job read_job(const io::Node& root, const setup::World& world) {
  return setup::read_job(root, world, kinds());
}

setup::Inputs load_inputs(const parallel::Communicator& communicator, const std::string& job_path,
                          const std::vector<std::string>& assignments,
                          const std::string& own_configs) {
  setup::Inputs inputs =
      setup::load_inputs(communicator, kinds(), job_path, assignments, own_configs);
  for (const std::string& warning : bins_counted_together(inputs.job, inputs.world))
    inputs.provenance.warnings += warning + "\n";
  return inputs;
}

setup::Result read_result(const std::string& path) {
  sweep::check_seal(path);
  return {path, kinds()};
}

sweep::Study make_study(const setup::Job& job, const setup::World& world,
                        const sweep::Provenance& provenance) {
  return {{job.name, job.title, std::string(job.kind->name), job.resolved},
          job.axes,
          analysis_of(*job.kind).work({job, world, provenance})};
}

sweep::Study study_of(const setup::Result& result, const setup::World& world) {
  return make_study(setup::job_of(result, world, kinds()), world);
}

void check_tasks(const setup::Result& result, const setup::World& world) {
  if (!io::has_seal(result.path()))
    sweep::check_tasks(result, study_of(result, world));
}

std::unique_ptr<Report> make_report(const setup::Result& result) {
  return analysis_of(result.kind()).report(result);
}

std::unique_ptr<Report> make_report(const setup::Result& result, std::string_view table) {
  const auto& tables = analysis_of(result.kind()).tables;
  std::vector<std::string> names;
  for (const FurtherTable& one : tables) {
    if (table == one.name)
      return one.make(result);
    names.emplace_back(one.name);
  }
  if (names.empty())
    throw InputError(fmt::format("{}: results of kind \"{}\" have no further tables", result.path(),
                                 result.kind().name));
  throw InputError(fmt::format("{}: results of kind \"{}\" have no table \"{}\"; {}", result.path(),
                               result.kind().name, table,
                               io::suggestion(std::string(table), names)));
}

std::vector<TableName> further_tables() {
  std::vector<TableName> list;
  for (const Analysis* analysis : analyses)
    for (const FurtherTable& table : analysis->tables)
      list.push_back({analysis->kind.name, table.name, table.meaning});
  return list;
}

}  // namespace nuloop::analysis
