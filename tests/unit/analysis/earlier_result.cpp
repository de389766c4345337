// A finished result serves a larger job: which tasks it covers, with what, and without integrals.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/analysis/earlier_result.hpp"

#include "catch.hpp"
#include "folder.hpp"
#include "message_of.hpp"
#include "nuloop/analysis/analysis.hpp"
#include "nuloop/parallel/communicator.hpp"
#include "nuloop/sweep/compute.hpp"
#include "nuloop/sweep/run.hpp"

#include <cmath>
#include <cstddef>
#include <fstream>
#include <string>
#include <vector>

#include <mpi.h>

namespace {

using namespace nuloop;
using analysis::EarlierResult;
using setup::Inputs;
using sweep::Plan;
using sweep::Task;
using sweep::TaskResult;
using test::Folder;
using Texts = std::vector<std::string>;

const parallel::Communicator& communicator() {
  static const parallel::MpiSession session(nullptr, nullptr);
  static const parallel::Communicator world(MPI_COMM_WORLD);
  return world;
}

Inputs inputs_of(const Folder& folder, const Texts& assignments) {
  std::ofstream((folder / "job.toml")) << R"([job]
name = "small"
title = "Few points"
[axes]
"window.low" = ["1 MeV", "2 MeV"]
model = ["lo+cr", "nlo"]
[settings]
experiment = "tao-30m"
flux_uncertainty = 0.005
exposure = "1 yr"
"window.bin_width" = "3 MeV"
)";
  return analysis::load_inputs(communicator(), (folder / "job.toml"), assignments);
}

analysis::Asked asked(const Inputs& inputs) {
  return {inputs.job, inputs.world, inputs.provenance};
}

sweep::Study study_of(const Inputs& inputs) {
  return analysis::make_study(inputs.job, inputs.world, inputs.provenance);
}

std::string small_result(const Folder& folder, const Texts& assignments = {}) {
  const std::string path = folder / "small.h5";
  const Inputs inputs = inputs_of(folder, assignments);
  const auto outcome = sweep::run(study_of(inputs), inputs.provenance, communicator(), path, {});
  REQUIRE(outcome.end == sweep::RunOutcome::End::complete);
  return path;
}

bool same(const TaskResult& a, const TaskResult& b) {
  return sweep::checksum(a) == sweep::checksum(b) && a.status == b.status;
}

// Computes every task with and without the earlier result: the same values, integrals only where it
// has no rates. @returns for each task whether it was covered.
std::vector<bool> compare(const Inputs& inputs, const EarlierResult& earlier) {
  const sweep::Study study = study_of(inputs);
  const sweep::Plan& plan = study.plan;
  const auto direct = study.work->worker(nullptr);
  std::vector<bool> covered;
  Texts problems;
  for (std::size_t index = 0; index < plan.task_count(); ++index) {
    const Task task = plan.task(index);
    const auto with = [&](sweep::Worker& worker) {
      TaskResult result = sweep::blank_result(study, task);
      sweep::compute(study, task, worker, result, problems);
      return result;
    };
    const auto extending = study.work->worker(&earlier);
    CHECK(same(with(*extending), with(*direct)));
    covered.push_back(earlier.covers(task));
    CHECK(extending->shared().count == (covered.back() ? 0.0 : 1.0));
  }
  CHECK(problems.empty());
  return covered;
}

}  // namespace

TEST_CASE("its own job is covered whole") {
  const Folder folder;
  const Inputs inputs = inputs_of(folder, {});
  const EarlierResult earlier(small_result(folder), asked(inputs));
  CHECK(compare(inputs, earlier) == std::vector<bool>(4, true));
}

TEST_CASE("new values on outer axes are computed, old ones are not") {
  const Folder folder;
  const std::string path = small_result(folder);
  const Inputs larger = inputs_of(
      folder, {"settings.window.high=10 MeV", "axes.model=[\"nlo\", \"lo+cr-shift\", \"lo+cr\"]"});
  REQUIRE(larger.job.axes.back().column().key == "model");
  const EarlierResult earlier(path, asked(larger));
  CHECK(compare(larger, earlier) == std::vector{true, false, true, true, false, true});
}

TEST_CASE("new values of the axis that changes the integrals, in front, between and behind") {
  const Folder folder;
  const Texts both = {"axes.model=[\"lo+cr\", \"nlo\"]"};
  const std::string path = small_result(folder);
  const Inputs larger = inputs_of(
      folder, {"axes.\"window.low\"=[\"0.5 MeV\", \"1 MeV\", \"1.5 MeV\", \"2 MeV\", \"4 MeV\"]",
               both.front()});
  const EarlierResult earlier(path, asked(larger));
  CHECK(compare(larger, earlier) ==
        std::vector{false, false, true, true, false, false, true, true, false, false});
}

TEST_CASE("what is made of the rates may change altogether") {
  const Folder folder;
  const std::string path = small_result(folder);
  for (const Texts& changes :
       {Texts{"settings.flux_uncertainty=0.02"}, Texts{"settings.discovery.significance=3"},
        Texts{"settings.theory.hadronic_3_gamma_uncertainty=0.2", "settings.exposure=7 yr"}}) {
    CAPTURE(changes);
    const Inputs other = inputs_of(folder, changes);
    CHECK(compare(other, EarlierResult(path, asked(other))) == std::vector<bool>(4, true));
  }
}

TEST_CASE("what changes the rates may not change; the message says what did") {
  using Catch::Contains;
  const Folder folder;
  const std::string path = small_result(folder);
  const auto refusal = [&](const Texts& changes) {
    const Inputs other = inputs_of(folder, changes);
    return test::message_of([&] { EarlierResult(path, asked(other)); });
  };
  CHECK(refusal({}).empty());
  CHECK_THAT(refusal({"settings.flux=huber"}),
             Contains("settings.flux is \"mueller\" there and \"huber\" here"));
  CHECK_THAT(refusal({"settings.detector.mass=3 t"}),
             Contains("settings.\"detector.mass\" is nothing there and \"3 t\" here"));
  CHECK_THAT(refusal({"axes.fuel=[\"begin-of-cycle\"]"}), Contains("fuel"));
  CHECK_THAT(
      refusal({"axes.detector.mass=[\"2.8 t\"]"}),
      Contains("its axes are window.low, model, here they are window.low, model, detector.mass"));
}
