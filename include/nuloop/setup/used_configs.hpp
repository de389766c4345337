// What a job uses of the configurations, for its result.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/io/document.hpp"
#include "nuloop/setup/job.hpp"
#include "nuloop/sweep/result_file.hpp"

#include <string>
#include <utility>
#include <vector>

namespace nuloop::setup {

/// Names and texts of files from which, in a folder of their own and with the text files among
/// Provenance::own_files, the same world can be built as far as the job goes: what the user's own
/// say is merged in; experiments, fluxes and their uncertainties that the job does not touch are
/// left out, and so are the files that no number depends on.
/// @param files as read_configs gives them.
std::vector<std::pair<std::string, std::string>> used_configs(
    const std::vector<io::TextFile>& files, const Job& job);

/// Those of a result, with the text files that the user's own among them name; none if the result
/// was written before there were any. @throws InputError if a name leads out of a folder.
std::vector<std::pair<std::string, std::string>> stored_configs(const sweep::ResultReader& file);

/// The same as a whole folder, with empty files in the place of those that are left out.
/// @throws InputError also if there are none.
std::vector<std::pair<std::string, std::string>> configs_from(const sweep::ResultReader& file);

}  // namespace nuloop::setup
