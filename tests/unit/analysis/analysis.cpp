// The datasets of each kind of job, their shapes, and the blocks in which tasks fill them.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/analysis/analysis.hpp"

#include "catch.hpp"
#include "unit/study_fixture.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

namespace {

using namespace nuloop;
using setup::Job;
using sweep::BlockShape;
using sweep::Depth;
using sweep::Field;
using sweep::Layout;
using sweep::Plan;
using sweep::Task;
using test::world;
using Extents = std::vector<std::size_t>;
using Texts = std::vector<std::string>;

Job reach_job() {
  return test::read_job(R"([job]
name = "reach"
title = "t"
[axes]
exposure = ["1 yr", "2 yr", "3 yr"]
experiment = ["tao-30m", "tao-44m"]
flux_uncertainty = [0.005, 0.01, 0.02, 0.03]
"window.bin_width" = ["1.5 MeV", "4 MeV"]
model = ["lo+cr", "nlo", "lo"]
)");
}

Job rates_job() {
  return test::read_job(R"([job]
name = "rates"
title = "t"
kind = "rates"
[axes]
model = ["lo+cr", "nlo", "lo"]
experiment = ["tao-30m", "tao-44m"]
[settings]
"window.bin_width" = "3 MeV"
)");
}

Job cross_section_job() {
  return test::read_job(R"([job]
name = "xsec"
title = "t"
kind = "cross-section"
[axes]
recoil = ["1 MeV", "2 MeV"]
model = ["lo", "lo+cr", "nlo"]
energy = { from = "3 MeV", to = "7 MeV", points = 5 }
)");
}

Job impacts_job() {
  return test::read_job(R"([job]
name = "impacts"
title = "t"
kind = "impacts"
[axes]
experiment = ["tao-30m", "tao-44m"]
flux_uncertainty = [0.005, 0.01, 0.02]
"window.bin_width" = ["1.5 MeV", "4 MeV"]
[settings]
model = "nlo"
)");
}

Texts paths(const Layout& layout) {
  Texts list;
  for (const Field& dataset : layout.fields())
    list.push_back(dataset.path);
  std::sort(list.begin(), list.end());
  return list;
}

Texts with_errors(Texts list) {
  const std::size_t count = list.size();
  for (std::size_t i = 0; i < count; ++i)
    list.push_back(list[i] + "_error");
  return list;
}

Texts joined(Texts a, const Texts& b) {
  a.insert(a.end(), b.begin(), b.end());
  std::sort(a.begin(), a.end());
  return a;
}

const Field& dataset(const Layout& layout, const char* path) {
  return layout.fields()[layout.index(path)];
}

// Lengths over the whole grid.
Extents extents(const Job& job, const Layout& layout, const Field& set) {
  Extents lengths = extents_of(job.axes, set.along);
  for (const std::size_t length : layout.further_lengths(set))
    lengths.push_back(length);
  return lengths;
}

const Texts rates = with_errors({"/rates/signal_lo", "/rates/signal", "/rates/background"});
// What else chi2 is made of, for extending a result.
const Texts rates_of_reach =
    joined(rates, with_errors({"/rates/signal_difference", "/rates/hadronic_response"}));

}  // namespace

TEST_CASE("a job of kind reach has chi2, times and rates with their errors") {
  const Job job = reach_job();
  const sweep::Study study = analysis::make_study(job, world());
  const sweep::Layout& layout = study.layout;
  CHECK(
      paths(layout) ==
      joined(joined(with_errors({"/chi2", "/discovery_time"}), {"/significance"}), rates_of_reach));
  CHECK(extents(job, layout, dataset(layout, "/chi2")) == Extents{3, 2, 4, 2, 3});
  CHECK(extents(job, layout, dataset(layout, "/significance")) == Extents{3, 2, 4, 2, 3});
  CHECK(extents(job, layout, dataset(layout, "/discovery_time")) == Extents{2, 4, 2, 3});
  // Bins: 6 of 1.5 MeV, 3 of 4 MeV.
  CHECK(layout.scale("/rates/bin").length == 6);
  for (const std::string& path : rates_of_reach)
    CHECK(extents(job, layout, dataset(layout, path.c_str())) == Extents{2, 2, 3, 6});
  CHECK(dataset(layout, "/discovery_time").units == "365.25 day");
  CHECK(dataset(layout, "/rates/signal").units == "1/day");
  CHECK(dataset(layout, "/chi2").units == "1");
}

