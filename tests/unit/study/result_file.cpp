// Results as they are read: what fits together, and files that claim what they do not hold.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/study/result_file.hpp"

#include "fuzz/forged_result.hpp"
#include "message_of.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <unistd.h>
#include <vector>

#include <catch2/catch.hpp>
#include <hdf5.h>

namespace {

using Catch::Contains;
using nuloop::io::Extents;
using nuloop::io::Hdf5Handle;
using nuloop::study::DiscoveryTimes;
using nuloop::study::read_discovery_times;
using nuloop::study::Value;
using nuloop::test::message_of;

/// A small result, gone at the end; two experiments, one background, two uncertainties.
class ResultFile {
 public:
  ResultFile() : path_("result_file_test_" + std::to_string(::getpid()) + ".h5") {
    nuloop::fuzz::write_forged_result(path_, nullptr, 0);
  }
  ~ResultFile() { std::filesystem::remove(path_); }
  ResultFile(const ResultFile&) = delete;
  ResultFile& operator=(const ResultFile&) = delete;

  const std::string& path() const { return path_; }

  /// What reading says after a change.
  std::string problem_after(const std::function<void(hid_t)>& change) {
    {
      const Hdf5Handle file(H5Fopen(path_.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose, path_);
      change(file.id());
    }
    const std::string problem = message_of([&] { read_discovery_times(path_); });
    nuloop::fuzz::write_forged_result(path_, nullptr, 0);
    return problem;
  }

 private:
  std::string path_;
};

Hdf5Handle space_of(const Extents& extents) {
  return {H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr), H5Sclose,
          "space"};
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

void allocate_early(hid_t list) {
  H5Pset_alloc_time(list, H5D_ALLOC_TIME_EARLY);
}

}  // namespace

TEST_CASE("A result is read with its axes") {
  const ResultFile file;
  CHECK(nuloop::study::is_result_file(file.path()));
  const DiscoveryTimes times = read_discovery_times(file.path());
  CHECK(times.title == "A result");
  REQUIRE(times.axes.size() == 3);
  CHECK(times.axes[0].key == "experiment");
  CHECK(times.axes[0].values == std::vector<Value>{"tao-30m", "tao-44m"});
  CHECK(times.axes[1].key == "background");
  CHECK(times.axes[1].values == std::vector<Value>{"none"});
  CHECK(times.axes[2].key == "flux_uncertainty");
  CHECK(times.axes[2].values == std::vector<Value>{0.005, 0.01});
  CHECK(times.years == std::vector<double>{1.0, 2.0, 3.0, 4.0});
  CHECK(times.unfinished == 0);
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
    const Hdf5Handle dataset(H5Dopen2(id, "experiment", H5P_DEFAULT), H5Dclose, "experiment");
    const Hdf5Handle type(H5Dget_type(dataset.id()), H5Tclose, "type");
    const std::string bytes(2 * H5Tget_size(type.id()), '\xff');
    H5Dwrite(dataset.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data());
  }),
             Contains("experiment") && Contains("UTF-8"));
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
    CHECK_THAT(chunks, Contains("discovery_time") && Contains("one piece"));
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
               Contains("flux_uncertainty"));
  CHECK_THAT(file.problem_after([&](hid_t id) {
    replace_dataset(id, "status", H5T_STD_I8LE, {2, 2}, allocate_early);
  }),
             Contains("4 states for 2"));
  const Hdf5Handle scalar(H5Screate(H5S_SCALAR), H5Sclose, "scalar");
  for (const std::string job : {"", "axes = 1", "[axes]\ncolour = [1]", "[axes", "[axes]\n"})
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
  CHECK(read_discovery_times(file.path()).unfinished == 2);
}
