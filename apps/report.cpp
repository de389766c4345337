// nuloop report: a result in a table, discovery times beside the published ones.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "checked_result.hpp"
#include "nuloop/analysis/analysis.hpp"
#include "put.hpp"
#include "scenario_options.hpp"
#include "verbs.hpp"

#include <iostream>

#include <fmt/format.h>

namespace nuloop::apps {
int report(const Words& words) {
  Options options("report");
  if (!options.parse(words))
    return status::done;
  using Printer = void (analysis::Report::*)(std::ostream&) const;
  const std::vector<std::pair<std::string, Printer>> formats = {
      {"table", &analysis::Report::print_table},
      {"csv", &analysis::Report::print_csv},
      {"summary", &analysis::Report::print_summary},
      {"json", &analysis::Report::print_json}};
  const std::string format = options.has("format") ? options.text("format") : "table";
  const Printer print = *named(formats, format, "--format");

  const setup::Result result = checked_result(options.text("file"));
  put_warnings(result.warnings());
  if (const std::size_t unfinished = result.unfinished(); unfinished > 0)
    fmt::print(stderr, "nuloop: {}: {} points are not computed; their values are NaN\n",
               options.text("file"), unfinished);
  const auto shown = options.has("what") ? analysis::make_report(result, options.text("what"))
                                         : analysis::make_report(result);
  for (const std::string& selection : options.texts("select")) {
    const std::size_t sign = selection.find('=');
    if (sign == std::string::npos)
      throw UsageError(fmt::format("--select: \"{}\" is not KEY=VALUE", selection));
    shown->select(selection.substr(0, sign), selection.substr(sign + 1));
  }
  ((*shown).*print)(std::cout);
  return status::done;
}

}  // namespace nuloop::apps
