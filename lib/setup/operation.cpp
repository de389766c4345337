// SPDX-License-Identifier: GPL-3.0-or-later
#include "operation.hpp"

#include "nuloop/experiment/units.hpp"
#include "nuloop/foundation/special_values.hpp"
#include "nuloop/io/text_table.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace nuloop::setup {
namespace {

using experiment::Calendar;
using experiment::Cycle;
using experiment::Days;
using experiment::Operation;
using io::Dimension;
using io::Node;
using io::Range;
using io::TableReader;

constexpr double longest_days = 1e6;

// Days to a millionth, so that a number of days is itself whatever unit it is read in.
double read_days(TableReader& table, const char* key, double least_days = -longest_days) {
  constexpr double days = experiment::days_per_year, steps = 1e6;
  const double time =
      std::round(steps * days * table.quantity(key, Dimension::time, Range{})) / steps;
  if (time < least_days || time > longest_days)
    io::fail(table.node(key).where, table.full_key(key),
             fmt::format("{} days is out of range: it must be in [{} days, {} days]", time,
                         least_days, longest_days));
  return time;
}

// The keys `begin` and `end` of a table.
Days read_time(TableReader& table) {
  const Days time{read_days(table, "begin"), read_days(table, "end")};
  if (time.end <= time.begin)
    io::fail(table.node("end").where, table.full_key("end"), "is not after begin");
  return time;
}

Cycle read_cycle(TableReader table) {
  constexpr double least_days = 1.0;
  Cycle cycle{read_days(table, "length", least_days), read_days(table, "stop", 0.0), {}};
  if (cycle.stop_days >= cycle.length_days)
    io::fail(table.node("stop").where, table.full_key("stop"),
             "is a part of the cycle, and must be shorter than its length");
  if (table.has("begin"))
    cycle.begin_day = read_days(table, "begin");
  table.finish();
  return cycle;
}

// Intervals as they are written, ascending. @param problem of one of them by its place and text.
template <class Problem>
void check_intervals(const std::vector<Days>& intervals, const Days& known,
                     const Problem& problem) {
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    const auto& [begin, end] = intervals[i];
    if (end <= begin)
      problem(i,
              fmt::format("day {} is not after day {}, at which the interval begins", end, begin));
    if (begin < known.begin || end > known.end)
      problem(i, fmt::format("days {} to {} are not within the calendar, days {} to {}", begin, end,
                             known.begin, known.end));
    if (i > 0 && begin < intervals[i - 1].end)
      problem(i, fmt::format("days {} to {} overlap with or stand before days {} to {}", begin, end,
                             intervals[i - 1].begin, intervals[i - 1].end));
  }
}

std::vector<Days> listed_intervals(TableReader& table, const char* key, const Days& known) {
  const std::string full = table.full_key(key);
  std::vector<Days> intervals;
  const Node::Array& items = table.array(key);
  for (const Node& item : items) {
    if (item.array() == nullptr || item.array()->size() != 2)
      io::fail(item.where, full, "wants intervals, each [first day, last day]");
    const auto day = [&](std::size_t i) {
      return io::read_quantity((*item.array())[i], full, Dimension::number,
                               Range::within(-longest_days, longest_days));
    };
    intervals.push_back({day(0), day(1)});
  }
  check_intervals(intervals, known, [&](std::size_t i, const std::string& text) {
    io::fail(items[i].where, full, text);
  });
  return intervals;
}

// Rows of two columns: the days at which intervals begin and end.
std::vector<Days> intervals_of_file(TableReader& table, const FileWithOthers& files,
                                    const Days& known) {
  const io::TextTable rows(files.named_by(table.node("file"), table.full_key("file")),
                           {"begin", "end"}, read_header_lines(table));
  std::vector<Days> intervals;
  for (const io::TextTable::Row& row : rows.rows())
    intervals.push_back({row.values[0], row.values[1]});
  check_intervals(intervals, known, [&](std::size_t i, const std::string& text) {
    rows.fail(rows.rows()[i], 0, text);
  });
  return intervals;
}

// What is between intervals.
std::vector<Days> between(const std::vector<Days>& intervals, const Days& known) {
  std::vector<Days> rest;
  double begin = known.begin;
  const auto add_until = [&](double end) {
    if (begin < end)
      rest.push_back({begin, end});
  };
  for (const Days& one : intervals) {
    add_until(one.begin);
    begin = one.end;
  }
  add_until(known.end);
  return rest;
}

