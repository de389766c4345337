// The work of a job, whose points are scenarios.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/analysis/asked.hpp"
#include "nuloop/analysis/scenarios.hpp"
#include "nuloop/prediction/rates.hpp"
#include "nuloop/setup/job.hpp"
#include "nuloop/sweep/work.hpp"

#include <any>
#include <cstddef>
#include <memory>
#include <string>

namespace nuloop::analysis {

using prediction::RateCalculator;
using prediction::Rates;
using setup::Job;
using setup::Parameter;
using setup::Scenario;
using setup::World;
using sweep::Depth;
using sweep::Row;

/// The dimension scale of rates in bins. Its values are the bins' numbers.
inline constexpr const char* bin_scale = "/rates/bin";

/// An outer point of a job.
struct Point {
  const Scenario& scenario;          ///< its inner axes stand at their largest values
  std::size_t number;                ///< in the grid, row-major over the outer axes
  const RateCalculator& calculator;  ///< prepared for the scenario, unless its rates are known
  const Rates* known = nullptr;      ///< its rates, if an earlier result has them
};

class JobWork : public sweep::Work {
 public:
  sweep::Grain grain() const override;
  double shared_s(const sweep::Point& point) const override;
  std::size_t shared_pieces(const sweep::Point& point) const override;
  std::shared_ptr<const Work> along(const sweep::Axes& axes) const override;
  std::unique_ptr<sweep::Worker> worker(const sweep::Earlier* earlier) const override;
  std::unique_ptr<sweep::Earlier> earlier(const std::string& path) const override;

  Scenario scenario(const Indices& at) const { return scenario_at(job_, world_, at); }
  ScenarioSeries scenarios() const { return {job_, world_}; }
  bool integrates() const { return job_.kind->integrates; }
  Asked asked() const { return {job_, world_, provenance_}; }

  /// Computes all integrals that a point needs, with a team. Not for concurrent use.
  /// @throws NumericalError @throws Dissent
  virtual void prepare(RateCalculator& calculator, const Scenario& scenario,
                       const Team& team) const {
    calculator.prepare(scenario, team);
  }
  /// How many sets of a signal's integrals these are.
  virtual std::size_t sets_of_integrals(const Scenario&) const { return 1; }

  /// Fills the row of a point. What it holds already may be gone on from. @throws NumericalError
  /// @param kept as sweep::Worker::compute has it.
  virtual void compute(const Point& point, Row& row, std::any& kept) const = 0;

 protected:
  /// @throws as registers_in_use, before anything is computed or written.
  explicit JobWork(const Asked& asked);

  const Job& job() const { return job_; }
  const World& world() const { return world_; }

  /// The scale of the bins, and their edges.
  void add_bins();

 private:
  Job job_;
  const World& world_;
  sweep::Provenance provenance_;
};

/// Work whose fields are parts of an Outcome.
template <class Outcome>
class Tabulated : public JobWork {
 public:
  using JobWork::JobWork;

  const std::vector<sweep::Field>& fields() const override { return table_.fields(); }

  void compute(const Point& point, Row& row, std::any&) const override {
    sweep::put(table_, outcome(point, row), row);
  }

 protected:
  virtual Outcome outcome(const Point& point, const Row& row) const = 0;

  sweep::FieldTable<Outcome> table_;
};

}  // namespace nuloop::analysis
