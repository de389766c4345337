// Systematic uncertainties beyond the paper's two, data without reactor, joint experiments.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "catch.hpp"
#include "nuloop/prediction/expectation.hpp"
#include "nuloop/setup/job.hpp"
#include "nuloop/statistics/whitened.hpp"
#include "nuloop/sweep/study.hpp"
#include "unit/statistics/exact.hpp"
#include "unit/study_fixture.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <Eigen/Dense>

namespace {

using namespace nuloop;
using experiment::Spectrum;
using prediction::Pull;
using prediction::Rates;
using setup::Scenario;
using Real = long double;
using RealVector = Eigen::Matrix<Real, Eigen::Dynamic, 1>;
using RealMatrix = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic>;
using test::Changes;

const std::string joint = "tao-30m+cloud-25mwe";
const std::vector<double> times_yr = {0.1, 1.0, 5.12, 100.0};

// Each systematic uncertainty alone; those of the resolution want one.
const std::vector<Changes> switches = {
    {{"flux_shape.uncorrelated_scale", 1.0}},
    {{"flux_shape.isotope_scale", 1.0}},
    {{"flux_shape.common_scale", 1.0}},
    {{"isotope_yields.scale", 1.0}},
    {{"energy_scale_uncertainty", 0.01}},
    {{"resolution_uncertainty", 0.1}, {"resolution.stochastic", 0.05}},
    {{"reactor_off.share", 0.25}},
    {{"flux_correlation", 0.5}},
};

Changes all_together() {
  Changes all = {{"theory.hadronic_3_gamma_uncertainty", 0.2}, {"resolution.constant", 0.01}};
  for (const Changes& one : switches)
    all.insert(one.begin(), one.end());
  return all;
}

// The analysis of Fig. 7 at NLO with flux 0.5 % and background 10 %, and what a test changes.
Scenario point(const std::string& experiment, const Changes& changes = {}) {
  return test::fig7_point({{"experiment", experiment}, {"model", "nlo"}}, changes);
}

Rates rates(const Scenario& scenario) {
  static prediction::RateCalculator calculator(test::world());
  calculator.prepare(scenario);
  return calculator.rates(scenario);
}

double chi2(const Scenario& scenario, double t) {
  return prediction::chi_square_curve(rates(scenario), scenario)(t);
}

// d^T C^-1 d with the covariance of every uncertainty by itself, in counts of t years. Rows as in
// an Expectation; nothing of it is used.
class Covariance {
 public:
  Covariance(const Rates& rates, const Scenario& s, Real t)
      : t_(t), share_(s.time.reactor_off_share) {
    const Eigen::Index bins = rates.tested.value.size();
    rows_ = share_ > 0 ? 2 * bins : bins;
    difference_ = stacked(rates.difference, nothing(bins));
    covariance_ = stacked(rates.reference, rates.background).asDiagonal();
    const auto sites = static_cast<Eigen::Index>(s.sites.size());
    const Real flux = s.uncertainties.flux;
    const Real correlation = sites > 1 ? s.uncertainties.flux_correlation : 0.0;
    const auto part = [&](const Spectrum& spectrum, Eigen::Index site) {
      Spectrum alone = nothing(bins);
      alone.value.segment(site * bins / sites, bins / sites) =
          spectrum.value.segment(site * bins / sites, bins / sites);
      return alone;
    };
    for (Eigen::Index site = 0; site < sites; ++site) {
      add(part(rates.tested, site), nothing(bins), flux * std::sqrt(1 - correlation));
      add(nothing(bins), part(rates.background, site), s.uncertainties.background);
      if (const auto& scale = rates.systematic.energy_scale)
        add(part(scale->signal, site), part(scale->background, site), s.uncertainties.energy_scale);
      if (const auto& resolution = rates.systematic.resolution)
        add(part(resolution->signal, site), part(resolution->background, site),
            s.uncertainties.resolution);
    }
    add(rates.tested, nothing(bins), flux * std::sqrt(correlation));
    add(rates.hadronic, nothing(bins), 3.597L * s.uncertainties.hadronic_3_gamma);
    for (const Spectrum& yield : rates.systematic.isotope_yields)
      add(nothing(bins), yield, s.uncertainties.isotope_yield_scale);
    std::vector<Spectrum> isotopes(4, nothing(bins));
    Spectrum all = nothing(bins);
    for (std::size_t i = 0; i < rates.systematic.flux.size(); ++i) {
      const Spectrum& one = rates.systematic.flux[i];
      add(one, nothing(bins), s.uncertainties.flux_shape_uncorrelated_scale);
      isotopes[i % 4].value += one.value;
      all.value += one.value;
    }
    for (const Spectrum& isotope : isotopes)
      add(isotope, nothing(bins), s.uncertainties.flux_shape_isotope_scale);
    add(all, nothing(bins), s.uncertainties.flux_shape_common_scale);
  }

