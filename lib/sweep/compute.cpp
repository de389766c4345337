// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/sweep/compute.hpp"

#include "nuloop/foundation/errors.hpp"
#include "nuloop/foundation/parallel_for.hpp"
#include "nuloop/foundation/special_values.hpp"

#include <any>
#include <utility>

namespace nuloop::sweep {
namespace {

// What becomes of the points of a task.
class Points {
 public:
  explicit Points(TaskResult& result) : result_(result), reasons_(result.status.size()) {}

  // Calls work(n, kept) for every point that is not done and has not failed, on all threads, each
  // of which keeps something.
  template <class Work>
  void for_each_open(const Work& work) {
    parallel_for_with<std::any>(reasons_.size(),
                                [&](std::size_t n, std::any& kept) { attempt(n, kept, work); });
  }

  // The same for work that uses all threads itself.
  template <class Work>
  void for_each_open_in_turn(const Work& work) {
    std::any kept;
    for (std::size_t n = 0; n < reasons_.size(); ++n)
      attempt(n, kept, work);
  }

  void finish(const Study& study, const Task& task, std::vector<std::string>& problems) {
    for (std::size_t n = 0; n < reasons_.size(); ++n)
      if (reasons_[n].empty()) {
        result_.status[n] = Status::done;
      } else {
        result_.status[n] = Status::failed;
        problems.push_back(study.describe(study.point(task, n)) + ": " + reasons_[n]);
      }
  }

 private:
  template <class Work>
  void attempt(std::size_t n, std::any& kept, const Work& work) {
    if (result_.status[n] == Status::done || !reasons_[n].empty())
      return;
    try {
      work(n, kept);
    } catch (const NumericalError& error) {
      reasons_[n] = error.what();
    }
  }

  TaskResult& result_;
  std::vector<std::string> reasons_;
};

}  // namespace

TaskResult blank_result(const Study& study, const Task& task) {
  TaskResult result;
  for (const Field& field : study.layout.fields())
    result.values.emplace_back(study.block(task, field).size(), nan);
  result.status.assign(task.points(), Status::pending);
  return result;
}

void compute(const Study& study, const Task& task, Worker& worker, TaskResult& result,
             std::vector<std::string>& problems) {
  Points points(result);
  worker.begin(task);
  points.for_each_open_in_turn(
      [&](std::size_t n, std::any&) { worker.prepare(study.point(task, n), Team()); });
  std::vector<BlockShape> shapes;
  for (const Field& field : study.layout.fields())
    shapes.push_back(study.block(task, field));
  const auto work = [&](std::size_t n, std::any& kept) {
    const Indices offset = task.offset(n);
    Row row(shapes, result, offset);
    worker.compute(study.point(task, n), row, kept);
  };
  if (study.work->grain().fills_all_threads)
    points.for_each_open_in_turn(work);
  else
    points.for_each_open(work);
  points.finish(study, task, problems);
}

}  // namespace nuloop::sweep
