// Results as they are read: what fits together, and files that claim what they do not hold.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/setup/result.hpp"

#include "catch.hpp"
#include "fuzz/forged_result.hpp"
#include "message_of.hpp"
#include "nuloop/analysis/analysis.hpp"
#include "nuloop/analysis/earlier_result.hpp"
#include "nuloop/sweep/verify.hpp"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <limits>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include <hdf5.h>

namespace {

using Catch::Contains;
using nuloop::io::Extents;
using nuloop::io::Hdf5Handle;
using nuloop::setup::Inputs;
using nuloop::setup::Result;
using nuloop::setup::Value;
using nuloop::sweep::Depth;
using nuloop::sweep::Plan;
using nuloop::sweep::ResultTable;
using nuloop::sweep::Verification;
using nuloop::test::message_of;

/// All that `nuloop report` reads of a reach.
void report(const std::string& path) {
  const Result file = nuloop::analysis::read_result(path);
  file.table("/discovery_time", Depth::inner);
  static_cast<void>(file.unfinished());
}

Verification verify(const std::string& path) {
  const Result file = nuloop::analysis::read_result(path);
  return nuloop::sweep::verify(file,
                               nuloop::analysis::study_of(file, nuloop::fuzz::forged_world()));
}

Inputs inputs_of(const nuloop::setup::Job& job) {
  return {nuloop::fuzz::forged_world(), job, {nuloop::fuzz::forged_inputs}};
}

nuloop::analysis::Asked asked(const Inputs& inputs) {
  return {inputs.job, inputs.world, inputs.provenance};
}

/// A small result of today's format, gone at the end. The first has two experiments, one
/// background, two uncertainties and one exposure. Those of format version 2 are further back.
class ResultFile {
 public:
  static constexpr std::size_t of_format_2 = nuloop::fuzz::results_of_a_format;

  explicit ResultFile(std::size_t number = 0)
      : number_((number + nuloop::fuzz::results_of_a_format) % nuloop::fuzz::results_to_begin_with),
        path_("result_file_test_" + std::to_string(::getpid()) + "_" + std::to_string(number) +
              ".h5") {
    write();
  }
  ~ResultFile() { std::filesystem::remove(path_); }
  ResultFile(const ResultFile&) = delete;
  ResultFile& operator=(const ResultFile&) = delete;

  const std::string& path() const { return path_; }

  /// What reading says after a change.
  std::string problem_after(const std::function<void(hid_t)>& change,
                            const std::function<void(const std::string&)>& read = report) {
    {
      const Hdf5Handle file(H5Fopen(path_.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose, path_);
      change(file.id());
    }
    const std::string problem = message_of([&] { read(path_); });
    write();
    return problem;
  }

 private:
  void write() const {
    const std::uint8_t choice = nuloop::fuzz::forged_choice(number_);
    nuloop::fuzz::write_forged_result(path_, &choice, 1);
  }
  std::size_t number_;
  std::string path_;
};

Hdf5Handle space_of(const Extents& extents) {
  return {extents.empty()
              ? H5Screate(H5S_SCALAR)
              : H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr),
          H5Sclose, "space"};
}

Hdf5Handle text_type(std::size_t size) {
  Hdf5Handle type(H5Tcopy(H5T_C_S1), H5Tclose, "type");
  H5Tset_size(type.id(), size);
  return type;
}

void replace_attribute(hid_t file, const char* name, hid_t type, hid_t space, const void* value) {
  H5Adelete(file, name);
  const Hdf5Handle attribute(H5Acreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT),
                             H5Aclose, name);
  if (value != nullptr)
    H5Awrite(attribute.id(), type, value);
}

void replace_dataset(
    hid_t file, const char* name, hid_t type, const Extents& extents,
    const std::function<void(hid_t)>& creation = [](hid_t) {}) {
  H5Ldelete(file, name, H5P_DEFAULT);
  const Hdf5Handle list(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, name);
  creation(list.id());
  const Hdf5Handle dataset(
      H5Dcreate2(file, name, type, space_of(extents).id(), H5P_DEFAULT, list.id(), H5P_DEFAULT),
      H5Dclose, name);
}