TEST_CASE("a job of kind rates has its spectra isotope by isotope and no chi2") {
  const Job job = rates_job();
  const sweep::Study study = analysis::make_study(job, world());
  const sweep::Layout& layout = study.layout;
  CHECK(paths(layout) ==
        joined(rates, with_errors({"/rates/signal_by_isotope", "/rates/background_by_isotope"})));
  const std::size_t isotopes = world().isotopes.size();
  CHECK(layout.scale("/rates/bin").length == 3);
  CHECK(extents(job, layout, dataset(layout, "/rates/signal")) == Extents{3, 2, 3});
  CHECK(extents(job, layout, dataset(layout, "/rates/signal_by_isotope")) == Extents{3, 2, 4, 3});
  CHECK(extents(job, layout, dataset(layout, "/rates/background_by_isotope_error")) ==
        Extents{3, 2, isotopes, 3});
  REQUIRE(layout.scales().size() == 3);
  CHECK(layout.scales()[0].path == "/rates/bin");
  CHECK(layout.scales()[0].names.empty());
  CHECK(layout.scales()[1].names == Texts{"U235", "U238", "Pu239", "Pu241"});
  CHECK(layout.scales()[2].names.size() == isotopes);
  for (const sweep::Scale& scale : layout.scales())
    CHECK((scale.names.empty() || scale.names.size() == scale.length));
}

TEST_CASE("a job of kind cross-section has four datasets over its axes and no bins") {
  const Job job = cross_section_job();
  const sweep::Study study = analysis::make_study(job, world());
  const sweep::Layout& layout = study.layout;
  CHECK(paths(layout) == Texts{"/born", "/cross_section", "/loops", "/photonic"});
  for (const Field& set : layout.fields()) {
    CHECK(extents(job, layout, set) == Extents{2, 3, 5});
    CHECK(set.units == "cm^2/MeV");
  }
  CHECK(layout.coordinates().empty());
  CHECK(layout.scales().empty());
}

TEST_CASE("a job of kind impacts has times, and what each input does to them, over outer axes") {
  const Job job = impacts_job();
  const sweep::Study study = analysis::make_study(job, world());
  const sweep::Layout& layout = study.layout;
  CHECK(paths(layout) == joined(with_errors({"/discovery_time", "/impacts/derivative"}),
                                {"/impacts/value", "/impacts/elasticity", "/impacts/uncertainty",
                                 "/impacts/shift"}));
  const Plan plan = test::plan_of(job);
  CHECK(plan.outer_points() == 12);
  CHECK(plan.inner_points() == 1);
  CHECK(plan.group_count() == 2);
  CHECK(layout.coordinates().empty());
  CHECK(extents(job, layout, dataset(layout, "/discovery_time")) == Extents{2, 3, 2});
  REQUIRE(layout.scales().size() == 1);
  const sweep::Scale& inputs = layout.scales()[0];
  CHECK(inputs.path == "/impacts/input");
  CHECK(inputs.units_path() == "/impacts/unit");
  CHECK(inputs.names.size() == inputs.length);
  CHECK(inputs.units.size() == inputs.length);
  CHECK(extents(job, layout, dataset(layout, "/impacts/shift")) == Extents{2, 3, 2, inputs.length});
  // All numbers of a reach but the exposure, the bin width, the tolerance, and what the response of
  // a detector has beyond the paper's.
  for (const setup::Parameter& parameter : setup::parameters()) {
    const bool wanted =
        parameter.quantity() != nullptr && parameter.matters_to(analysis::kind_named("reach")) &&
        !parameter.of_data && parameter.key != "exposure" && parameter.key != "window.bin_width" &&
        parameter.key != "flux_correlation" && parameter.key != "flux_shape.covariance_scale" &&
        parameter.key != "flux_shape.free_scale" && parameter.key != "signal_uncertainties.scale" &&
        parameter.key != "lo.sin2_theta_w_uncertainty" &&
        !parameter.has(setup::Parameter::Tag::free) &&
        parameter.key != "quadrature.relative_tolerance" && parameter.key != "resolution.noise" &&
        !parameter.key.starts_with("efficiency.") && !parameter.key.starts_with("oscillation.") &&
        parameter.key != "detector.dead_time" && parameter.key != "detector.live_time" &&
        !parameter.key.starts_with("further_backgrounds.") &&
        !parameter.key.starts_with("beta_decay_leak.") &&
        parameter.key != "detector.lost_photons" && parameter.key != "detector.energy_scale" &&
        parameter.key != "response_uncertainties.scale";
    CAPTURE(parameter.key);
    CHECK(std::count(inputs.names.begin(), inputs.names.end(), parameter.key) == (wanted ? 1 : 0));
  }
}

