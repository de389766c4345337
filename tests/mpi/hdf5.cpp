// HDF5 files created by one rank, filled by all and read by one: contents, bytes, and files that
// are none.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/io/hdf5.hpp"

#include "catch.hpp"
#include "message_of.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/io/digest.hpp"
#include "nuloop/parallel/communicator.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <limits>
#include <string>
#include <system_error>
#include <unistd.h>
#include <vector>

#include <hdf5_hl.h>

namespace {

using nuloop::InputError;
using nuloop::MachineError;
using nuloop::io::Extents;
using nuloop::io::Hdf5Creator;
using nuloop::io::Hdf5Handle;
using nuloop::io::Hdf5Reader;
using nuloop::io::Hdf5SharedFile;
using nuloop::parallel::Communicator;
using nuloop::test::message_of;

/// A path that all ranks know and that is gone at the end, whatever has become of it.
class TemporaryFile {
 public:
  TemporaryFile(const Communicator& communicator, const std::string& name)
      : communicator_(communicator),
        path_("hdf5_test_" + communicator.broadcast(std::to_string(::getpid())) + "_" + name) {}
  ~TemporaryFile() {
    communicator_.barrier();
    std::error_code ignored;
    if (communicator_.is_master())
      std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  const Communicator& communicator_;
  std::string path_;
};

std::string bytes_of(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

const std::vector<std::string> experiments = {"cloud-surface", "tao", "\xce\xbd\xcc\x84 detector"};
const std::vector<double> energies = {0.1, 1.0, 2.5, 1e-300, -0.0};
const std::vector<std::int32_t> bins = {-3, 0, 7, 2147483647};
constexpr std::size_t slabs = 3 * 5;  // an experiment and an energy each, all bins
const std::string long_text(5000, 'x');

double value_at(std::size_t i, std::size_t j, std::size_t k) {
  return static_cast<double>(i) + 0.1 * static_cast<double>(j) + 0.01 * static_cast<double>(k);
}

void create_file(const std::string& path) {
  Hdf5Creator file(path);
  file.attribute("/", "title", "A \"test\" of \xce\xbd");
  file.attribute("/", "empty", "");
  file.attribute("/", "long", long_text);
  file.attribute("/", "version", 7);
  file.scale("/experiment", experiments);
  file.scale("/energy", energies);
  file.create_group("/group");
  file.scale("/group/bin", bins);
  file.attribute("/energy", "units", "MeV");
  file.dataset("/group/rate", std::numeric_limits<double>::quiet_NaN(),
               {"/experiment", "/energy", "/group/bin"});
  file.dataset("/status", std::int8_t{-5}, {"/experiment", "/energy"});
  file.dataset("/group/sum", std::uint32_t{4'000'000'000}, {"/experiment", "/energy"});
  file.attribute("/group/rate", "units", "d-1");
  file.close();
}

/// Slab n is written by rank (n + rotation) % size; slab `left_out` by none.
void fill_file(const std::string& path, MPI_Comm handle, int rotation, std::size_t left_out) {
  int rank = 0;
  int size = 1;
  MPI_Comm_rank(handle, &rank);
  MPI_Comm_size(handle, &size);
  Hdf5SharedFile file(path, handle);
  {
    auto rates = file.dataset("/group/rate");
    auto status = file.dataset("/status");
    auto sums = file.dataset("/group/sum");
    for (std::size_t n = 0; n < slabs; ++n) {
      if (n == left_out || static_cast<int>(n + static_cast<std::size_t>(rotation)) % size != rank)
        continue;
      const std::size_t i = n / 5;
      const std::size_t j = n % 5;
      std::vector<double> values;
      for (std::size_t k = 0; k < bins.size(); ++k)
        values.push_back(value_at(i, j, k));
      rates.write({i, j, 0}, {1, 1, bins.size()}, values.data());
      const auto code = static_cast<std::int8_t>(n);
      status.write({i, j}, {1, 1}, &code);
      const auto sum = static_cast<std::uint32_t>(4'294'967'295U - n);
      sums.write({i, j}, {1, 1}, &sum);
    }
  }
  file.close();
}

void write_file(const std::string& path, MPI_Comm handle, int rotation,
                std::size_t left_out = slabs) {
  int rank = 0;
  MPI_Comm_rank(handle, &rank);
  if (rank == 0)
    create_file(path);
  MPI_Barrier(handle);
  fill_file(path, handle, rotation, left_out);
}

/// A file with one array of zeros, /x over /a and /b.
void create_array(const std::string& path, std::size_t rows, std::size_t columns) {
  Hdf5Creator file(path);
  file.scale("/a", std::vector<double>(rows, 1.0));
  file.scale("/b", std::vector<double>(columns, 1.0));
  file.dataset("/x", 0.0, {"/a", "/b"});
  file.close();
}

/// Paths of the dimension scales along the axes of a dataset.
std::vector<std::string> scales_of(const std::string& path, const std::string& dataset) {
  const Hdf5Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose, path);
  const Hdf5Handle array(H5Dopen2(file.id(), dataset.c_str(), H5P_DEFAULT), H5Dclose, dataset);
  const Hdf5Handle space(H5Dget_space(array.id()), H5Sclose, dataset);
  std::vector<std::string> names;
  for (int i = 0; i < H5Sget_simple_extent_ndims(space.id()); ++i)
    H5DSiterate_scales(
        array.id(), static_cast<unsigned>(i), nullptr,
        [](hid_t, unsigned, hid_t scale, void* out) -> herr_t {
          std::string name(100, '\0');
          H5Iget_name(scale, name.data(), name.size());
          static_cast<std::vector<std::string>*>(out)->emplace_back(name.c_str());
          return 0;
        },
        &names);
  return names;
}

}  // namespace

TEST_CASE("What all ranks write is what one reads") {
  const Communicator communicator(MPI_COMM_WORLD);
  const TemporaryFile file(communicator, "contents.h5");
  write_file(file.path(), communicator.handle(), 0);
  communicator.barrier();
  if (!communicator.is_master())
    return;

  const Hdf5Reader reader(file.path());
  CHECK(reader.text_attribute("/", "title") == "A \"test\" of \xce\xbd");
  CHECK(reader.text_attribute("/", "empty").empty());
  CHECK(reader.text_attribute("/", "long") == long_text);
  CHECK(reader.text_attribute("/energy", "units") == "MeV");
  CHECK(reader.text_attribute("/group/rate", "units") == "d-1");
  CHECK(reader.texts("/experiment") == experiments);
  CHECK(reader.numbers("/energy") == energies);
  CHECK(std::signbit(reader.numbers("/energy").back()));
  CHECK(reader.numbers("/group/bin") == std::vector<double>{-3.0, 0.0, 7.0, 2147483647.0});

  const auto rates = reader.numbers("/group/rate");
  CHECK(scales_of(file.path(), "/group/rate") ==
        std::vector<std::string>{"/experiment", "/energy", "/group/bin"});
  CHECK(reader.extents("/group/rate") == Extents{3, 5, 4});
  REQUIRE(rates.size() == 3 * 5 * 4);
  std::size_t wrong = 0;
  for (std::size_t n = 0; n < rates.size(); ++n)
    wrong += rates[n] == value_at(n / 20, n / 4 % 5, n % 4) ? 0 : 1;
  CHECK(wrong == 0);

  const auto status = reader.numbers("/status");
  CHECK(scales_of(file.path(), "/status") == std::vector<std::string>{"/experiment", "/energy"});
  CHECK(reader.extents("/status") == Extents{3, 5});
  const auto sums = reader.numbers("/group/sum");
  REQUIRE(sums.size() == status.size());
  for (std::size_t n = 0; n < status.size(); ++n) {
    CHECK(status[n] == static_cast<double>(n));
    CHECK(sums[n] == 4'294'967'295.0 - static_cast<double>(n));
  }
}

TEST_CASE("Blocks of several rows go where they belong") {
  const Communicator communicator(MPI_COMM_WORLD);
  const TemporaryFile file(communicator, "blocks.h5");
  if (communicator.is_master())
    create_array(file.path(), 7, 5);
  communicator.barrier();
  {
    Hdf5SharedFile shared(file.path(), communicator.handle());
    {
      auto array = shared.dataset("/x");
      const std::vector<double> block = {1, 2, 3, 4, 5, 6};
      if (communicator.is_master())
        array.write({2, 1}, {2, 3}, block.data());
      // The other ranks take no part in it.
    }
    shared.close();
  }
  communicator.barrier();
  if (!communicator.is_master())
    return;
  std::vector<double> wanted(35, 0.0);
  for (std::size_t i = 0; i < 2; ++i)
    for (std::size_t j = 0; j < 3; ++j)
      wanted[(2 + i) * 5 + 1 + j] = static_cast<double>(1 + i * 3 + j);
  CHECK(Hdf5Reader(file.path()).numbers("/x") == wanted);
}

TEST_CASE("A block beyond the array is refused") {
  const Communicator communicator(MPI_COMM_WORLD);
  const TemporaryFile file(communicator, "beyond.h5");
  if (communicator.is_master())
    create_array(file.path(), 3, 1);
  communicator.barrier();
  Hdf5SharedFile shared(file.path(), communicator.handle());
  {
    auto array = shared.dataset("/x");
    std::vector<double> block = {1, 2, 3};
    CHECK_THAT(message_of<MachineError>([&] {
                 array.write({1, 0}, {3, 1}, block.data());
               }),
               Catch::Contains("/x"));
    CHECK_THAT(message_of([&] {
                 array.read({1, 0}, {3, 1}, block.data());
               }),
               Catch::Contains("/x"));
    CHECK_THAT(message_of([&] { shared.dataset("/y"); }), Catch::Contains("/y"));
  }
  shared.close();
}

TEST_CASE("A file is whole before anything is written into it and at any moment after that") {
  const Communicator communicator(MPI_COMM_WORLD);
  const TemporaryFile file(communicator, "whole.h5");
  if (communicator.is_master())
    create_file(file.path());
  communicator.barrier();
  CHECK(Hdf5Reader(file.path()).numbers("/status") == std::vector<double>(slabs, -5.0));
  communicator.barrier();
  Hdf5SharedFile shared(file.path(), communicator.handle());
  {
    auto status = shared.dataset("/status");
    const std::string copy = file.path() + "_copy_" + std::to_string(communicator.rank());
    for (std::size_t n = 0; n < slabs; ++n) {
      const auto code = static_cast<std::int8_t>(n);
      if (communicator.is_master())
        status.write({n / 5, n % 5}, {1, 1}, &code);
      communicator.barrier();
      // What a rank has written, every other sees in the file and through it, though it is open.
      std::int8_t seen = -1;
      status.read({n / 5, n % 5}, {1, 1}, &seen);
      CHECK(seen == code);
      std::filesystem::copy_file(file.path(), copy,
                                 std::filesystem::copy_options::overwrite_existing);
      const auto values = Hdf5Reader(copy).numbers("/status");
      for (std::size_t i = 0; i < slabs; ++i)
        CHECK(values[i] == (i <= n ? static_cast<double>(i) : -5.0));
      communicator.barrier();
    }
    std::filesystem::remove(copy);
  }
  shared.close();
}

TEST_CASE("What nobody writes is filled") {
  const Communicator communicator(MPI_COMM_WORLD);
  const TemporaryFile file(communicator, "fill.h5");
  write_file(file.path(), communicator.handle(), 0, 7);
  communicator.barrier();
  if (!communicator.is_master())
    return;
  const Hdf5Reader reader(file.path());
  const auto rates = reader.numbers("/group/rate");
  const auto status = reader.numbers("/status");
  REQUIRE(rates.size() == slabs * 4);
  REQUIRE(status.size() == slabs);
  for (std::size_t n = 0; n < slabs; ++n) {
    CHECK(status[n] == (n == 7 ? -5.0 : static_cast<double>(n)));
    for (std::size_t k = 0; k < 4; ++k)
      CHECK(std::isnan(rates[n * 4 + k]) == (n == 7));
  }
}

TEST_CASE("The bytes of a file do not depend on who writes what") {
  const Communicator communicator(MPI_COMM_WORLD);
  const TemporaryFile file(communicator, "bytes.h5");
  const auto digest = [&] {
    communicator.barrier();
    const std::string value = nuloop::io::sha256(bytes_of(file.path()));
    communicator.barrier();
    return value;
  };
  write_file(file.path(), communicator.handle(), 0);
  const std::string first = digest();
  for (int rotation = 1; rotation < std::max(3, communicator.size()); ++rotation) {
    write_file(file.path(), communicator.handle(), rotation);
    CHECK(digest() == first);
  }
  // One rank that does all writes the same.
  if (communicator.is_master())
    write_file(file.path(), MPI_COMM_SELF, 0);
  CHECK(digest() == first);
  // The digest sees a slab that is missing.
  write_file(file.path(), communicator.handle(), 0, 7);
  CHECK(digest() != first);
}

TEST_CASE("A new file replaces an old one that was longer") {
  const Communicator communicator(MPI_COMM_WORLD);
  const TemporaryFile file(communicator, "replaced.h5");
  if (communicator.is_master())
    std::ofstream(file.path(), std::ios::binary) << std::string(1'000'000, 'y');
  communicator.barrier();
  write_file(file.path(), communicator.handle(), 0);
  communicator.barrier();
  const bool shorter = std::filesystem::file_size(file.path()) < 1'000'000;
  CHECK(shorter);
  if (communicator.is_master())
    CHECK(Hdf5Reader(file.path()).texts("/experiment") == experiments);
}

TEST_CASE(
    "A file that cannot be created is a failure of the machine, and others can be written then") {
  const Communicator communicator(MPI_COMM_WORLD);
  const TemporaryFile folder(communicator, "no_such_folder");
  const TemporaryFile file(communicator, "afterwards.h5");
  const std::string inside = folder.path() + "/result.h5";
  CHECK_THAT(message_of<MachineError>([&] { const Hdf5Creator creator(inside); }),
             Catch::Contains(inside) && Catch::Contains("cannot be created"));
  CHECK_THAT(message_of<MachineError>([&] { const Hdf5Creator creator("."); }),
             Catch::Contains("cannot be created"));
  communicator.barrier();
  write_file(file.path(), communicator.handle(), 0);
  communicator.barrier();
  if (communicator.is_master())
    CHECK(Hdf5Reader(file.path()).numbers("/energy") == energies);
}

TEST_CASE("A file that cannot be opened for writing is a failure of the machine on every rank") {
  const Communicator communicator(MPI_COMM_WORLD);
  const TemporaryFile file(communicator, "closed.h5");
  const auto opened = [&] {
    return message_of<MachineError>(
        [&] { const Hdf5SharedFile shared(file.path(), communicator.handle()); });
  };
  CHECK_THAT(opened(), Catch::Contains(file.path()) && Catch::Contains("opened"));
  communicator.barrier();
  if (communicator.is_master())
    std::ofstream(file.path()) << "[job]\n";
  communicator.barrier();
  CHECK_THAT(opened(), Catch::Contains(file.path()) && Catch::Contains("opened"));
}

TEST_CASE("Files that are not HDF5 are input errors that name them") {
  const Communicator communicator(MPI_COMM_WORLD);
  const TemporaryFile file(communicator, "other.h5");
  if (!communicator.is_master())
    return;
  const auto opened = [](const std::string& path) {
    return message_of([&] { const Hdf5Reader reader(path); });
  };
  CHECK_THAT(opened(file.path()), Catch::Contains(file.path()));
  CHECK_THAT(opened("."), Catch::Contains("."));
  CHECK_FALSE(opened("").empty());
  for (const std::string& content :
       {std::string(), std::string("\x89HDF\r\n\x1a"), std::string("[job]\nname = \"a\"\n"),
        std::string(4096, '\0'), std::string("\x89HDF\r\n\x1a\n") + std::string(4096, '\0'),
        std::string("\x89HDF\r\n\x1a\n") + std::string(4096, '\xff')}) {
    std::ofstream(file.path(), std::ios::binary | std::ios::trunc) << content;
    CAPTURE(content.size());
    CHECK_THAT(opened(file.path()), Catch::Contains(file.path()));
  }
}

TEST_CASE("A truncated file is an input error wherever it ends") {
  const Communicator communicator(MPI_COMM_WORLD);
  const TemporaryFile file(communicator, "truncated.h5");
  write_file(file.path(), communicator.handle(), 0);
  communicator.barrier();
  if (!communicator.is_master())
    return;
  const auto size = std::filesystem::file_size(file.path());
  // From long to short: each cut leaves a true beginning of the file.
  for (const auto left :
       {size - 1, size * 3 / 4, size / 2, size / 4, std::uintmax_t{100}, std::uintmax_t{40},
        std::uintmax_t{8}, std::uintmax_t{4}, std::uintmax_t{0}}) {
    std::filesystem::resize_file(file.path(), left);
    CAPTURE(left);
    CHECK_THAT(message_of([&] { const Hdf5Reader reader(file.path()); }),
               Catch::Contains(file.path()));
  }
}

TEST_CASE("Contents that are not there or of another kind are input errors") {
  const Communicator communicator(MPI_COMM_WORLD);
  const TemporaryFile file(communicator, "kinds.h5");
  write_file(file.path(), communicator.handle(), 0);
  communicator.barrier();
  if (!communicator.is_master())
    return;
  const Hdf5Reader reader(file.path());
  const auto refused = [&](const auto& action) {
    CHECK_THAT(message_of([&] { static_cast<void>(action()); }), Catch::Contains(file.path()));
  };
  refused([&] { return reader.numbers("/nothing"); });
  refused([&] { return reader.extents("/nothing"); });
  refused([&] { return reader.texts("/nothing/at/all"); });
  refused([&] { return reader.numbers("/group"); });
  refused([&] { return reader.numbers("/experiment"); });
  refused([&] { return reader.texts("/energy"); });
  refused([&] { return reader.text_attribute("/", "nothing"); });
  refused([&] { return reader.text_attribute("/nothing", "title"); });
  refused([&] { return reader.text_attribute("/", "version"); });
  // It can be read on after that.
  CHECK(reader.numbers("/energy") == energies);
}
