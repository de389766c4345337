// What becomes of a point of a task: its values in the blocks of the datasets.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/statistics/interval.hpp"
#include "nuloop/statistics/toy_tally.hpp"
#include "nuloop/study/expectation.hpp"
#include "nuloop/study/impacts.hpp"
#include "nuloop/study/layout.hpp"
#include "nuloop/study/plan.hpp"
#include "nuloop/study/rates.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace nuloop::study {

/// The task that is being filled.
struct Filling {
  const Job& job;
  const Plan& plan;
  const Layout& layout;
  const Task& task;
  TaskResult& result;
};

/// One dataset's block of a task.
struct Block {
  Block(const Filling& filling, const std::string& path);

  /// The values of an outer point, the first of them.
  double* at(const std::vector<std::size_t>& offset) const {
    return values.data() + shape.outer_offset(offset);
  }

  BlockShape shape;
  std::vector<double>& values;
};

/// The spectra of a point, as far as the layout has them.
class RatesWriter {
 public:
  explicit RatesWriter(const Filling& filling);

  void operator()(const std::vector<std::size_t>& offset, const Rates& rates) const;
  void operator()(const std::vector<std::size_t>& offset, const RatesByIsotope& rates) const;

 private:
  struct ValueAndError {
    Block value;
    Block error;
  };

  void write(const ValueAndError& block, const std::vector<std::size_t>& offset, std::size_t row,
             const experiment::Spectrum& spectrum) const;

  std::size_t bins_;
  std::vector<ValueAndError> blocks_;
  std::vector<ValueAndError> by_isotope_;
};

/// chi2 and discovery times of a point for all values of the inner axes.
class ReachWriter {
 public:
  explicit ReachWriter(const Filling& filling);

  void operator()(const std::vector<std::size_t>& offset, Scenario scenario,
                  const Rates& rates) const;

 private:
  // A combination of uncertainties.
  struct InnerPoint {
    std::vector<std::pair<std::size_t, double>> uncertainties;  // parameter, value
    std::size_t chi2_offset = 0;
    std::size_t time_offset = 0;

    void apply(Scenario& scenario) const;
  };

  void add_uncertainty(const Axis& axis);
  template <class Curve>
  void write(const std::vector<std::size_t>& offset, const InnerPoint& point, const Curve& curve,
             const Scenario& scenario) const;

  Block chi2_;
  Block chi2_error_;
  Block significance_;
  Block time_;
  Block time_error_;
  std::vector<double> exposures_;
  std::size_t exposure_stride_;
  std::vector<InnerPoint> points_ = {{}};
};

/// The discovery time of a point and what it owes to every input.
class ImpactsWriter {
 public:
  explicit ImpactsWriter(const Filling& filling);

  void operator()(const std::vector<std::size_t>& offset, const Impacts& impacts) const;

 private:
  struct Column {
    Block block;
    double Impact::*member;
  };

  Block time_;
  Block time_error_;
  std::vector<Column> columns_;
};

/// Best fit and intervals of a point.
class MeasurementWriter {
 public:
  explicit MeasurementWriter(const Filling& filling);

  void operator()(const std::vector<std::size_t>& offset,
                  const statistics::ParameterFit& fit) const;

 private:
  Block best_fit_;
  Block best_fit_error_;
  Block chi2_;
  Block chi2_error_;
  Block other_minimum_;
  Block low_;
  Block low_error_;
  Block high_;
  Block high_error_;
};

/// dsigma/dT and its parts.
class CrossSectionWriter {
 public:
  explicit CrossSectionWriter(const Filling& filling);

  void operator()(const std::vector<std::size_t>& offset, const Scenario& scenario) const;

 private:
  Block total_;
  Block born_;
  Block loops_;
  Block photonic_;
};

/// What pseudo-experiments of a point say, and the sums from which they can be continued.
class ToysWriter {
 public:
  explicit ToysWriter(const Filling& filling);

  /// Uses all threads. Goes on from the sums in the block, if there are any.
  /// @param stream of random numbers: the position of the point in the grid.
  void operator()(const std::vector<std::size_t>& offset, std::uint32_t stream,
                  const Scenario& scenario, const RateCalculator& calculator) const;

 private:
  std::array<const Block*, 4> pieces() const;
  static std::array<std::size_t, 4> lengths(const statistics::ToyTally& tally);
  void restore(const std::vector<std::size_t>& offset, statistics::ToyTally& tally) const;
  void write(const std::vector<std::size_t>& offset, const statistics::ToyTally& tally) const;

  Block significance_;
  Block z_expected_;
  Block quantile_;
  Block quantile_error_;
  Block critical_;
  Block critical_error_;
  Block p_value_;
  Block p_value_error_;
  Block own_p_value_;
  Block own_p_value_error_;
  Block moments_;
  Block histogram_;
  Block histogram_squares_;
  Block tails_;
};

}  // namespace nuloop::study