void write_experiments(hid_t file, const std::vector<std::string>& names) {
  const Hdf5Handle dataset(H5Dopen2(file, "experiment", H5P_DEFAULT), H5Dclose, "experiment");
  const Hdf5Handle type(H5Dget_type(dataset.id()), H5Tclose, "type");
  std::vector<const char*> texts;
  for (const std::string& name : names)
    texts.push_back(name.c_str());
  H5Dwrite(dataset.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, texts.data());
}

std::string bytes_of(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Where the references to the names of the experiments stand, and the collection of the names.
std::pair<std::size_t, std::size_t> place_of_experiments(const std::string& path) {
  const Hdf5Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose, path);
  const Hdf5Handle dataset(H5Dopen2(file.id(), "experiment", H5P_DEFAULT), H5Dclose, "experiment");
  const haddr_t references = H5Dget_offset(dataset.id());
  std::uint64_t collection = 0;
  std::memcpy(&collection, bytes_of(path).data() + references + 4, sizeof collection);
  return {references, collection};
}

void verify_quietly(const std::string& path) {
  static_cast<void>(verify(path));
}

void allocate_early(hid_t list) {
  H5Pset_alloc_time(list, H5D_ALLOC_TIME_EARLY);
}

}  // namespace

TEST_CASE("A result is read with its axes") {
  const ResultFile file;
  CHECK(nuloop::sweep::is_result_file(file.path()));
  const Result reader = nuloop::analysis::read_result(file.path());
  CHECK(reader.title() == "A result");
  CHECK(reader.kind().name == "reach");
  CHECK(reader.unfinished() == 0);
  const ResultTable times = reader.table("/discovery_time", Depth::inner);
  REQUIRE(times.axes.size() == 3);
  CHECK(times.axes[0].key == "experiment");
  CHECK(times.axes[0].values == std::vector<Value>{"tao-30m", "tao-44m"});
  CHECK(times.axes[1].key == "background");
  CHECK(times.axes[1].values == std::vector<Value>{"none"});
  CHECK(times.axes[2].key == "flux_uncertainty");
  CHECK(times.axes[2].values == std::vector<Value>{0.005, 0.01});
  // Each task's values count on from its number.
  CHECK(times.values == std::vector<double>{1.0, 2.0, 2.0, 3.0});
}

TEST_CASE("Keys that move along with an axis are read with it") {
  const ResultFile file(6);
  const ResultTable table = nuloop::analysis::read_result(file.path()).table("/born", Depth::outer);
  REQUIRE(table.axes.size() == 2);
  CHECK(table.axes[1].key == "energy");
  CHECK(table.axes[1].values == std::vector<Value>{1.0, 2.0, 3.0});
  REQUIRE(table.axes[1].companions.size() == 1);
  CHECK(table.axes[1].companions[0].first == "recoil");
  CHECK(table.axes[1].companions[0].second == std::vector<Value>{0.1, 0.2, 0.3});
}

TEST_CASE("Finished results of every kind are complete and intact, unfinished ones intact") {
  for (std::size_t number = 0; number < nuloop::fuzz::results_to_begin_with; ++number) {
    CAPTURE(number);
    const ResultFile file(number);
    const Verification verification = verify(file.path());
    CHECK(verification.intact());
    CHECK(verification.complete() == (number % 2 == 0));
    CHECK(verification.points_done ==
          verification.points - nuloop::analysis::read_result(file.path()).unfinished());
  }
}