  double chi2() const {
    // Relative to the counts, so that no digits go to their range.
    const RealVector scale = covariance_.diagonal().cwiseSqrt().cwiseInverse();
    const RealMatrix scaled = scale.asDiagonal() * covariance_ * scale.asDiagonal();
    const RealVector d = scale.asDiagonal() * difference_;
    return static_cast<double>(d.dot(scaled.ldlt().solve(d)));
  }

 private:
  static Spectrum nothing(Eigen::Index bins) {
    return {Eigen::ArrayXd::Zero(bins), Eigen::ArrayXd::Zero(bins)};
  }
  RealVector stacked(const Spectrum& signal, const Spectrum& background) const {
    const RealVector b = 365.25L * t_ * background.value.matrix().cast<Real>();
    RealVector rows = RealVector::Zero(rows_);
    rows.head(b.size()) = 365.25L * t_ * signal.value.matrix().cast<Real>() + b;
    rows.tail(rows_ - b.size()) = share_ * b.head(rows_ - b.size());
    return rows;
  }
  void add(const Spectrum& signal, const Spectrum& background, Real sigma) {
    const RealVector rows = sigma * stacked(signal, background);
    covariance_ += rows * rows.transpose();
  }

  Real t_, share_;
  Eigen::Index rows_ = 0;
  RealVector difference_;
  RealMatrix covariance_;
};

void check_forms(const Scenario& scenario) {
  const Rates r = rates(scenario);
  const auto curve = prediction::chi_square_curve(r, scenario);
  for (const double t : times_yr) {
    CAPTURE(t);
    CHECK(curve(t) == Approx(Covariance(r, scenario, t).chi2()).epsilon(1e-10));
  }
}

// Values apart by no more than their errors, and these not worth mentioning.
void check_same(const Spectrum& a, const Spectrum& b, double worth_mentioning) {
  REQUIRE(a.value.size() == b.value.size());
  const Eigen::ArrayXd size = a.value.abs().max(b.value.abs());
  for (Eigen::Index i = 0; i < a.value.size(); ++i) {
    CAPTURE(i, a.value[i], b.value[i]);
    CHECK(std::abs(a.value[i] - b.value[i]) <= a.error[i] + b.error[i] + 1e-14 * size[i]);
    CHECK(a.error[i] <= worth_mentioning * size.maxCoeff());
  }
}

Spectrum sum(const std::vector<Spectrum>& spectra) {
  Spectrum total = spectra.front();
  for (std::size_t i = 1; i < spectra.size(); ++i) {
    total.value += spectra[i].value;
    total.error += spectra[i].error;
  }
  return total;
}

}  // namespace

TEST_CASE("switched off, they leave the paper's pulls and chi2 to the last bit") {
  const Scenario scenario = point("tao-30m");
  const Rates r = rates(scenario);
  CHECK(prediction::pulls_of(scenario).size() == 2);
  CHECK_FALSE(prediction::needs_systematic_rates(scenario));
  CHECK(r.systematic.flux.empty());
  CHECK(r.systematic.isotope_yields.empty());
  CHECK_FALSE(r.systematic.energy_scale.has_value());
  Eigen::MatrixXd pulls(r.tested.value.size(), 2);
  pulls << 365.25 * r.tested.value, 365.25 * r.background.value;
  const auto paper = statistics::Whitened(
                         statistics::exact(365.25 * r.difference.value,
                                           365.25 * r.reference.value + 365.25 * r.background.value,
                                           pulls, Eigen::Vector2d(0.005, 0.10)))
                         .curve(Eigen::Vector2d(0.005, 0.10));
  for (const double t : times_yr)
    CHECK(prediction::chi_square_curve(r, scenario)(t) == paper(t));
}

