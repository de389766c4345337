// SPDX-License-Identifier: GPL-3.0-or-later
#include "job_work.hpp"

#include "analyses.hpp"
#include "nuloop/analysis/earlier_result.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/foundation/registers.hpp"

#include <optional>
#include <utility>
#include <vector>

namespace nuloop::analysis {
namespace {

// Rough, from measurements on one core: the integrals of a bin, and of a flux at each of its knots,
// in electromagnetic energy, and how much longer they take otherwise.
constexpr double bin_s = 8e-5;
constexpr double knot_s = 2e-4;
constexpr double electron_factor = 2.0;
constexpr double smeared_bin_factor = 15.0;
constexpr double smeared_knot_factor = 3.0;
constexpr double shifted_sets = 6.0;  // of integrals, for a pull that shifts energies

double integrals_s(const Scenario& s) {
  const double bins = static_cast<double>(prediction::binning(s).size());
  const double knots = static_cast<double>(s.flux.model->knots_MeV().size());
  const bool perfect = s.sites.front().response.resolution.perfect();
  double seconds = bins * bin_s * (perfect ? 1.0 : smeared_bin_factor) +
                   knots * knot_s * (perfect ? 1.0 : smeared_knot_factor);
  if (s.theory.observable == physics::Observable::electron)
    seconds *= electron_factor;
  double sets = 1.0;
  if (prediction::wants_flux_bins(s))
    sets += static_cast<double>(s.flux.uncertainties->bins());
  if (prediction::shifts_energy_scale(s))
    sets += shifted_sets;
  if (prediction::shifts_resolution(s))
    sets += shifted_sets;
  return sets * seconds;
}

// Computes rates, or takes those that an earlier result has.
class JobWorker : public sweep::Worker {
 public:
  JobWorker(const JobWork& work, const World& world, const EarlierResult* earlier)
      : work_(work), calculator_(world), scenarios_(work.scenarios()), earlier_(earlier) {}

  void begin(const sweep::Task& task) override {
    known_.reset();
    prepared_ = false;
    const auto scenario = [&](std::size_t n) { return work_.scenario(task.at(n)); };
    // All points ask for the same kinds of rates, and results hold none for systematic
    // uncertainties.
    if (earlier_ != nullptr && earlier_->covers(task) &&
        !prediction::needs_systematic_rates(scenario(0))) {
      Indices bins;
      for (std::size_t n = 0; n < task.points(); ++n)
        bins.push_back(prediction::binning(scenario(n)).size());
      known_ = earlier_->rates(task, bins);
    }
    if (!known_)
      calculator_.make_room();
  }

  void prepare(const sweep::Point& point, const Team& team) override {
    if (known_ || !work_.integrates())
      return;
    const Scenario& scenario = scenarios_.at(point.at);
    if (prepared_ && scenarios_.same_integrals())
      return;
    prepared_ = false;
    work_.prepare(calculator_, scenario, team);
    prepared_ = true;
  }

  void compute(const sweep::Point& point, Row& row, std::any& kept) const override {
    auto* mine = std::any_cast<Kept>(&kept);
    if (mine == nullptr)
      mine = &kept.emplace<Kept>(Kept{scenarios_, {}});
    work_.compute({mine->scenarios.at(point.at), point.number, calculator_,
                   known_ ? &(*known_)[point.in_task] : nullptr},
                  row, mine->of_work);
  }

  sweep::Pieces shared() const override { return calculator_.effort(); }

 private:
  // What a thread keeps.
  struct Kept {
    ScenarioSeries scenarios;
    std::any of_work;
  };

  const JobWork& work_;
  RateCalculator calculator_;
  ScenarioSeries scenarios_;  // that were prepared
  bool prepared_ = false;     // the last of them
  const EarlierResult* earlier_;
  std::optional<std::vector<Rates>> known_;  // of the task's points
};

}  // namespace

JobWork::JobWork(const Asked& asked)
    : job_(asked.job), world_(asked.world), provenance_(asked.provenance) {
  registers_in_use();
}

sweep::Grain JobWork::grain() const {
  sweep::Grain grain;
  grain.fills_all_threads = job_.kind->fills_all_threads;
  return grain;
}

double JobWork::shared_s(const sweep::Point& point) const {
  if (!integrates())
    return 0.0;
  const Scenario all = scenario(point.at);
  return integrals_s(all) + (all.data ? integrals_s(*all.data) : 0.0);
}

std::size_t JobWork::shared_pieces(const sweep::Point& point) const {
  return integrates() ? sets_of_integrals(scenario(point.at)) : 0;
}

std::shared_ptr<const sweep::Work> JobWork::along(const sweep::Axes& axes) const {
  Job job = job_;
  job.axes = axes;
  return analysis_of(*job.kind).work({job, world_, provenance_});
}

std::unique_ptr<sweep::Worker> JobWork::worker(const sweep::Earlier* earlier) const {
  return std::make_unique<JobWorker>(*this, world_, dynamic_cast<const EarlierResult*>(earlier));
}

std::unique_ptr<sweep::Earlier> JobWork::earlier(const std::string& path) const {
  throw InputError(path + ": only results of kind \"reach\" can be extended");
}

void JobWork::add_bins() {
  const std::size_t bins = most_bins(job_);
  scales_.push_back({bin_scale, "bin of visible energy", {}, bins});
  std::vector<std::size_t> axes;
  for (std::size_t i = 0; i < job_.axes.size(); ++i)
    if (setup::shapes_the_bins(job_.axes[i]))
      axes.push_back(i);
  BinEdges edges = bin_edges(job_, bins);
  coordinates_.push_back(
      {"/rates/bin_low", "MeV", "lower bin edge", axes, bin_scale, std::move(edges.low)});
  coordinates_.push_back(
      {"/rates/bin_high", "MeV", "upper bin edge", axes, bin_scale, std::move(edges.high)});
}

}  // namespace nuloop::analysis