Calendar read_calendar(TableReader table, const FileWithOthers& files) {
  const Days known = read_time(table);
  const bool on = table.has("on"), off = table.has("off"),
             file = table.has_with("file", {"intervals", "header_lines"});
  if (on + off + file != 1)
    io::fail(table.where(), table.full_key(""),
             "wants one of on and off, lists of intervals in days, and file");
  bool are_on = on;
  std::vector<Days> intervals;
  if (file) {
    const std::string meaning = table.text("intervals");
    if (meaning != "on" && meaning != "off")
      io::fail(table.node("intervals").where, table.full_key("intervals"),
               "wants \"on\" or \"off\"");
    are_on = meaning == "on";
    intervals = intervals_of_file(table, files, known);
  } else {
    intervals = listed_intervals(table, on ? "on" : "off", known);
  }
  table.finish();
  return {known, are_on ? std::move(intervals) : between(intervals, known)};
}

// The time for which a core is looked at: that of the data, or else its own.
Days time_of(TableReader& entry, const ReactorSite& core, const std::optional<Days>& data) {
  const std::string key = entry.full_key("data_taking");
  const std::optional<Days> own = core.operation->span();
  if (!data && !own)
    io::fail(
        entry.where(), key,
        fmt::format("is missing: reactor {} does not run the same way at all times", core.title));
  if (data && !core.operation->covers(*data))
    io::fail(entry.node("data_taking").where, key,
             std::holds_alternative<Cycle>(core.operation->times)
                 ? fmt::format("wants a day at which a cycle of {} begins, cycle.begin", core.title)
                 : fmt::format("is not within the calendar of {}", core.title));
  return data ? *data : *own;
}

// Whether the times of a core can be put beside those of others, without a time of data.
bool has_place(const Operation& operation) {
  const auto* cycle = std::get_if<Cycle>(&operation.times);
  return cycle == nullptr || cycle->begin_day;
}

}  // namespace

std::optional<Operation> read_operation(TableReader& entry, const FileWithOthers& files) {
  std::vector<const char*> keys;
  for (const char* key : {"cycle", "calendar", "commissioned", "shut_down"})
    if (entry.has(key))
      keys.push_back(key);
  if (keys.empty())
    return std::nullopt;
  if (entry.has("load_factor"))
    io::fail(entry.node("load_factor").where, entry.full_key("load_factor"),
             fmt::format("and {} count the same time off: one of them is enough", keys.front()));
  const bool has_cycle = entry.has("cycle"), has_calendar = entry.has("calendar");
  if (has_cycle && has_calendar)
    io::fail(entry.node("calendar").where, entry.full_key("calendar"),
             "and cycle say the same thing: one of them is enough");
  constexpr Days always{-infinity, infinity};
  Operation operation{Calendar{always, {always}}};
  if (has_cycle)
    operation.times = read_cycle(entry.table("cycle"));
  if (has_calendar)
    operation.times = read_calendar(entry.table("calendar"), files);
  if (entry.has("commissioned"))
    operation.lifetime.begin = read_days(entry, "commissioned");
  if (entry.has("shut_down"))
    operation.lifetime.end = read_days(entry, "shut_down");
  if (operation.lifetime.end <= operation.lifetime.begin)
    io::fail(entry.node("shut_down").where, entry.full_key("shut_down"),
             "is not after commissioned");
  return operation;
}

void read_running_time(TableReader& entry, ExperimentEntry& experiment) {
  std::vector<ReactorSite*> cores = {&experiment.reactor};
  for (FurtherCore& core : experiment.further_cores)
    cores.push_back(&core.reactor);
  std::optional<Days> data;
  if (entry.has("data_taking")) {
    TableReader table = entry.table("data_taking");
    data = read_time(table);
    table.finish();
  }
  std::vector<std::vector<Days>> running;
  std::optional<Days> common;
  bool comparable = true;
  double most = 0.0;
  for (ReactorSite* core : cores) {
    if (core->operation) {
      const Days time = time_of(entry, *core, data);
      running.push_back(core->operation->running(time));
      core->load_factor = experiment::share_of(running.back(), time);
      comparable = comparable && common.value_or(time) == time;
      comparable = comparable && (cores.size() == 1 || data || has_place(*core->operation));
      common = time;
    }
    most = std::max(most, core->load_factor);
  }
  if (running.empty()) {
    if (data)
      io::fail(entry.node("data_taking").where, entry.full_key("data_taking"),
               "means nothing: none of the reactors has a cycle or a calendar");
    return;
  }
  if (most == 0.0)
    io::fail(entry.where(), entry.full_key("reactor"), "does not run while data are taken");
  experiment.has_operation = true;
  if (comparable && running.size() == cores.size())
    experiment.reactor_on = experiment::share_of(experiment::in_any(running), *common);
}

}  // namespace nuloop::setup