TEST_CASE("their columns at width zero change rounding alone") {
  for (const Changes& one : switches) {
    Changes sharp = one;  // without data that are not the paper's
    sharp.erase("reactor_off.share");
    const Scenario on = point("tao-30m", sharp);
    const Rates r = rates(on);
    std::vector<Pull> pulls = prediction::pulls_of(on);
    for (std::size_t k = 2; k < pulls.size(); ++k)
      pulls[k].sigma = 0.0;
    const auto curve =
        statistics::Whitened(prediction::expectation(r, pulls)).curve(prediction::widths(pulls));
    const std::vector<prediction::Pull> two(pulls.begin(), pulls.begin() + 2);
    const auto paper =
        statistics::Whitened(prediction::expectation(r, two)).curve(prediction::widths(two));
    for (const double t : times_yr)
      CHECK(curve(t) == Approx(paper(t)).epsilon(1e-12));
  }
}

TEST_CASE("pulls and covariance are two forms of one chi2, for each uncertainty and for all") {
  for (const std::string& experiment :
       {std::string("tao-30m"), std::string("cloud-surface"), joint}) {
    CAPTURE(experiment);
    for (const Changes& one : switches) {
      CAPTURE(one.begin()->first);
      check_forms(point(experiment, one));
    }
    check_forms(point(experiment, all_together()));
  }
}

TEST_CASE("more bins than there are uncertainties of the flux need no combinations") {
  const Scenario scenario =
      point("tao-30m", {{"flux_shape.uncorrelated_scale", 1.0}, {"window.bin_width", 0.08}});
  REQUIRE(prediction::binning(scenario).size() == 113);
  CHECK(prediction::pulls_of(scenario).size() == 2 + 100);
  check_forms(scenario);
}

TEST_CASE("every uncertainty lowers chi2, data without reactor raise it") {
  for (const Changes& one : switches) {
    if (one.begin()->first == "flux_correlation")
      continue;
    Changes nominal = one;
    nominal.erase(one.begin()->first == "resolution.stochastic" ? "resolution_uncertainty"
                                                                : one.begin()->first);
    const double with = chi2(point("tao-30m", one), 5.0);
    const double without = chi2(point("tao-30m", nominal), 5.0);
    CAPTURE(one.begin()->first);
    CHECK((one.contains("reactor_off.share") ? with > without : with < without));
  }
}

TEST_CASE("what single bins of the flux add is the whole signal") {
  for (const std::string flux : {"mueller", "huber-table", "summation"})
    for (const std::string observable : {"electromagnetic", "electron"}) {
      CAPTURE(flux, observable);
      Scenario scenario =
          point("tao-30m",
                {{"flux_shape.common_scale", 1.0}, {"flux", flux}, {"observable", observable}});
      experiment::FluxUncertainties complete = *scenario.flux.uncertainties;
      for (auto& relative : complete.relative)
        relative.assign(complete.bins(), 1.0);
      scenario.flux.uncertainties = &complete;
      prediction::RateCalculator calculator(test::world());
      calculator.prepare(scenario);
      const Rates r = calculator.rates(scenario);
      REQUIRE(r.systematic.flux.size() == 100);
      check_same(sum(r.systematic.flux), r.tested, 1e-8);
    }
}

TEST_CASE("the same error everywhere, common to all, is a normalisation") {
  Scenario shape = point("tao-30m", {{"flux_shape.common_scale", 1.5}});
  experiment::FluxUncertainties flat = *shape.flux_uncertainties;
  for (auto& relative : flat.relative)
    relative.assign(flat.bins(), 0.02);
  shape.flux_uncertainties = &flat;
  prediction::RateCalculator calculator(test::world());
  calculator.prepare(shape);
  const auto curve = prediction::chi_square_curve(calculator.rates(shape), shape);
  const Scenario rate = point("tao-30m", {{"flux_uncertainty", std::hypot(0.005, 0.03)}});
  for (const double t : times_yr)  // to the errors of the integrals
    CHECK(curve(t) == Approx(chi2(rate, t)).epsilon(1e-8));
}

