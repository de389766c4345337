// The engine with a work that multiplies: what it computes is in the file, however the run went.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "catch.hpp"
#include "folder.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/parallel/communicator.hpp"
#include "nuloop/sweep/compare.hpp"
#include "nuloop/sweep/compute.hpp"
#include "nuloop/sweep/coordinates.hpp"
#include "nuloop/sweep/result_file.hpp"
#include "nuloop/sweep/run.hpp"
#include "nuloop/sweep/verify.hpp"
#include "unit/sweep/tiny_work.hpp"

#include <cmath>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <numeric>
#include <string>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

namespace {

using namespace nuloop;
using sweep::Depth;
using sweep::ResultReader;
using sweep::RunOutcome;
using sweep::Sameness;
using sweep::Study;
using test::Folder;
using test::TinyOptions;

const sweep::Provenance provenance{"aa  tiny.toml\nbb  configs/table.toml\n"};

/// 202 outer points in two groups; the first axis is not an outer one, so that no point's numbers
/// lie side by side in the file.
sweep::Axes grid() {
  sweep::Axis places{
      {test::column_of("place", {"near", "far"}), test::column_of("distance", {2.0, 7.0})},
      Depth::outer,
      true};
  return {test::counting_axis("ratio", 2, Depth::inner), places, test::counting_axis("mass", 101),
          test::counting_axis("time", 3, Depth::innermost)};
}
constexpr std::size_t mass_axis = 2;

TinyOptions with_powers() {
  TinyOptions options;
  options.exponents = {1.0, 2.0, 3.0};
  options.multiples = mass_axis;
  return options;
}

const test::TinyLog& log_of(const Study& study) {
  return dynamic_cast<const test::TinyWork&>(*study.work).log();
}

/// Creates a result and fills its tasks with what a worker of the study computes.
void compute_all(const Study& study, const std::string& path,
                 const sweep::Provenance& inputs = provenance) {
  sweep::create_result(path, study, inputs);
  sweep::ResultWriter writer(path, parallel::Communicator().handle(), study);
  const auto worker = study.work->worker(nullptr);
  std::vector<std::string> problems;
  for (std::size_t i = 0; i < study.plan.task_count(); ++i) {
    const sweep::Task task = study.plan.task(i);
    sweep::TaskResult result = sweep::blank_result(study, task);
    sweep::compute(study, task, *worker, result, problems);
    writer.write(i, result);
  }
  writer.close();
  REQUIRE(problems.empty());
}

RunOutcome run(const Study& study, const std::string& path, const sweep::RunOptions& options = {}) {
  return sweep::run(study, provenance, parallel::Communicator(), path, options);
}

/// How many numbers of a table are not f(the coordinates of their point), where the names among
/// these are left out.
std::size_t wrong_numbers(const sweep::ResultTable& table,
                          const std::function<double(const std::vector<double>&)>& f) {
  std::size_t wrong = 0;
  for (std::size_t n = 0; n < table.values.size(); ++n) {
    std::vector<double> numbers;
    for (const sweep::Value& value : table.coordinates(n))
      if (const auto* number = std::get_if<double>(&value))
        numbers.push_back(*number);
    wrong += table.values[n] == f(numbers) ? 0 : 1;
  }
  return wrong;
}

double product(const std::vector<double>& numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), 1.0, std::multiplies<>());
}

