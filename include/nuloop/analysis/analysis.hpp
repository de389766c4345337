// Jobs of all kinds: from the inputs to what is computed, and from results to reports.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/analysis/report.hpp"
#include "nuloop/setup/inputs.hpp"
#include "nuloop/setup/job.hpp"
#include "nuloop/setup/result.hpp"
#include "nuloop/setup/world.hpp"
#include "nuloop/sweep/study.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace nuloop::analysis {

/// All kinds of jobs. A job that does not name one is of the first.
const setup::Kinds& kinds();

/// @throws InputError if there is none of that name.
const setup::Kind& kind_named(std::string_view name);

/// setup::read_job and setup::load_inputs for all kinds.
setup::Job read_job(const io::Node& root, const setup::World& world);
setup::Inputs load_inputs(const parallel::Communicator& communicator, const std::string& job_path,
                          const std::vector<std::string>& assignments,
                          const std::string& own_configs = "");

/// A result to be shown. @throws InputError if it is none, or damaged as its seal has it.
setup::Result read_result(const std::string& path);

/// What is to be done for a job.
/// @param world must outlive the study. @param provenance of the inputs, for --extend.
sweep::Study make_study(const setup::Job& job, const setup::World& world,
                        const sweep::Provenance& provenance = {});

/// The study of which a file is a result. @throws InputError if its job is none of this program's.
sweep::Study study_of(const setup::Result& result, const setup::World& world);

/// sweep::check_tasks with the study of which the file is a result. @throws InputError
void check_tasks(const setup::Result& result, const setup::World& world);

/// What `nuloop report` shows. @throws InputError if the file lacks a part of it.
std::unique_ptr<Report> make_report(const setup::Result& result);

/// Another table of a result, by its name.
/// @throws InputError if its kind has none of this name, or the result has not the axes it takes.
std::unique_ptr<Report> make_report(const setup::Result& result, std::string_view table);

/// The names of these tables and what they show, by kind.
struct TableName {
  std::string_view kind, name, meaning;
};
std::vector<TableName> further_tables();

}  // namespace nuloop::analysis