TEST_CASE("yields that may be all or nothing add up to the background") {
  setup::World world = test::world();
  for (auto& isotope : world.isotopes)
    isotope.yield_error_cm2_per_g = isotope.yield_cm2_per_g;
  prediction::RateCalculator calculator(world);
  const Scenario scenario =
      point("tao-30m", {{"isotope_yields.scale", 1.0}, {"background.scale", 0.7}});
  calculator.prepare(scenario);
  const Rates r = calculator.rates(scenario);
  REQUIRE(r.systematic.isotope_yields.size() == world.isotopes.size());
  const Spectrum total = sum(r.systematic.isotope_yields);
  CHECK(((total.value - r.background.value).abs() <= 1e-14 * r.background.value).all());
}

TEST_CASE("a change of the energy scale moves events across the edges of bins") {
  for (const double stochastic : {0.0, 0.05}) {
    const Changes resolution = {{"resolution.stochastic", stochastic}};
    Changes on = resolution;
    on["energy_scale_uncertainty"] = 0.01;
    const auto scale = rates(point("tao-30m", on)).systematic.energy_scale.value();
    // Counts in [T (1 - w/2), T (1 + w/2)] over w are T S(T), up to w^2/24 of second derivatives.
    const double w = 5e-4;
    const auto at = [&](double edge) {
      Changes narrow = resolution;
      narrow["window.low"] = edge * (1.0 - 0.5 * w);
      narrow["window.high"] = edge * (1.0 + 0.5 * w);
      narrow["window.bin_width"] = edge * w;
      const Rates r = rates(point("tao-30m", narrow));
      REQUIRE(r.tested.value.size() == 1);
      return std::pair{r.tested.value[0] / w, r.background.value[0] / w};
    };
    for (const Eigen::Index bin : {0, 1, 2, 7, 16}) {
      CAPTURE(stochastic, bin);
      const auto low = at(1.0 + 0.5 * static_cast<double>(bin));
      const auto high = at(1.5 + 0.5 * static_cast<double>(bin));
      // w^2/24 times (T d/dT)^2, which is a thousand at most, where the end of 11C is smeared.
      CHECK(std::abs(scale.signal.value[bin] - (high.first - low.first)) <=
            2e-5 * std::max(high.first, low.first));
      CHECK(std::abs(scale.background.value[bin] - (high.second - low.second)) <=
            2e-5 * std::max(high.second, low.second));
      CHECK(scale.signal.error[bin] < 1e-5 * std::max(high.first, low.first));
    }
  }
}

TEST_CASE("derivatives agree with differences of spectra over other steps") {
  const Changes base = {{"resolution.stochastic", 0.05}, {"resolution.constant", 0.01}};
  Changes on = base;
  on["energy_scale_uncertainty"] = 0.01;
  on["resolution_uncertainty"] = 0.1;
  const auto systematic = rates(point("tao-30m", on)).systematic;
  const auto compare = [&](const prediction::SignalAndBackground& derivative, const Changes& up,
                           const Changes& down, double step) {
    Changes higher = base, lower = base;
    for (const auto& [key, value] : up)
      higher[key] = value;
    for (const auto& [key, value] : down)
      lower[key] = value;
    const Rates a = rates(point("tao-30m", higher)), b = rates(point("tao-30m", lower));
    const auto check = [&](const Spectrum& slope, const Spectrum& x, const Spectrum& y) {
      const Eigen::ArrayXd plain = (x.value - y.value) / (2.0 * step);
      // A plain difference lacks step^2/6 of third derivatives, up to ten thousand times the counts
      // of the fullest bin.
      CHECK(((slope.value - plain).abs() <=
             2e3 * step * step * x.value.maxCoeff() + (x.error + y.error) / step + slope.error)
                .all());
      CHECK((slope.value.abs() > 1e-3 * x.value).any());
    };
    check(derivative.signal, a.tested, b.tested);
    check(derivative.background, a.background, b.background);
  };
  const double e = 1.7e-4;
  compare(*systematic.energy_scale,
          {{"window.low", 1.0 + e},
           {"window.high", 10.0 * (1.0 + e)},
           {"window.bin_width", 0.5 * (1.0 + e)}},
          {{"window.low", 1.0 - e},
           {"window.high", 10.0 * (1.0 - e)},
           {"window.bin_width", 0.5 * (1.0 - e)}},
          e);
  const double r = 1.3e-3;
  compare(*systematic.resolution,
          {{"resolution.stochastic", 0.05 * (1.0 + r)}, {"resolution.constant", 0.01 * (1.0 + r)}},
          {{"resolution.stochastic", 0.05 * (1.0 - r)}, {"resolution.constant", 0.01 * (1.0 - r)}},
          r);
}

