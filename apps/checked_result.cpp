// SPDX-License-Identifier: GPL-3.0-or-later
#include "checked_result.hpp"

#include "nuloop/analysis/analysis.hpp"
#include "nuloop/io/seal.hpp"
#include "nuloop/setup/world.hpp"

#include <fmt/format.h>

namespace nuloop::apps {

setup::Result checked_result(const std::string& path) {
  setup::Result result = analysis::read_result(path);
  if (result.format_version() < 2)
    fmt::print(stderr, "nuloop: {}: has format version {}, of which nothing can be checked\n", path,
               result.format_version());
  else if (!io::has_seal(path))
    analysis::check_tasks(result, setup::build_world(setup::configs_of(result)));
  return result;
}

}  // namespace nuloop::apps