TEST_CASE("every dataset runs along scales that exist") {
  for (const Job& job : {reach_job(), rates_job(), cross_section_job(), impacts_job()}) {
    const sweep::Study study = analysis::make_study(job, world());
    const sweep::Layout& layout = study.layout;
    for (const Field& set : layout.fields()) {
      CHECK(layout.further_lengths(set).size() == set.further.size());
      CHECK_FALSE(set.long_name.empty());
    }
    for (std::size_t i = 0; i < layout.fields().size(); ++i)
      CHECK(layout.index(layout.fields()[i].path) == i);
  }
}

TEST_CASE("the blocks of all tasks fill every dataset once") {
  for (const Job& job : {reach_job(), rates_job(), cross_section_job(), impacts_job()}) {
    const sweep::Study study = analysis::make_study(job, world());
    const sweep::Layout& layout = study.layout;
    const sweep::Plan& plan = study.plan;
    for (const Field& set : layout.fields()) {
      CAPTURE(job.name, set.path);
      const Extents whole = extents(job, layout, set);
      std::size_t size = 1;
      for (const std::size_t length : whole)
        size *= length;
      std::vector<int> visits(size, 0);
      for (std::size_t i = 0; i < plan.task_count(); ++i) {
        const BlockShape block = study.block(plan.task(i), set);
        REQUIRE(block.start().size() == whole.size());
        REQUIRE(block.count().size() == whole.size());
        for (std::size_t n = 0; n < block.size(); ++n) {
          std::size_t rest = n, position = 0, stride = 1;
          for (std::size_t k = whole.size(); k-- > 0;) {
            const std::size_t index = block.start()[k] + rest % block.count()[k];
            REQUIRE(index < whole[k]);
            position += stride * index;
            rest /= block.count()[k];
            stride *= whole[k];
          }
          ++visits[position];
        }
      }
      CHECK(std::count(visits.begin(), visits.end(), 1) == static_cast<std::ptrdiff_t>(size));
    }
  }
}

TEST_CASE("strides and offsets in a block are those of its row-major array") {
  const Job job = reach_job();
  const Plan plan = test::plan_of(job);
  // Outer axes: experiment, window.bin_width, model; axes 1, 3 and 4 of the job.
  REQUIRE(plan.outer_axes() == Extents{1, 3, 4});
  const Task task{{1, 0, 1}, {1, 2, 2}};
  const BlockShape all(job.axes, task, Depth::innermost);
  CHECK(all.start() == Extents{0, 1, 0, 0, 1});
  CHECK(all.count() == Extents{3, 1, 4, 2, 2});
  CHECK(all.size() == 48);
  CHECK(all.outer_offset({0, 1, 1}) == 3);
  // Inner axes: exposure, three values 16 apart, and flux_uncertainty, four values 4 apart.
  CHECK(all.inner_offsets() == Extents{0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44});
  CHECK(all.row_size() == 12);
  CHECK(all.width() == 1);

  const BlockShape times(job.axes, task, Depth::inner);
  CHECK(times.count() == Extents{1, 4, 2, 2});
  CHECK(times.inner_offsets() == Extents{0, 4, 8, 12});

  // Dimensions after the axes are whole and move everything else apart.
  const BlockShape spectra(job.axes, task, Depth::outer, {4, 6});
  CHECK(spectra.start() == Extents{1, 0, 1, 0, 0});
  CHECK(spectra.count() == Extents{1, 2, 2, 4, 6});
  CHECK(spectra.size() == 96);
  CHECK(spectra.outer_offset({0, 1, 1}) == 72);
  CHECK(spectra.has_rows_in_one_piece());
  CHECK_FALSE(times.has_rows_in_one_piece());
  CHECK(spectra.row_size() == 24);
  CHECK(spectra.width() == 6);
}

TEST_CASE("a job without outer axes has one block, and scalars where nothing runs") {
  const Job job = test::read_job(R"([job]
name = "curve"
title = "t"
[axes]
exposure = ["1 yr", "2 yr"]
[settings]
experiment = "tao-30m"
model = "nlo"
flux_uncertainty = 0.005
)");
  const Plan plan = test::plan_of(job);
  REQUIRE(plan.task_count() == 1);
  const BlockShape time(job.axes, plan.task(0), Depth::inner);
  CHECK(time.count().empty());
  CHECK(time.size() == 1);
  CHECK(time.outer_offset({}) == 0);
  const BlockShape spectrum(job.axes, plan.task(0), Depth::outer, {18});
  CHECK(spectrum.count() == Extents{18});
}