TEST_CASE("a perfect resolution has no uncertainty") {
  const Scenario scenario = point("tao-30m", {{"resolution_uncertainty", 0.5}});
  CHECK(prediction::pulls_of(scenario).size() == 2);
  CHECK_FALSE(prediction::needs_systematic_rates(scenario));
}

TEST_CASE("long data without reactor make the background known") {
  for (const Changes& more : {Changes{}, Changes{{"isotope_yields.scale", 1.0}}}) {
    Changes off = more;
    off["reactor_off.share"] = 1e14;
    const Scenario known = point("cloud-surface", {{"background_uncertainty", 0.0}});
    for (const double t : times_yr)
      // What the pulls of the background still can is 1/share of what they could.
      CHECK(chi2(point("cloud-surface", off), t) == Approx(chi2(known, t)).epsilon(1e-9));
    double last = 0.0;
    for (const double share : {0.0, 0.1, 1.0, 10.0}) {
      off["reactor_off.share"] = share;
      const double now = chi2(point("cloud-surface", off), 5.0);
      CHECK(now > last);
      last = now;
    }
    CHECK(last < chi2(known, 5.0));
  }
}

TEST_CASE("data without reactor are rows of background and its pulls") {
  const Scenario scenario =
      point("tao-30m", {{"reactor_off.share", 0.5}, {"energy_scale_uncertainty", 0.01}});
  const Rates r = rates(scenario);
  const statistics::Comparison e = prediction::expectation(r, scenario);
  REQUIRE(e.reference.value.size() == 36);
  const Eigen::ArrayXd background = 365.25 * r.background.value;
  CHECK((e.reference.value.head(18) == 365.25 * r.reference.value + background).all());
  CHECK((e.tested.value.head(18) == 365.25 * r.tested.value + background).all());
  CHECK((e.difference.value.head(18) == 365.25 * r.difference.value).all());
  CHECK((e.reference.value.tail(18) == 0.5 * background).all());
  CHECK((e.tested.value.tail(18) == 0.5 * background).all());
  CHECK((e.difference.value.tail(18) == 0.0).all());
  REQUIRE(e.pulls.value.cols() == 3);
  CHECK((e.pulls.value.col(0).tail(18).array() == 0.0).all());
  CHECK((e.pulls.value.col(1).tail(18).array() == (0.5 * background)).all());
  const Eigen::ArrayXd moved = 0.5 * 365.25 * r.systematic.energy_scale->background.value;
  CHECK((e.pulls.value.col(2).tail(18).array() - moved).abs().maxCoeff() <=
        1e-14 * moved.abs().maxCoeff());
}

TEST_CASE("a joint fit that shares nothing is the sum of its members") {
  for (const Changes& own : {Changes{}, Changes{{"reactor_off.share", 0.3}},
                             Changes{{"energy_scale_uncertainty", 0.01}}})
    for (const double t : times_yr)
      CHECK(chi2(point(joint, own), t) ==
            Approx(chi2(point("tao-30m", own), t) + chi2(point("cloud-25mwe", own), t))
                .epsilon(1e-12));
}

