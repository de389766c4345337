// Reads a result file with bytes changed at random, in a child that may die of it, and says who
// failed: HDF5's library or nuloop.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "fuzz/read_result.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <dlfcn.h>
#include <exception>
#include <execinfo.h>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

// For one file: of the processor, and by the clock, which shows how busy the machine is too.
constexpr int most_cpu_s = 1;
constexpr unsigned most_s = 100;

// What the child leaves behind.
struct Notes {
  std::uint64_t next;  // mutation that is being read, or will be
  std::uint64_t read;  // as a result, in spite of the changes
  char where[200];     // the innermost function outside the C library in which it died
};
Notes* notes = nullptr;

// Whose function it died in: HDF5's, then with the call that led there, or one of this program.
void note_where(int signal) {
  std::array<void*, 60> frames{};
  const int depth = backtrace(frames.data(), static_cast<int>(frames.size()));
  const char* owner = nullptr;
  const char* function = nullptr;
  for (int i = 1; i < depth; ++i) {
    Dl_info info{};
    if (dladdr(frames.at(static_cast<std::size_t>(i)), &info) == 0 || info.dli_fname == nullptr)
      continue;
    const bool in_hdf5 = std::strstr(info.dli_fname, "/libhdf5") != nullptr;
    if (!in_hdf5 && (owner != nullptr || std::strstr(info.dli_fname, "raw_bytes") == nullptr))
      continue;
    owner = in_hdf5 ? "HDF5" : "nuloop";
    function = info.dli_sname != nullptr ? info.dli_sname : function;
    if (!in_hdf5)
      break;
  }
  std::snprintf(notes->where, sizeof notes->where, "%s: %s, %s", owner != nullptr ? owner : "?",
                function != nullptr ? function : "?", strsignal(signal));
  _exit(2);
}

// Some bytes of the file changed: single bits, bytes, runs of one value, lengths and addresses.
std::string mutated(std::string bytes, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  const std::size_t changes = 1 + below(6);
  for (std::size_t i = 0; i < changes; ++i) {
    const std::size_t at = below(bytes.size());
    switch (below(5)) {
      case 0:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
        break;
      case 1:
        bytes[at] = static_cast<char>(below(256));
        break;
      case 2:
        bytes.replace(at, std::min<std::size_t>(bytes.size() - at, 1 + below(8)), 1 + below(8),
                      below(2) == 0 ? '\0' : '\xff');
        break;
      case 3: {  // a copy of another place
        const std::string piece = bytes.substr(below(bytes.size()), 1 + below(32));
        bytes.replace(at, std::min(piece.size(), bytes.size() - at), piece);
        break;
      }
      default:
        if (below(20) == 0)
          bytes.resize(std::max<std::size_t>(at, 1));
        else
          bytes[at] = static_cast<char>(bytes[at] + (below(2) == 0 ? 1 : -1));
    }
  }
  return bytes;
}

// Reads mutations from notes->next to `end`; never returns.
[[noreturn]] void child(const std::string& bytes, const std::string& path, std::uint64_t seed,
                        std::uint64_t end) {
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGALRM, SIGPROF})
    std::signal(signal, note_where);
  for (; notes->next < end; ++notes->next) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << mutated(bytes, seed + notes->next);
    const itimerval limit{{0, 0}, {most_cpu_s, 0}};
    setitimer(ITIMER_PROF, &limit, nullptr);
    alarm(most_s);
    bool good = false;
    try {
      good = nuloop::fuzz::read_result(
          path, static_cast<nuloop::fuzz::Way>(notes->next % nuloop::fuzz::ways));
    } catch (const std::exception& error) {
      std::snprintf(notes->where, sizeof notes->where, "nuloop: exception %s", error.what());
      _exit(2);
    }
    notes->read += good ? 1 : 0;
  }
  _exit(0);
}

// Whether the child came to the end.
bool survives(const std::string& bytes, const std::string& path, std::uint64_t seed,
              std::uint64_t end) {
  std::strcpy(notes->where, "?: no trace");
  const pid_t pid = fork();
  if (pid == 0)
    child(bytes, path, seed, end);
  int status = 0;
  nuloop::fuzz::promise(pid > 0 && waitpid(pid, &status, 0) == pid, "children can be had");
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: raw_bytes RESULT.h5 COUNT [SEED]\n");
    return 1;
  }
  std::ifstream stream(argv[1], std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  const std::uint64_t count = std::strtoull(argv[2], nullptr, 10);
  const std::uint64_t seed = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1;
  notes = static_cast<Notes*>(
      mmap(nullptr, sizeof(Notes), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  nuloop::fuzz::promise(notes != MAP_FAILED, "memory can be shared");
  const nuloop::fuzz::TemporaryFile file;
  nuloop::fuzz::promise(nuloop::fuzz::read_result(argv[1], nuloop::fuzz::Way::resume),
                        "the unchanged file is a result");

  std::map<std::string, std::uint64_t> by_hdf5, by_nuloop;
  while (notes->next < count && !survives(bytes, file.path(), seed, count)) {
    // What earlier files have done to the library's memory may show here: once more, alone.
    const std::uint64_t dead = notes->next;
    const std::string where = notes->where;
    if (where.starts_with("HDF5"))
      ++by_hdf5[where];
    else if (survives(bytes, file.path(), seed, dead + 1))
      ++by_hdf5["after earlier files: " + where];
    else {
      std::fprintf(stderr, "mutation %llu: %s\n", static_cast<unsigned long long>(seed + dead),
                   notes->where);
      ++by_nuloop[notes->where];
    }
    notes->next = dead + 1;
  }
  std::printf("%llu files, %llu of them read as results\n", static_cast<unsigned long long>(count),
              static_cast<unsigned long long>(notes->read));
  for (const auto& [where, times] : by_hdf5)
    std::printf("%llu times in %s\n", static_cast<unsigned long long>(times), where.c_str());
  for (const auto& [where, times] : by_nuloop)
    std::printf("nuloop at fault: %llu times in %s\n", static_cast<unsigned long long>(times),
                where.c_str());
  return by_nuloop.empty() ? 0 : 2;
}