TEST_CASE("the bytes of a result are those of its numbers") {
  const auto bytes = [](const Job& job) {
    // Beside eight bytes of checksum and number per task.
    const sweep::Study study = analysis::make_study(job, world());
    return sweep::data_bytes(study) - 8.0 * static_cast<double>(study.plan.task_count());
  };
  // A name of up to eight letters: sixteen bytes say where it stands, sixteen are its header.
  const double name = 16 + 16 + 8;
  // float64 each, and one byte of status per outer point; axes, those of /rates, bins and edges.
  const double axes_of_rates = 2 * name + 3 * name + 8.0 * 2;
  CHECK(bytes(reach_job()) ==
        8.0 * (3 * (3 * 2 * 4 * 2 * 3) + 2 * (2 * 4 * 2 * 3) + 10 * (2 * 2 * 3 * 6)) + 2 * 2 * 3 +
            8.0 * (3 + 4 + 2) + 2 * name + 3 * name + axes_of_rates + 4 * 6 + 8.0 * 2 * 2 * 6);
  const double isotopes = static_cast<double>(world().isotopes.size());
  for (const auto& isotope : world().isotopes)
    REQUIRE(isotope.name.size() <= 8);
  CHECK(bytes(rates_job()) == 8.0 * (6 * 3 * 3 * 2 + 2 * 3 * 2 * (4 + isotopes) * 3) + 3 * 2 +
                                  2 * (3 + 2) * name + 4 * 3 + 8.0 * 2 * 3 + (4 + isotopes) * name);
  CHECK(bytes(cross_section_job()) == 8.0 * 4 * 30 + 30 + 8.0 * (2 + 5) + 3 * name);

  // Without its rates, the description of ten datasets, their axes, bins and edges goes as well.
  Job lean = reach_job();
  lean.store_rates = false;
  const auto whole = [](const Job& job) { return sweep::result_bytes(test::study_of(job)); };
  CHECK(bytes(reach_job()) - bytes(lean) ==
        8.0 * 10 * (2 * 2 * 3 * 6) + axes_of_rates + 4 * 6 + 8.0 * 2 * 2 * 6);
  CHECK(whole(reach_job()) - whole(lean) > bytes(reach_job()) - bytes(lean));
  CHECK(whole(lean) > bytes(lean));
}

TEST_CASE("what a task computes has the layout's shapes") {
  for (const Job& job : {reach_job(), rates_job(), cross_section_job(), impacts_job()}) {
    const sweep::Study study = analysis::make_study(job, world());
    const sweep::Layout& layout = study.layout;
    const sweep::Plan& plan = study.plan;
    const auto worker = study.work->worker(nullptr);
    Texts problems;
    const Task task = plan.task(0);
    auto result = sweep::blank_result(study, task);
    sweep::compute(study, task, *worker, result, problems);
    CHECK(problems.empty());
    REQUIRE(result.values.size() == layout.fields().size());
    CHECK(result.status == std::vector<sweep::Status>(task.points(), sweep::Status::done));
    for (std::size_t i = 0; i < result.values.size(); ++i) {
      const Field& set = layout.fields()[i];
      CAPTURE(job.name, set.path);
      CHECK(result.values[i].size() == study.block(task, set).size());
      // Where the windows have equal bins nothing is left unwritten.
      const bool unequal = job.axis("window.bin_width") != nullptr && !set.further.empty();
      const bool some_nan = std::any_of(result.values[i].begin(), result.values[i].end(),
                                        [](double value) { return std::isnan(value); });
      CHECK((!some_nan || unequal));
    }
  }
}

TEST_CASE("bin edges follow the window's axes and end in NaN") {
  const analysis::BinEdges edges = analysis::bin_edges(reach_job(), 6);
  REQUIRE(edges.low.size() == 12);
  REQUIRE(edges.high.size() == 12);
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(edges.low[i] == 1.0 + 1.5 * static_cast<double>(i));
    CHECK(edges.high[i] == 2.5 + 1.5 * static_cast<double>(i));
    CHECK(std::isnan(edges.low[6 + i]) == (i >= 3));
  }
  CHECK(edges.low[8] == 9.0);
  CHECK(edges.high[8] == 10.0);  // the last bin is what the window leaves
}

TEST_CASE("the axis of backgrounds is not called as the rates are") {
  CHECK(setup::parameters()[*setup::find_parameter("background")].dataset == "background_model");
  CHECK(setup::parameters()[*setup::find_parameter("model")].dataset == "model");
}
