// What is computed at each point of a sweep, and the fields that come of it.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/contracts.hpp"
#include "nuloop/foundation/team.hpp"
#include "nuloop/sweep/bounds.hpp"
#include "nuloop/sweep/field.hpp"
#include "nuloop/sweep/grid.hpp"
#include "nuloop/sweep/layout.hpp"
#include "nuloop/sweep/pieces.hpp"
#include "nuloop/sweep/plan.hpp"

#include <any>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace nuloop::sweep {

/// An outer point of the grid.
struct Point {
  Indices at;               ///< its index on each outer axis
  std::size_t number = 0;   ///< in the grid, row-major over the outer axes
  std::size_t in_task = 0;  ///< which one it is of its task
};

/// The numbers of an outer point in the result of its task.
class Row {
 public:
  /// @param offset of the point in the task, per outer axis.
  Row(const std::vector<BlockShape>& shapes, TaskResult& result, const Indices& offset)
      : shapes_(shapes), result_(result), offset_(offset) {}

  /// How many numbers field i has, row-major over its inner axes and further scales.
  std::size_t size(std::size_t i) const { return shapes_[i].row_size(); }
  /// The length of its last further scale; 1 without any.
  std::size_t width(std::size_t i) const { return shapes_[i].width(); }

  /// Calls write(to), which writes them and returns their end.
  template <class Write>
  void put(std::size_t i, const Write& write) {
    double* const to = result_.values[i].data() + shapes_[i].outer_offset(offset_);
    if (shapes_[i].has_rows_in_one_piece()) {
      const double* const end = write(to);
      NULOOP_EXPECTS(end == to + size(i));
      static_cast<void>(end);
      return;
    }
    Numbers numbers(size(i));
    const double* const end = write(numbers.data());
    NULOOP_EXPECTS(end == numbers.data() + size(i));
    static_cast<void>(end);
    scatter(i, numbers, to);
  }
  Numbers get(std::size_t i) const;

 private:
  void scatter(std::size_t i, const Numbers& numbers, double* to) const;

  const std::vector<BlockShape>& shapes_;
  TaskResult& result_;
  const Indices& offset_;
};

/// A finished result that a run goes on from.
class Earlier {
 public:
  virtual ~Earlier() = default;

  /// Reads all that the run will want of it, unless it is sealed. @throws InputError if part of
  /// that is damaged.
  virtual void check() const {}

  /// What a task begins with; nothing for one that begins with nothing. @throws InputError
  virtual std::optional<TaskResult> begin(std::size_t /*task*/) const { return std::nullopt; }

 protected:
  Earlier() = default;
  Earlier(const Earlier&) = default;
  Earlier& operator=(const Earlier&) = default;
};

/// What one rank computes with. It remembers from task to task what their points share.
class Worker {
 public:
  virtual ~Worker() = default;

  /// Told before the points of a task. @throws InputError if an earlier result cannot be read.
  virtual void begin(const Task&) {}

  /// Computes what a point shares with others of its group, on all threads of a team, unless it is
  /// there already. Not for concurrent use. The workers of the members have been told the same.
  /// @throws NumericalError @throws Dissent
  virtual void prepare(const Point&, const Team&) {}

  /// Fills the row of a point that has been prepared. What it holds already may be gone on from.
  /// Called concurrently, unless points fill all threads themselves.
  /// @param kept empty at the first point of a thread, and then what the one before left: storage
  /// that serves again, on which no number depends. @throws NumericalError
  virtual void compute(const Point& point, Row& row, std::any& kept) const = 0;

  /// What has been computed to be shared: how many pieces, in what time.
  virtual Pieces shared() const { return {}; }

 protected:
  Worker() = default;
  Worker(const Worker&) = default;
  Worker& operator=(const Worker&) = default;
};

/// What is to be done at all points of a grid, on all ranks alike.
class Work {
 public:
  virtual ~Work() = default;

  virtual const std::vector<Field>& fields() const = 0;
  const std::vector<Scale>& scales() const { return scales_; }
  const std::vector<Coordinate>& coordinates() const { return coordinates_; }

  virtual Grain grain() const { return {}; }

  /// Expected seconds of one core for an outer point, roughly, apart from what it shares.
  virtual double point_s(std::size_t inner_points) const = 0;
  /// The same for what the points of a group share, and in how many pieces it is computed; none if
  /// they share nothing.
  virtual double shared_s(const Point&) const { return 0.0; }
  virtual std::size_t shared_pieces(const Point&) const { return 0; }

  /// The same work with points that are short enough for a trial, and how much shorter each is;
  /// null if all are as they are.
  virtual std::shared_ptr<const Work> trial() const { return nullptr; }
  /// The length of a point in a unit of the work's own, and its mean over the grid.
  virtual double length(const Point&) const { return 1.0; }
  virtual double mean_length() const { return 1.0; }

  /// The same work with other values on the axes, which differ by rounding at most.
  virtual std::shared_ptr<const Work> along(const Axes& axes) const = 0;

  /// @param earlier what `earlier` gave, or null; it must outlive the worker.
  virtual std::unique_ptr<Worker> worker(const Earlier* earlier) const = 0;

  /// A result to go on from. @throws InputError if this work cannot go on from it.
  virtual std::unique_ptr<Earlier> earlier(const std::string& path) const;

  /// By how much the values of a field may differ between two results of this work.
  /// @param a,b what the two hold of a task.
  virtual Bound bound(const Layout& layout, std::size_t field, const TaskResult& a,
                      const TaskResult& b) const {
    return bound_by_errors(layout, field, a, b);
  }

 protected:
  Work() = default;
  Work(const Work&) = default;
  Work& operator=(const Work&) = default;

  std::vector<Scale> scales_;
  std::vector<Coordinate> coordinates_;
};

/// Writes the numbers of a point's outcome into its row.
template <class Outcome>
void put(const FieldTable<Outcome>& table, const Outcome& outcome, Row& row) {
  for (std::size_t i = 0; i < table.fields().size(); ++i)
    row.put(i, [&](double* to) { return table.write(i, outcome, row.width(i), to); });
}

}  // namespace nuloop::sweep
