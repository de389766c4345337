// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/verify.hpp"

#include "nuloop/foundation/errors.hpp"
#include "nuloop/study/job.hpp"
#include "nuloop/study/layout.hpp"
#include "nuloop/study/plan.hpp"
#include "nuloop/study/result_file.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace nuloop::study {
namespace {

template <class T>
bool same(const T& a, const T& b) {
  return a == b;
}
bool same(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

// The first place where two arrays of these extents differ, as "dataset[i, j]: a, b".
template <class T>
std::string first_difference(const std::string& dataset, const io::Extents& extents,
                             const std::vector<T>& a, const std::vector<T>& b) {
  for (std::size_t n = 0; n < a.size(); ++n) {
    if (same(a[n], b[n]))
      continue;
    std::vector<std::size_t> index(extents.size());
    std::size_t rest = n;
    for (std::size_t i = index.size(); i-- > 0;) {
      index[i] = rest % extents[i];
      rest /= extents[i];
    }
    return fmt::format("{}[{}]: {} and {}", dataset, fmt::join(index, ", "), a[n], b[n]);
  }
  return "";
}

// The paths of all datasets of a job's result, axes first.
struct Content {
  std::vector<std::string> texts;
  std::vector<std::string> numbers;
};

Content content_of(const Job& job, const World& world) {
  const Layout layout(job, world);
  Content content;
  const auto add = [&](const std::string& path, bool is_text) {
    (is_text ? content.texts : content.numbers).push_back(path);
  };
  for (const Axis& axis : job.axes)
    axis.visit(0, [&](std::size_t parameter, const Value& value) {
      add(fmt::format("/{}", axis_dataset(parameters()[parameter])),
          std::holds_alternative<std::string>(value));
    });
  for (const Scale& scale : layout.scales()) {
    add(scale.path, !scale.names.empty());
    if (!scale.units.empty())
      add(scale.units_path(), true);
  }
  if (layout.bins() > 0)
    content.numbers.insert(content.numbers.end(), {"/rates/bin_low", "/rates/bin_high"});
  for (const Dataset& dataset : layout.datasets())
    add(dataset.path, false);
  content.numbers.insert(content.numbers.end(), {"/status", "/integrity/checksum"});
  return content;
}

}  // namespace

void check_coordinates(const ResultReader& file, const Job& job, const Layout& layout) {
  const auto check = [&](const Parameter& parameter, const std::vector<Value>& wanted) {
    if (file.values(parameter) != wanted)
      throw InputError(fmt::format("{}: /{} does not hold the values of its job", file.path(),
                                   axis_dataset(parameter)));
  };
  for (const Axis& axis : job.axes) {
    check(axis.definition(), axis.values);
    for (const Axis::Companion& companion : axis.companions)
      check(companion.definition(), companion.values);
  }
  check_copies(file, job, layout);
  if (layout.bins() == 0)
    return;
  const BinEdges edges = bin_edges(job, layout.bins());
  for (const auto& [dataset, wanted] :
       {std::pair{"/rates/bin_low", &edges.low}, std::pair{"/rates/bin_high", &edges.high}}) {
    const auto found = file.numbers(dataset);
    if (!std::equal(found.begin(), found.end(), wanted->begin(), wanted->end(),
                    [](double a, double b) { return same(a, b); }))
      throw InputError(
          fmt::format("{}: {} does not hold the bins of its job", file.path(), dataset));
  }
}

Verification verify(const std::string& path, const World& world) {
  const ResultReader file(path);
  const Job job = job_of(file, world);
  const Plan plan(job);
  const Layout layout(job, world);
  check_coordinates(file, job, layout);
  const TaskReader tasks(file, job, plan, layout);
  Verification result;
  result.tasks = plan.task_count();
  result.points = plan.outer_points();
  for (std::size_t index = 0; index < plan.task_count(); ++index) {
    if (tasks.checksum_of(index) == 0)
      continue;
    const TaskResult task = tasks(index);
    if (checksum(task) != tasks.checksum_of(index)) {
      if (result.tasks_damaged++ == 0)
        result.first_damage = fmt::format("task {}, which begins at {}", index,
                                          describe_point(job, plan, plan.task(index), 0));
      continue;
    }
    const auto done =
        static_cast<std::size_t>(std::count(task.status.begin(), task.status.end(), Status::done));
    result.points_done += done;
    ++(done == task.status.size() ? result.tasks_done : result.tasks_failed);
  }
  return result;
}

std::string first_difference(const std::string& path, const std::string& other,
                             const World& world) {
  const ResultReader a(path), b(other);
  const Content content = content_of(job_of(a, world), world);
  const Content other_content = content_of(job_of(b, world), world);
  const auto missing = [](const auto& from, const auto& in) {
    return std::find_if(from.begin(), from.end(), [&](const std::string& dataset) {
      return std::find(in.begin(), in.end(), dataset) == in.end();
    });
  };
  for (const auto& [mine, theirs] : {std::pair{&content.texts, &other_content.texts},
                                     {&content.numbers, &other_content.numbers}}) {
    if (const auto found = missing(*mine, *theirs); found != mine->end())
      return fmt::format("{} is missing from {}", *found, other);
    if (const auto found = missing(*theirs, *mine); found != theirs->end())
      return fmt::format("{} is missing from {}", *found, path);
  }
  const auto extents_differ = [&](const std::string& dataset) {
    return a.extents(dataset) == b.extents(dataset)
               ? std::string()
               : fmt::format("{}: extents [{}] and [{}]", dataset,
                             fmt::join(a.extents(dataset), ", "),
                             fmt::join(b.extents(dataset), ", "));
  };
  for (const std::string& dataset : content.texts) {
    std::string difference = extents_differ(dataset);
    if (difference.empty())
      difference =
          first_difference(dataset, a.extents(dataset), a.texts(dataset), b.texts(dataset));
    if (!difference.empty())
      return difference;
  }
  for (const std::string& dataset : content.numbers) {
    std::string difference = extents_differ(dataset);
    if (difference.empty())
      difference =
          first_difference(dataset, a.extents(dataset), a.numbers(dataset), b.numbers(dataset));
    if (!difference.empty())
      return difference;
  }
  for (const char* attribute : {"kind", "title", "job", "inputs", "version", "git_revision"})
    if (a.attribute(attribute) != b.attribute(attribute))
      return fmt::format("the attribute {}", attribute);
  return "";
}

}  // namespace nuloop::study
