// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/sweep/compare.hpp"

#include "nuloop/foundation/errors.hpp"
#include "nuloop/foundation/special_values.hpp"
#include "nuloop/sweep/bounds.hpp"
#include "nuloop/sweep/coordinates.hpp"
#include "nuloop/sweep/same_run.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace nuloop::sweep {
namespace {

bool same_bytes(const std::string& path, const std::string& other) {
  std::ifstream a(path, std::ios::binary), b(other, std::ios::binary);
  std::vector<char> x(1U << 20U), y(x.size());
  do {
    a.read(x.data(), static_cast<std::streamsize>(x.size()));
    b.read(y.data(), static_cast<std::streamsize>(y.size()));
    if (a.gcount() != b.gcount() || !std::equal(x.begin(), x.begin() + a.gcount(), y.begin()))
      return false;
  } while (a && b);
  return a.eof() && b.eof();
}

// A result with all that its parts are found by.
struct Result {
  Result(const ResultReader& of, const Study& with) : file(of), study(with), tasks(of, with) {
    check_coordinates(file, study);
    axes = study.axes;
    take_axes(file, axes);
  }

  const ResultReader& file;
  const Study& study;
  TaskReader tasks;
  Axes axes;  // with the values of the file
};

std::vector<std::string> remarks(const ResultReader& a, const ResultReader& b) {
  std::vector<std::string> list;
  const auto compare = [&](const char* what, const std::string& x, const std::string& y) {
    if (x != y)
      list.push_back(
          fmt::format("the program's {} is {} in {} and {} in {}", what, x, a.path(), y, b.path()));
  };
  compare("version", a.version(), b.version());
  compare("revision", a.git_revision(), b.git_revision());
  if (const std::string config = first_other_config(a, b); !config.empty())
    list.push_back(config);
  else if (a.provenance().inputs != b.provenance().inputs)
    list.emplace_back("the job's own file had other words or another name");
  return list;
}

// The n-th value of a task's block: index and coordinates.
std::string describe(const Result& result, const Task& task, const std::string& path, Depth along,
                     const std::vector<std::string>& further, std::size_t n) {
  const Layout& layout = result.study.layout;
  Indices lengths;
  for (const std::string& name : further)
    lengths.push_back(layout.scale(name).length);
  const BlockShape shape(result.axes, task, along, lengths);
  Indices index = indices_of(n, shape.count());
  std::transform(index.begin(), index.end(), shape.start().begin(), index.begin(), std::plus<>());
  std::vector<std::string> coordinates;
  std::size_t dimension = 0;
  for (const Axis& axis : result.axes)
    if (axis.depth <= along)
      axis.visit(index[dimension++], [&](const Column& column, const Value& value) {
        coordinates.push_back(sweep::describe(column, value));
      });
  for (const std::string& name : further) {
    const Scale& scale = layout.scale(name);
    const std::size_t i = index[dimension++];
    coordinates.push_back(fmt::format("{} = {}", name.substr(name.rfind('/') + 1),
                                      !scale.names.empty()     ? scale.names[i]
                                      : !scale.numbers.empty() ? fmt::format("{}", scale.numbers[i])
                                                               : fmt::format("{}", i)));
  }
  return fmt::format("{}[{}]{}{}", path, fmt::join(index, ", "), coordinates.empty() ? "" : " at ",
                     fmt::join(coordinates, ", "));
}

// How many bounds two numbers are apart.
double in_bounds(double a, double b, double bound) {
  if (!std::isfinite(a) || !std::isfinite(b) || !(bound > 0.0))
    return infinity;
  return std::abs(a - b) / bound;
}

// Counts what differs, and keeps where most.
class Tally {
 public:
  explicit Tally(Sameness& found) : found_(found) {}

  // @param allowed works out by how much they may differ.
  // @param is_result whether the largest difference that is allowed is worth telling.
  // @param describe gives the place in words, where it is needed.
  template <class Allowed, class Describe>
  void add(double a, double b, const Allowed& allowed, bool is_result, const Describe& describe) {
    ++found_.values;
    if (a == b || (std::isnan(a) && std::isnan(b)))
      return;
    ++found_.differing;
    const double bounds = in_bounds(a, b, allowed());
    found_.beyond += bounds > 1.0 ? 1 : 0;
    if ((is_result || bounds > 1.0) &&
        (found_.largest.place.empty() || bounds > found_.largest.bounds))
      found_.largest = {describe(), a, b, bounds};
  }

 private:
  Sameness& found_;
};

void compare_task(const Result& a, const Result& b, std::size_t index, Tally& tally) {
  if (a.tasks.checksum_of(index) == 0 && b.tasks.checksum_of(index) == 0)
    return;  // not written
  const Task task = a.study.plan.task(index);
  const TaskResult x = a.tasks(index), y = b.tasks(index);
  for (std::size_t n = 0; n < x.status.size(); ++n)
    tally.add(
        static_cast<double>(x.status[n]), static_cast<double>(y.status[n]), [] { return 0.0; },
        true, [&] { return describe(a, task, "/status", Depth::outer, {}, n); });
  const auto& fields = a.study.layout.fields();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const Bound bound = a.study.work->bound(a.study.layout, i, x, y);
    for (std::size_t n = 0; n < x.values[i].size(); ++n)
      tally.add(
          x.values[i][n], y.values[i][n], [&] { return bound.of(n); }, !bound.is_error_bound,
          [&] { return describe(a, task, fields[i].path, fields[i].along, fields[i].further, n); });
  }
}

// Coordinates, of which check_coordinates has found both to be the job's.
std::size_t count_other_coordinates(const Result& a, const Result& b) {
  const auto x = axis_numbers(a.axes), y = axis_numbers(b.axes);
  std::size_t count = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    count += x[i] == y[i] ? 0 : 1;
  return count;
}

}  // namespace

Sameness compare(const ResultReader& file, const Study& study, const ResultReader& other_file,
                 const Study& other_study) {
  const Result a(file, study), b(other_file, other_study);
  Sameness found;
  if (same_bytes(file.path(), other_file.path())) {
    found.outcome = Sameness::Outcome::same_bytes;
    return found;
  }
  found.other_job = first_difference(file, other_file);
  if (!found.other_job.empty())
    return found;
  found.remarks = remarks(file, other_file);
  const std::size_t moved = count_other_coordinates(a, b);
  if (moved > 0)
    found.remarks.push_back(fmt::format("{} coordinates differ by rounding", moved));
  Tally tally(found);
  for (std::size_t index = 0; index < study.plan.task_count(); ++index)
    compare_task(a, b, index, tally);
  found.outcome = found.beyond > 0                   ? Sameness::Outcome::different
                  : found.differing > 0 || moved > 0 ? Sameness::Outcome::within_bounds
                                                     : Sameness::Outcome::same_values;
  return found;
}

}  // namespace nuloop::sweep