TEST_CASE("Copies of the axes hold the values of the axes") {
  ResultFile file;
  for (const char* name : {"/rates/experiment", "/rates/background_model"}) {
    CHECK_THAT(
        file.problem_after([&](hid_t id) { H5Ldelete(id, name, H5P_DEFAULT); }, verify_quietly),
        Contains(file.path()) && Contains(name));
    CHECK_THAT(file.problem_after(
                   [&](hid_t id) {
                     H5Ldelete(id, name, H5P_DEFAULT);
                     H5Lcreate_hard(
                         id, "/background_model", id,
                         name == std::string("/rates/experiment") ? name : "/rates/something_else",
                         H5P_DEFAULT, H5P_DEFAULT);
                   },
                   verify_quietly),
               Contains(file.path()) && Contains(name));
  }
}

TEST_CASE("A result of the first format can be shown, not verified") {
  ResultFile file(ResultFile::of_format_2);
  const auto make_first = [](hid_t id) {
    const Hdf5Handle scalar(H5Screate(H5S_SCALAR), H5Sclose, "scalar");
    const std::int32_t one = 1;
    replace_attribute(id, "format_version", H5T_STD_I32LE, scalar.id(), &one);
    H5Adelete(id, "kind");
    H5Ldelete(id, "/integrity", H5P_DEFAULT);
    H5Ldelete(id, "/chi2_error", H5P_DEFAULT);
    H5Ldelete(id, "/discovery_time_error", H5P_DEFAULT);
  };
  CHECK(file.problem_after(make_first).empty());
  CHECK_THAT(file.problem_after(make_first, verify_quietly),
             Contains(file.path()) && Contains("format version 1") && Contains("checksums"));
}

TEST_CASE("Formats that are not known are refused") {
  ResultFile file;
  const Hdf5Handle scalar(H5Screate(H5S_SCALAR), H5Sclose, "scalar");
  for (const std::int32_t version : {-1, 0, 5, 1000})
    CHECK_THAT(file.problem_after([&](hid_t id) {
      replace_attribute(id, "format_version", H5T_STD_I32LE, scalar.id(), &version);
    }),
               Contains(file.path()) && Contains("format version " + std::to_string(version)));
}

TEST_CASE("A creator that is not nuloop is refused") {
  ResultFile file;
  const Hdf5Handle scalar(H5Screate(H5S_SCALAR), H5Sclose, "scalar");
  for (const std::string creator : {"", "nuloop", "nuloop (", "nuloop 1", "nuloop 1 (a", " (a)"})
    CHECK_THAT(file.problem_after([&](hid_t id) {
      replace_attribute(id, "creator", text_type(creator.size() + 1).id(), scalar.id(),
                        creator.c_str());
    }),
               Contains(file.path()) && Contains("creator"));
}

TEST_CASE("A result that claims another kind than its job is not verified") {
  ResultFile file;
  const Hdf5Handle scalar(H5Screate(H5S_SCALAR), H5Sclose, "scalar");
  CHECK_THAT(
      file.problem_after(
          [&](hid_t id) { replace_attribute(id, "kind", text_type(5).id(), scalar.id(), "rates"); },
          verify_quietly),
      Contains(file.path()) && Contains("kind"));
}

TEST_CASE("A format version that is not an integer is refused") {
  ResultFile file;
  const Hdf5Handle scalar(H5Screate(H5S_SCALAR), H5Sclose, "scalar");
  const double two = 2.0;
  for (const hid_t type : {H5T_IEEE_F64LE, H5T_STD_I64LE, H5T_STD_I32BE})
    CHECK_THAT(file.problem_after([&](hid_t id) {
      replace_attribute(id, "format_version", type, scalar.id(), &two);
    }),
               Contains("format_version") && Contains("integer"));
  CHECK_THAT(file.problem_after([&](hid_t id) {
    replace_attribute(id, "format_version", H5T_STD_I32LE, space_of({1}).id(), &two);
  }),
             Contains("format_version") && Contains("integer"));
}