/// Checks all numbers of a result of grid() with_powers(). They are whole, and thus exact.
void check_numbers(const std::string& path) {
  const ResultReader file(path);
  const sweep::Axes axes = grid();
  const auto error = [](const std::vector<double>& numbers) { return product(numbers) * 0x1p-30; };
  const auto outer = file.table(axes, "/outer", Depth::outer);
  CHECK(outer.keys() == std::vector<std::string>{"place", "distance", "mass"});
  CHECK(outer.values.size() == 202);
  CHECK(wrong_numbers(outer, product) == 0);
  CHECK(wrong_numbers(file.table(axes, "/outer_error", Depth::outer), error) == 0);
  const auto all = file.table(axes, "/product", Depth::innermost);
  CHECK(all.keys() == std::vector<std::string>{"ratio", "place", "distance", "mass", "time"});
  CHECK(all.values.size() == 202 * 2 * 3);
  CHECK(wrong_numbers(all, product) == 0);
  CHECK(wrong_numbers(file.table(axes, "/product_error", Depth::innermost), error) == 0);
  const auto powers = file.table(axes, "/powers/power", Depth::inner, {"/powers/exponent"});
  CHECK(powers.keys() ==
        std::vector<std::string>{"ratio", "place", "distance", "mass", "exponent"});
  CHECK(powers.values.size() == 202 * 2 * 3);
  CHECK(wrong_numbers(powers, [](std::vector<double> numbers) {
          const double exponent = numbers.back();
          numbers.pop_back();
          return std::pow(product(numbers), exponent);
        }) == 0);
  CHECK(file.unfinished(axes) == 0);
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

Sameness compare(const Study& study, const std::string& path, const Study& other_study,
                 const std::string& other) {
  return sweep::compare(ResultReader(path), study, ResultReader(other), other_study);
}

}  // namespace

TEST_CASE("The file has what the work gives at every point of the grid") {
  const Folder folder;
  const std::string path = folder / "tiny.h5";
  const Study study = test::tiny_study(grid(), with_powers());
  REQUIRE(study.plan.outer_points() == 202);
  REQUIRE(study.plan.group_count() == 2);
  REQUIRE(study.plan.tasks_per_group() > 1);
  REQUIRE(study.plan.task_count() < 202);
  compute_all(study, path);
  check_numbers(path);

  const ResultReader file(path);
  CHECK(file.title() == "Products");
  CHECK(file.kind() == "product");
  CHECK(file.provenance().inputs == provenance.inputs);
  // A coordinate of the scale, which runs along an axis too.
  CHECK(file.extents("/powers/multiple") == io::Extents{101, 3});
  const auto multiples = file.numbers("/powers/multiple");
  for (const std::size_t n : {0U, 50U, 302U})
    CHECK(multiples.at(n) == static_cast<double>((n / 3 + 1) * (n % 3 + 1)));
  // The group's own copies of the axes down to its depth, and no others.
  CHECK(file.texts("/powers/place") == std::vector<std::string>{"near", "far"});
  CHECK(file.numbers("/powers/distance") == std::vector<double>{2.0, 7.0});
  CHECK(file.numbers("/powers/ratio") == std::vector<double>{1.0, 2.0});
  CHECK_THROWS_AS(file.numbers("/powers/time"), InputError);
  CHECK_NOTHROW(sweep::check_coordinates(file, study));
  sweep::Axes moved = grid();
  moved[mass_axis].columns[0].values[3] = 4.5;
  CHECK_THROWS_AS(sweep::check_coordinates(file, test::tiny_study(moved, with_powers())),
                  InputError);
}

TEST_CASE("A verification counts what is written and finds what does not fit its checksum") {
  const Folder folder;
  const std::string path = folder / "tiny.h5";
  const Study study = test::tiny_study(grid(), with_powers());
  const auto worker = study.work->worker(nullptr);
  sweep::create_result(path, study, provenance);
  const auto verify = [&] { return sweep::verify(ResultReader(path), study); };
  CHECK(verify().tasks == study.plan.task_count());
  CHECK(verify().tasks_done == 0);
  CHECK(verify().points == 202);
  CHECK(ResultReader(path).unfinished(study.axes) == 202);

  const std::size_t last = study.plan.task_count() - 1;
  std::size_t points = 0;
  for (const std::size_t i : {std::size_t{0}, last}) {
    const sweep::Task task = study.plan.task(i);
    sweep::TaskResult result = sweep::blank_result(study, task);
    std::vector<std::string> problems;
    sweep::compute(study, task, *worker, result, problems);
    sweep::ResultWriter writer(path, parallel::Communicator().handle(), study);
    writer.write(i, result);
    CHECK(writer.read(i).values == result.values);
    writer.close();
    points += task.points();
  }
  CHECK(verify().tasks_done == 2);
  CHECK(verify().points_done == points);
  CHECK(verify().intact());
  CHECK_FALSE(verify().complete());
  CHECK(ResultReader(path).unfinished(study.axes) == 202 - points);

  sweep::ResultWriter writer(path, parallel::Communicator().handle(), study);
  sweep::TaskResult other = writer.read(last);
  other.values[0].back() += 1.0;
  writer.write_values(last, other);
  writer.close();
  CHECK(verify().tasks_done == 1);
  CHECK(verify().tasks_damaged == 1);
  CHECK(verify().first_damage.find("task " + std::to_string(last)) == 0);
  CHECK(sweep::TaskReader(ResultReader(path), study).state(last) == sweep::TaskState::pending);
}