TEST_CASE(
    "a joint fit with common pulls is no worse than a member, and no better than two fits "
    "whose pulls go the same way") {
  for (const std::string key :
       {"theory.hadronic_3_gamma_uncertainty", "flux_correlation", "flux_shape.common_scale"})
    for (const double t : times_yr) {
      CAPTURE(key, t);
      const Changes common = {{key, key == "flux_correlation" ? 1.0 : 0.2}};
      const double tao = chi2(point("tao-30m", common), t);
      const double cloud = chi2(point("cloud-25mwe", common), t);
      const double both = chi2(point(joint, common), t);
      CHECK(both > std::max(tao, cloud));
      CHECK(both < tao + cloud);
    }
}

TEST_CASE("two equal detectors with everything in common are one of twice the mass") {
  Changes shared = all_together();
  shared["flux_correlation"] = 1.0;
  shared["background_uncertainty"] = 0.0;  // what is each detector's own
  shared.erase("energy_scale_uncertainty");
  shared.erase("resolution_uncertainty");
  Scenario twins = point("tao-30m", shared);
  twins.sites.push_back(twins.site());
  shared["detector.mass"] = 2.0 * twins.site().detector.mass_t;
  const Scenario single = point("tao-30m", shared);
  for (const double t : times_yr)
    CHECK(chi2(twins, t) == Approx(chi2(single, t)).epsilon(1e-10));
}

TEST_CASE("sites keep their order, and one choice of energies per fission serves all") {
  const Scenario both = point(joint, {{"energy_per_fission", "kopeikin-2004"}});
  REQUIRE(both.sites.size() == 2);
  const Rates r = rates(both);
  const Rates tao = rates(point("tao-30m", {{"energy_per_fission", "kopeikin-2004"}}));
  const Rates cloud = rates(point("cloud-25mwe", {{"energy_per_fission", "kopeikin-2004"}}));
  for (const auto spectrum : prediction::spectra_of_rates) {
    REQUIRE((r.*spectrum).value.size() == 36);
    CHECK(((r.*spectrum).value.head(18) == (tao.*spectrum).value).all());
    CHECK(((r.*spectrum).value.tail(18) == (cloud.*spectrum).value).all());
  }
}

TEST_CASE("a job over inner axes of uncertainties gives what each point gives alone") {
  io::Node root = io::parse_toml({"job.toml", "job.toml", R"([job]
name = "n"
title = "t"
store_rates = false
[axes]
experiment = ["tao-30m", "tao-30m+cloud-25mwe"]
"flux_shape.uncorrelated_scale" = [0.0, 0.1]
"isotope_yields.scale, energy_scale_uncertainty" = [[0.0, 0.01], [0.1, 0.0]]
"reactor_off.share" = [0.0, 0.5]
[settings]
model = "nlo"
flux_uncertainty = 0.005
exposure = "1 yr"
)"});
  const setup::Job job = analysis::read_job(root, test::world());
  const sweep::Study study = test::study_of(job);
  const sweep::Layout& layout = study.layout;
  std::size_t seen = 0;
  const auto problems =
      test::for_each_result(study, [&](const sweep::Task& task, const sweep::TaskResult& result) {
        const std::vector<double>& found = result.values[layout.index("/chi2")];
        REQUIRE(found.size() == 8 * task.points());
        for (std::size_t n = 0; n < found.size(); ++n) {
          const std::size_t inner = n % 8;
          const Scenario alone =
              point(task.start[0] + n / 8 == 0 ? "tao-30m" : joint,
                    {{"flux_shape.uncorrelated_scale", inner / 4 == 0 ? 0.0 : 0.1},
                     {"isotope_yields.scale", inner / 2 % 2 == 0 ? 0.0 : 0.1},
                     {"energy_scale_uncertainty", inner / 2 % 2 == 0 ? 0.01 : 0.0},
                     {"reactor_off.share", inner % 2 == 0 ? 0.0 : 0.5}});
          CHECK(found[n] == chi2(alone, 1.0));
          ++seen;
        }
      });
  CHECK(seen == 16);
  CHECK(problems.empty());
}