TEST_CASE("Datasets without values are refused") {
  ResultFile file(4);
  CHECK_THAT(file.problem_after(
                 [](hid_t id) {
                   replace_dataset(id, "/model", H5T_C_S1, {0}, allocate_early);
                   replace_dataset(id, "/window.low", H5T_IEEE_F64LE, {0}, allocate_early);
                   replace_dataset(id, "/rates/bin", H5T_STD_I32LE, {0}, allocate_early);
                   replace_dataset(id, "/rates/signal", H5T_IEEE_F64LE, {0, 0, 0}, allocate_early);
                 },
                 [](const std::string& path) {
                   nuloop::analysis::read_result(path).table("/rates/signal", Depth::outer,
                                                             {"/rates/bin"});
                 }),
             Contains("/rates/signal is empty"));
}

TEST_CASE("Checksums are as many as the tasks, and numbers that can be checksums") {
  ResultFile file;
  CHECK_THAT(file.problem_after(
                 [](hid_t id) {
                   replace_dataset(id, "/integrity/checksum", H5T_STD_U32LE, {3}, allocate_early);
                 },
                 verify_quietly),
             Contains(file.path()) && Contains("tasks"));
  for (const double sum :
       {-1.0, 4294967296.0, std::nan(""), std::numeric_limits<double>::infinity()})
    CHECK_THAT(
        file.problem_after(
            [&](hid_t id) {
              replace_dataset(id, "/integrity/checksum", H5T_IEEE_F64LE, {2}, allocate_early);
              const Hdf5Handle dataset(H5Dopen2(id, "/integrity/checksum", H5P_DEFAULT), H5Dclose,
                                       "checksum");
              const std::vector<double> sums(2, sum);
              H5Dwrite(dataset.id(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, sums.data());
            },
            verify_quietly),
        Contains("/integrity/checksum holds"));
}

TEST_CASE("A job in a file that is none is refused by all who read it") {
  ResultFile file;
  const Hdf5Handle scalar(H5Screate(H5S_SCALAR), H5Sclose, "scalar");
  const Inputs inputs = inputs_of(nuloop::fuzz::forged_job(0));
  const std::string axes = "axes = { experiment = [\"tao-30m\"], \"experiment, model\" = [] }\n";
  for (const std::string job : {"", "job = 3", "settings = 3", "axes = 3", "[settings",
                                "settings = []", "[job]\nname = 3\n"})
    for (const auto& read : std::vector<std::function<void(const std::string&)>>{
             report, verify_quietly, [&](const std::string& path) {
               nuloop::analysis::EarlierResult(path, asked(inputs));
             }}) {
      CAPTURE(job);
      CHECK_THAT(file.problem_after(
                     [&](hid_t id) {
                       replace_attribute(id, "job", text_type(job.size() + 1).id(), scalar.id(),
                                         job.c_str());
                     },
                     read),
                 Contains(file.path()));
    }
  CHECK_THAT(file.problem_after([&](hid_t id) {
    replace_attribute(id, "job", text_type(axes.size()).id(), scalar.id(), axes.c_str());
  }),
             Contains("experiment twice"));
}

TEST_CASE("Inputs of any form are compared") {
  ResultFile file;
  const Hdf5Handle scalar(H5Screate(H5S_SCALAR), H5Sclose, "scalar");
  const Inputs inputs = inputs_of(nuloop::fuzz::forged_job(0));
  for (const std::string text : {"x\n\n", "\n \n", "a  b\nc", "\n  "})
    CHECK_THAT(
        file.problem_after(
            [&](hid_t id) {
              replace_attribute(id, "inputs", text_type(text.size()).id(), scalar.id(),
                                text.c_str());
            },
            [&](const std::string& path) { nuloop::analysis::EarlierResult(path, asked(inputs)); }),
        Contains("cannot be extended: the checksum of"));
}

TEST_CASE("An earlier result serves the points that it has") {
  const ResultFile file;
  const Inputs inputs = inputs_of(nuloop::fuzz::forged_job(
      0, {"\"tao-30m\", \"tao-44m\"", "\"tao-44m\", \"cloud-surface\", \"tao-30m\""}));
  const nuloop::analysis::EarlierResult earlier(file.path(), asked(inputs));
  const Plan plan = nuloop::analysis::make_study(inputs.job, inputs.world).plan;
  REQUIRE(plan.task_count() == 3);
  CHECK(earlier.covers(plan.task(0)));
  CHECK_FALSE(earlier.covers(plan.task(1)));
  CHECK(earlier.covers(plan.task(2)));
  // tao-44m was the second task, whose values begin at 2.
  const auto rates = earlier.rates(plan.task(0), {2});
  REQUIRE(rates);
  REQUIRE(rates->size() == 1);
  CHECK(rates->front().reference.value[0] == 2.0);
  CHECK(rates->front().hadronic.error[1] == 3.0);
}

TEST_CASE("An earlier result whose rates have other extents is refused") {
  ResultFile file;
  const Inputs inputs = inputs_of(nuloop::fuzz::forged_job(0));
  for (const char* name : {"signal_lo", "signal_error", "hadronic_response_error"})
    for (const Extents& extents : {Extents{}, Extents{1}, Extents{2, 1}, Extents{2, 1, 1},
                                   Extents{1, 1, 18}, Extents{2, 1, 18, 1}})
      CHECK_THAT(file.problem_after(
                     [&](hid_t id) {
                       replace_dataset(id, (std::string("/rates/") + name).c_str(), H5T_IEEE_F64LE,
                                       extents, allocate_early);
                     },
                     [&](const std::string& path) {
                       nuloop::analysis::EarlierResult(path, asked(inputs));
                     }),
                 Contains(file.path()) && Contains(name));
}

TEST_CASE("A block of another rank than its dataset is refused") {
  const ResultFile file;
  const auto dataset = nuloop::analysis::read_result(file.path()).dataset("/chi2");
  std::vector<double> values(8);
  CHECK_THAT(message_of([&] { dataset.read({0}, {1}, values.data()); }), Contains("dimensions"));
  CHECK_THAT(message_of([&] { dataset.read({}, {}, values.data()); }), Contains("dimensions"));
}

TEST_CASE("Attributes that are not one text are refused") {
  ResultFile file;
  const Hdf5Handle scalar(H5Screate(H5S_SCALAR), H5Sclose, "scalar");
  const Hdf5Handle null(H5Screate(H5S_NULL), H5Sclose, "null");
  const Hdf5Handle type = text_type(8);
  const std::string many(8 * 1000, 'x');
  const auto refused = [&](hid_t attribute_type, hid_t space, const void* value) {
    for (const char* name : {"title", "job"})
      CHECK_THAT(file.problem_after(
                     [&](hid_t id) { replace_attribute(id, name, attribute_type, space, value); }),
                 Contains(file.path()) && Contains(name) && Contains("not a fixed-length text"));
  };
  refused(type.id(), space_of({1000}).id(), many.data());
  refused(type.id(), space_of({1}).id(), many.data());
  refused(type.id(), null.id(), nullptr);
  refused(text_type(H5T_VARIABLE).id(), scalar.id(), nullptr);
  refused(H5T_STD_I32LE, scalar.id(), many.data());
}

TEST_CASE("Texts that are not UTF-8 are refused") {
  ResultFile file;
  const Hdf5Handle scalar(H5Screate(H5S_SCALAR), H5Sclose, "scalar");
  CHECK_THAT(file.problem_after([&](hid_t id) {
    replace_attribute(id, "title", text_type(2).id(), scalar.id(), "\xce\xce");
  }),
             Contains("title") && Contains("UTF-8"));
  CHECK_THAT(file.problem_after([&](hid_t id) {
    write_experiments(id, {"\xff", "\xce\xbd"});
  }),
             Contains("experiment") && Contains("UTF-8"));
  ResultFile old(ResultFile::of_format_2);
  CHECK_THAT(old.problem_after([&](hid_t id) {
    const Hdf5Handle dataset(H5Dopen2(id, "experiment", H5P_DEFAULT), H5Dclose, "experiment");
    const Hdf5Handle type(H5Dget_type(dataset.id()), H5Tclose, "type");
    const std::string bytes(2 * H5Tget_size(type.id()), '\xff');
    H5Dwrite(dataset.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data());
  }),
             Contains("experiment") && Contains("UTF-8"));
}

TEST_CASE("Texts of any length are read as they are") {
  const ResultFile file;
  for (const std::vector<std::string>& names : {std::vector<std::string>{"", "\xce\xbd"},
                                                {"12345678", "123456789"},
                                                {std::string(100000, 'x'), "y"},
                                                {"same", "same"}}) {
    {
      const Hdf5Handle handle(H5Fopen(file.path().c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose,
                              file.path());
      write_experiments(handle.id(), names);
    }
    CHECK(nuloop::analysis::read_result(file.path()).texts("/experiment") == names);
  }
}

TEST_CASE("Texts that the file does not hold are refused") {
  const ResultFile file;
  const std::string sound = bytes_of(file.path());
  const auto [references, collection] = place_of_experiments(file.path());
  REQUIRE(sound.substr(collection, 4) == "GCOL");
  const auto problem = [&](std::size_t at, const std::string& change) {
    std::string bytes = sound;
    bytes.replace(at, change.size(), change);
    std::ofstream(file.path(), std::ios::binary) << bytes;
    return message_of([&] {
      static_cast<void>(nuloop::analysis::read_result(file.path()).texts("/experiment"));
    });
  };
  const auto check_refused = [&](std::size_t at, const std::string& change) {
    CAPTURE(at, change);
    CHECK_THAT(problem(at, change),
               Contains(file.path()) && Contains("/experiment") && Contains("damaged"));
  };
  const std::string most(8, '\xff'), none(8, '\0'), large("\0\0\0\0\0\x10\0\0", 8);
  CHECK(problem(references, "").empty());
  check_refused(references, most.substr(0, 4));             // a length
  check_refused(references, std::string("\x08\0\0\0", 4));  // of one byte more
  for (const std::string& address : {most, none, large})
    check_refused(references + 4, address);
  check_refused(references + 12, most.substr(0, 4));  // the number of an object
  check_refused(references + 12, none.substr(0, 4));
  check_refused(collection, "X");
  for (const std::string& size : {most, none, large})
    check_refused(collection + 8, size);
  for (const std::string& size : {most, large})
    check_refused(collection + 16 + 8, size);  // of its first object
  for (std::size_t i = 0; i < 2 * 16; ++i)  // whatever a byte says, it ends in one way or the other
    for (const char value : {'\0', '\1', '\x7f', '\x80', '\xff'})
      static_cast<void>(problem(references + i, std::string(1, value)));
}

TEST_CASE("Datasets that claim more than the file holds are refused") {
  ResultFile file;
  constexpr hsize_t large = hsize_t{1} << 32;
  for (const Extents& extents :
       {Extents{large, large}, Extents{large, large, 1}, Extents{1000, 1000, 1000},
        Extents{0, large, large}, Extents{2, 1, 2}}) {
    CAPTURE(extents);
    // Never written, so that the file does not grow; the product of the first two wraps to zero.
    const std::string problem = file.problem_after(
        [&](hid_t id) { replace_dataset(id, "discovery_time", H5T_IEEE_F64LE, extents); });
    CHECK_THAT(problem, Contains(file.path()) && Contains("discovery_time"));
    const std::string chunks = file.problem_after([&](hid_t id) {
      replace_dataset(id, "discovery_time", H5T_IEEE_F64LE, extents, [&](hid_t list) {
        const Extents chunk(extents.size(), 1);
        H5Pset_chunk(list, static_cast<int>(chunk.size()), chunk.data());
      });
    });
    const bool fits = extents == Extents{2, 1, 2};  // so that only the pieces are amiss
    CHECK_THAT(chunks, Contains("discovery_time") &&
                           Contains(fits ? "one piece" : "does not run along the axes of its job"));
  }
}

TEST_CASE("Data in other files are refused") {
  ResultFile file;
  CHECK_THAT(file.problem_after([](hid_t id) {
    replace_dataset(id, "discovery_time", H5T_IEEE_F64LE, {2, 1, 2},
                    [](hid_t list) { H5Pset_external(list, "/dev/zero", 0, H5F_UNLIMITED); });
  }),
             Contains("discovery_time") && Contains("one piece"));
  const ResultFile& other = file;
  CHECK_THAT(file.problem_after([&](hid_t id) {
    H5Ldelete(id, "status", H5P_DEFAULT);
    H5Lcreate_external(other.path().c_str(), "/experiment", id, "status", H5P_DEFAULT, H5P_DEFAULT);
  }),
             Contains("status"));
}

TEST_CASE("Datasets of types that nuloop does not write are refused") {
  ResultFile file;
  for (const hid_t type :
       {H5T_IEEE_F64BE, H5T_IEEE_F32LE, H5T_STD_U64LE, H5T_STD_REF_OBJ, H5T_C_S1})
    CHECK_THAT(file.problem_after([&](hid_t id) {
      replace_dataset(id, "discovery_time", type, {2, 1, 2}, allocate_early);
    }),
               Contains("discovery_time") && Contains("type"));
  CHECK_THAT(file.problem_after([&](hid_t id) {
    replace_dataset(id, "experiment", H5T_IEEE_F64LE, {2}, allocate_early);
  }),
             Contains("experiment") && Contains("texts"));
}

TEST_CASE("Axes, times and states that do not fit together are refused") {
  ResultFile file;
  for (const Extents& extents : {Extents{2, 2}, Extents{2, 1}, Extents{2, 1, 3},
                                 Extents{2, 1, 2, 2}, Extents{4}, Extents{1, 2, 2}})
    CHECK_THAT(file.problem_after([&](hid_t id) {
      replace_dataset(id, "discovery_time", H5T_IEEE_F64LE, extents, allocate_early);
    }),
               Contains(file.path()));
  for (const hsize_t length : {hsize_t{1}, hsize_t{3}})
    CHECK_THAT(file.problem_after([&](hid_t id) {
      replace_dataset(id, "flux_uncertainty", H5T_IEEE_F64LE, {length}, allocate_early);
    }),
               Contains("/discovery_time does not run along"));
  CHECK_THAT(file.problem_after([&](hid_t id) {
    replace_dataset(id, "status", H5T_STD_I8LE, {2, 2}, allocate_early);
  }),
             Contains("/status does not run along"));
  const Hdf5Handle scalar(H5Screate(H5S_SCALAR), H5Sclose, "scalar");
  for (const std::string job : {"[axes]\ncolour = [1]", "[axes]\n"})
    CHECK_THAT(file.problem_after([&](hid_t id) {
      replace_attribute(id, "job", text_type(job.size() + 1).id(), scalar.id(), job.c_str());
    }),
               Contains(file.path()));
}

TEST_CASE("Pending and failed points are counted") {
  ResultFile file;
  const Hdf5Handle handle(H5Fopen(file.path().c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose,
                          file.path());
  {
    const Hdf5Handle status(H5Dopen2(handle.id(), "status", H5P_DEFAULT), H5Dclose, "status");
    const std::vector<std::int8_t> values = {0, 2};
    H5Dwrite(status.id(), H5T_NATIVE_INT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
  }
  H5Fflush(handle.id(), H5F_SCOPE_GLOBAL);
  CHECK(nuloop::analysis::read_result(file.path()).unfinished() == 2);
}