TEST_CASE("A worker computes once what a group shares, and every point once") {
  const Study study = test::tiny_study(grid());
  const auto worker = study.work->worker(nullptr);
  std::vector<std::string> problems;
  for (std::size_t i = 0; i < study.plan.task_count(); ++i) {
    const sweep::Task task = study.plan.task(i);
    sweep::TaskResult result = sweep::blank_result(study, task);
    sweep::compute(study, task, *worker, result, problems);
    CHECK(worker->shared().count == static_cast<double>(study.plan.group_of(i) + 1));
    // What is done is not done again.
    sweep::compute(study, task, *worker, result, problems);
  }
  CHECK(worker->shared().count == static_cast<double>(study.plan.group_count()));
  CHECK(log_of(study).prepared == study.plan.outer_points());
  CHECK(log_of(study).computed == study.plan.outer_points());
  // The first point of a group stands for what its points share.
  const sweep::Point first = study.first_point(1);
  CHECK(first.at == Indices{1, 0});
  CHECK(first.number == 101);
}

TEST_CASE("A run writes what the work gives, and its record says what was shared") {
  const Folder folder;
  const std::string path = folder / "tiny.h5", by_hand = folder / "by_hand.h5";
  const Study study = test::tiny_study(grid(), with_powers());
  const RunOutcome outcome = run(study, path);
  CHECK(outcome.end == RunOutcome::End::complete);
  CHECK(outcome.tasks_before == 0);
  CHECK(outcome.tasks_done == study.plan.task_count());
  CHECK(outcome.problems.empty());
  check_numbers(path);
  CHECK(sweep::verify(ResultReader(path), study).complete());
  CHECK_FALSE(std::filesystem::exists(path + ".part"));
  std::ifstream record(path + ".run.json");
  CHECK(nlohmann::json::parse(record).at("integrals").at("count") == 2);
  compute_all(study, by_hand);
  CHECK(compare(study, path, study, by_hand).beyond == 0);
  CHECK(compare(study, path, study, by_hand).differing == 0);

  // A finished result is neither touched nor computed again, unless that is wanted.
  const std::string before = bytes_of(path);
  const std::size_t computed = log_of(study).computed;
  CHECK_THROWS_AS(run(study, path), InputError);
  sweep::RunOptions options;
  options.resume = true;
  CHECK(run(study, path, options).tasks_before == study.plan.task_count());
  CHECK(log_of(study).computed == computed);
  options = {};
  options.force = true;
  CHECK(run(study, path, options).end == RunOutcome::End::complete);
  CHECK(log_of(study).computed == computed + study.plan.outer_points());
  CHECK(bytes_of(path) == before);
}

TEST_CASE("A run that was stopped goes on where it was, to the same bytes") {
  const Folder folder;
  const std::string whole = folder / "whole.h5", path = folder / "tiny.h5";
  run(test::tiny_study(grid(), with_powers()), whole);

  const Study study = test::tiny_study(grid(), with_powers());
  sweep::RunOptions options;
  options.stop = [asked = 0]() mutable { return ++asked == 5; };  // asked after each task
  RunOutcome outcome = run(study, path, options);
  CHECK(outcome.end == RunOutcome::End::stopped);
  CHECK(outcome.tasks_done == 5);
  CHECK_FALSE(std::filesystem::exists(path));
  const sweep::Verification part = sweep::verify(ResultReader(path + ".part"), study);
  CHECK(part.tasks_done == 5);
  CHECK(part.intact());
  CHECK(log_of(study).computed == part.points_done);

  CHECK_THROWS_AS(run(study, path), InputError);  // not without being told to
  options = {};
  options.resume = true;
  outcome = run(study, path, options);
  CHECK(outcome.end == RunOutcome::End::complete);
  CHECK(outcome.tasks_before == 5);
  CHECK(outcome.tasks_done == study.plan.task_count());
  CHECK(log_of(study).computed == study.plan.outer_points());
  CHECK(bytes_of(path) == bytes_of(whole));
}

