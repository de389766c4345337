// What `nuloop report --what` shows of a result in place of its usual table.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/analysis/report.hpp"
#include "nuloop/setup/result.hpp"

#include <array>
#include <memory>

namespace nuloop::analysis {

struct FurtherTable {
  const char* name;
  const char* meaning;
  /// @throws InputError if the result has not the axes that it takes.
  std::unique_ptr<Report> (*make)(const setup::Result&);
};

// By kind of job.
extern const std::array<FurtherTable, 4> toys_tables;
extern const std::array<FurtherTable, 3> measurement_tables;
extern const std::array<FurtherTable, 5> reach_tables;
extern const std::array<FurtherTable, 1> cross_section_tables;

}  // namespace nuloop::analysis
