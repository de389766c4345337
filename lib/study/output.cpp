// SPDX-License-Identifier: GPL-3.0-or-later
#include "output.hpp"

#include "nuloop/foundation/errors.hpp"
#include "nuloop/study/result_file.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

#include <fmt/format.h>

namespace nuloop::study {
namespace {

namespace fs = std::filesystem;

// Raw bytes of the datasets.
double result_bytes(const Job& job, const Plan& plan) {
  const double points = static_cast<double>(plan.outer_points());
  double times = points;
  for (const Axis& axis : job.axes)
    if (axis.definition().role == Parameter::Role::uncertainty)
      times *= static_cast<double>(axis.values.size());
  const Axis* exposure = job.axis("exposure");
  const double exposures = exposure != nullptr ? static_cast<double>(exposure->values.size()) : 1.0;
  const double spectra = points * static_cast<double>(rate_datasets.size() * most_bins(job));
  return sizeof(double) * (times * (1.0 + 2.0 * exposures) + spectra) + points;
}

void check_space(const std::string& part, double needed) {
  std::error_code error;
  const fs::space_info space = fs::space(fs::absolute(part).parent_path(), error);
  if (!error && needed > static_cast<double>(space.available))
    throw InputError(
        fmt::format("{}: {:.3g} GB are needed and {:.3g} GB free; choose fewer points "
                    "or another place with -o",
                    part, 1e-9 * needed, 1e-9 * static_cast<double>(space.available)));
}

void check_writable(const std::string& path, const std::string& part) {
  std::error_code error;
  if (fs::path(path).filename().empty() || fs::is_directory(path, error))
    throw InputError(fmt::format("\"{}\": is not the name of a file; give one with -o", path));
  if (fs::exists(path, error) && !is_result_file(path))
    throw InputError(path + ": exists and is not a result of nuloop; it is not overwritten");
  const int file = ::open(part.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (file < 0)
    throw InputError(fmt::format("{}: cannot be written ({}); choose another place with -o", path,
                                 std::strerror(errno)));
  ::close(file);
}

void sync_file(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return;
  ::fsync(file);
  ::close(file);
}

}  // namespace

void check_output(const std::string& path, const std::string& part, const Job& job,
                  const Plan& plan) {
  check_writable(path, part);
  check_space(part, result_bytes(job, plan));
}

void publish(const std::string& part, const std::string& path) {
  sync_file(part);
  std::error_code error;
  fs::rename(part, path, error);
  if (error)
    throw InputError(fmt::format("{}: cannot be renamed to {} ({})", part, path, error.message()));
  const fs::path folder = fs::absolute(path).parent_path();
  sync_file(folder);
}

}  // namespace nuloop::study