TEST_CASE("A point that cannot be computed leaves the others, and can be made up for") {
  const Folder folder;
  const std::string whole = folder / "whole.h5", path = folder / "tiny.h5";
  run(test::tiny_study(grid(), with_powers()), whole);

  TinyOptions options = with_powers();
  options.fails_at = 107;
  const Study failing = test::tiny_study(grid(), options);
  CHECK(run(failing, path).end == RunOutcome::End::failed);
  CHECK_FALSE(std::filesystem::exists(path));
  const sweep::Verification part = sweep::verify(ResultReader(path + ".part"), failing);
  CHECK(part.tasks_failed == 1);
  CHECK(part.tasks_done == part.tasks - 1);
  CHECK(part.points_done == part.points - 1);
  const auto outer = ResultReader(path + ".part").table(grid(), "/outer", Depth::outer).values;
  CHECK(std::isnan(outer.at(107)));
  CHECK(outer.at(108) == 7.0 * 8.0);

  sweep::RunOptions resume;
  resume.resume = true;
  const RunOutcome again = run(failing, path, resume);
  CHECK(again.problems ==
        std::vector<std::string>{"place = far, distance = 7, mass = 7: there is no product"});
  const Study study = test::tiny_study(grid(), with_powers());
  CHECK(run(study, path, resume).end == RunOutcome::End::complete);
  CHECK(log_of(study).computed == 1);
  CHECK(bytes_of(path) == bytes_of(whole));
}

TEST_CASE("Two results are the same, the same within their bounds, or different") {
  using Outcome = Sameness::Outcome;
  const Folder folder;
  const auto path_of = [&](const char* name) { return folder / name; };
  const Study study = test::tiny_study(grid(), with_powers());
  compute_all(study, path_of("a.h5"));
  const std::size_t values = 202 + 2 * (202 + 6 * 202 + 6 * 202);  // status, fields, their errors

  std::filesystem::copy_file(path_of("a.h5"), path_of("copy.h5"));
  CHECK(compare(study, path_of("a.h5"), study, path_of("copy.h5")).outcome == Outcome::same_bytes);

  compute_all(study, path_of("reworded.h5"), {"cc  tiny.toml\nbb  configs/table.toml\n"});
  const Sameness reworded = compare(study, path_of("a.h5"), study, path_of("reworded.h5"));
  CHECK(reworded.outcome == Outcome::same_values);
  CHECK(reworded.values == values);
  CHECK(reworded.differing == 0);
  CHECK(reworded.remarks.size() == 1);

  // Both bounds together allow 2^-29, of which this is an eighth.
  TinyOptions options = with_powers();
  options.factor = 1.0 + 0x1p-32;
  const Study near = test::tiny_study(grid(), options);
  compute_all(near, path_of("near.h5"));
  const Sameness within = compare(study, path_of("a.h5"), near, path_of("near.h5"));
  CHECK(within.outcome == Outcome::within_bounds);
  CHECK(within.differing == values - 202);
  CHECK(within.beyond == 0);
  // A third power is three times as far away.
  CHECK(within.largest.bounds == Approx(3.0 / 8.0).epsilon(1e-6));
  CHECK(within.largest.place.find("/powers/power[") == 0);

  options.factor = 1.0 + 0x1p-28;
  const Study far = test::tiny_study(grid(), options);
  compute_all(far, path_of("far.h5"));
  const Sameness different = compare(study, path_of("a.h5"), far, path_of("far.h5"));
  CHECK(different.outcome == Outcome::different);
  CHECK(different.beyond ==
        202 + 6 * 202 + 6 * 202);  // their errors are no further apart than may be
  CHECK(different.largest.bounds == Approx(6.0).epsilon(1e-6));

  // Results of other jobs are not compared.
  Study other = study;
  other.description.job = "[job]\nname = \"other\"\n";
  compute_all(other, path_of("other.h5"));
  const Sameness foreign = compare(study, path_of("a.h5"), other, path_of("other.h5"));
  CHECK(foreign.outcome == Outcome::different);
  CHECK(foreign.other_job.find("job.name") == 0);
}
