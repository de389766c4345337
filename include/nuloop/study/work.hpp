// What a kind of job does at each point, and the fields that come of it.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/contracts.hpp"
#include "nuloop/study/field.hpp"
#include "nuloop/study/job.hpp"
#include "nuloop/study/layout.hpp"
#include "nuloop/study/rates.hpp"
#include "nuloop/study/world.hpp"

#include <cstddef>
#include <vector>

namespace nuloop::study {

/// An outer point of a job.
struct Point {
  Scenario scenario;                 ///< its inner axes stand at their largest values
  std::size_t number;                ///< in the grid, row-major over the outer axes
  const RateCalculator& calculator;  ///< prepared for the scenario, unless its rates are known
  const Rates* known = nullptr;      ///< its rates, if an earlier result has them
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

/// The work of a kind of job. One serves all points of a job, on all ranks alike.
class Work {
 public:
  virtual ~Work() = default;

  virtual const std::vector<Field>& fields() const = 0;
  const std::vector<Scale>& scales() const { return scales_; }

  /// Largest number of bins that any scenario has; spectra with fewer end in NaN. 0 without bins.
  std::size_t bins() const { return bins_; }

  /// Expected seconds of one core for an outer point, roughly, apart from integrals.
  virtual double point_s(std::size_t inner_points) const = 0;

  /// Computes all integrals that a point needs. Not for concurrent use. @throws NumericalError
  virtual void prepare(RateCalculator& calculator, const Scenario& scenario) const {
    calculator.prepare(scenario);
  }
  /// How many sets of a signal's integrals these are.
  virtual std::size_t sets_of_integrals(const Scenario&) const { return 1; }

  /// Fills the row of a point. What it holds already may be gone on from. Called concurrently,
  /// unless the kind fills all threads itself. @throws NumericalError
  virtual void compute(const Point& point, Row& row) const = 0;

 protected:
  Work() = default;
  Work(const Work&) = default;
  Work& operator=(const Work&) = default;

  std::vector<Scale> scales_;
  std::size_t bins_ = 0;
};

/// Work whose fields are parts of an Outcome.
template <class Outcome>
class Tabulated : public Work {
 public:
  const std::vector<Field>& fields() const override { return table_.fields(); }

  void compute(const Point& point, Row& row) const override {
    const Outcome result = outcome(point, row);
    for (std::size_t i = 0; i < table_.fields().size(); ++i)
      row.put(i, [&](double* to) { return table_.write(i, result, row.width(i), to); });
  }

 protected:
  virtual Outcome outcome(const Point& point, const Row& row) const = 0;

  FieldTable<Outcome> table_;
};

}  // namespace nuloop::study
