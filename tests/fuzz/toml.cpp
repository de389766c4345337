// Fuzz target of the TOML readers: jobs, configs, --set and quantities.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "fuzz/harness.hpp"
#include "nuloop/analysis/analysis.hpp"
#include "nuloop/analysis/published.hpp"
#include "nuloop/analysis/scenarios.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/prediction/rates.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace nuloop;
using fuzz::promise;

constexpr const char* complete_job =
    "[job]\nname = \"study\"\ntitle = \"A study\"\n"
    "[axes]\nexperiment = [\"tao-30m\"]\nmodel = [\"nlo\"]\n"
    "[settings]\nflux_uncertainty = 0.01\nexposure = \"1 yr\"\n";

const std::vector<io::TextFile>& configs() {
  static const auto files = setup::read_configs(NULOOP_SOURCE "/configs");
  return files;
}

const setup::World& world() {
  static const setup::World world = setup::build_world(configs());
  return world;
}

// Only what a job needs, so that a world is built quickly: one flux, one isotope, no comments.
std::vector<io::TextFile> small_configs() {
  std::vector<io::TextFile> files;
  for (io::TextFile file : configs()) {
    if (file.name.starts_with("configs/fluxes/") && !file.name.ends_with("/mueller.toml"))
      continue;
    if (file.name == "configs/isotopes.toml")
      file.text.erase(0, file.text.rfind("\n["));
    std::string text;
    for (std::size_t at = 0; at < file.text.size();) {
      const std::size_t end = std::min(file.text.find('\n', at), file.text.size() - 1) + 1;
      if (file.text[at] != '#')
        text += file.text.substr(at, end - at);
      at = end;
    }
    file.text = text;
    files.push_back(std::move(file));
  }
  return files;
}

void check_document(const io::Node& root) {
  const std::string text = io::to_toml(root);
  const io::Node again = io::parse_toml({"", "", "x = " + text});
  promise(again.find("x") != nullptr && io::to_toml(*again.find("x")) == text,
          "a document written as TOML reads back as itself");
}

void check_job(const io::Node& root, const setup::World& world) {
  const setup::Job job = analysis::read_job(root, world);
  promise(job.name.find('\0') == std::string::npos, "a name can be that of a file");
  const sweep::Study study = analysis::make_study(job, world);
  const sweep::Layout& layout = study.layout;
  const sweep::Plan& plan = study.plan;
  promise(plan.task_count() > 0, "a job has tasks");
  const bool rates =
      std::any_of(layout.fields().begin(), layout.fields().end(),
                  [](const auto& field) { return field.path.starts_with("/rates/"); });
  const bool bins = std::any_of(
      layout.scales().begin(), layout.scales().end(),
      [](const sweep::Scale& scale) { return scale.path == "/rates/bin" && scale.length > 0; });
  promise(rates == bins, "rates have bins");
  std::size_t values = 0;
  for (const setup::Axis& axis : job.axes)
    values += axis.size() * axis.columns.size();
  if (values > 10000)
    return;  // right, but slow
  const setup::Job again = analysis::read_job(io::parse_toml({"", "", job.resolved}), world);
  promise(again.resolved == job.resolved, "a resolved job reads back as itself");
  const sweep::Task task = plan.task(plan.task_count() - 1);
  const setup::Scenario scenario =
      analysis::scenario_at(job, world, study.point(task, task.points() - 1).at);
  if (job.kind == &analysis::kind_named("cross-section")) {
    promise(scenario.kinematics.energy_MeV > 0.0 && scenario.kinematics.recoil_MeV > 0.0,
            "a job says at which energy");
    return;
  }
  promise(scenario.flux.model != nullptr, "a job says which flux");
  promise(prediction::binning(scenario).size() > 0, "a job has bins");
  const auto mean_MeV =
      std::midpoint(scenario.flux.model->low_MeV(), scenario.flux.model->high_MeV());
  for (const double value : (*scenario.flux.model)(mean_MeV))
    promise(!std::isnan(value), "a flux is a number");
}

void fuzz_config(const std::string& name, const std::string& text) {
  static const std::vector<io::TextFile> small = small_configs();
  static const io::Node job = io::parse_toml({"", "", complete_job});
  if (name == "configs/published.toml") {
    for (const analysis::PublishedTime& time :
         analysis::read_published({name, name, text}, world()))
      promise(time.discovery_time_yr > 0.0, "published times are positive");
    return;
  }
  std::vector<io::TextFile> files = small;
  const auto file = std::find_if(files.begin(), files.end(),
                                 [&](const io::TextFile& f) { return f.name == name; });
  if (file == files.end())
    return;
  file->text = text;
  check_job(job, setup::build_world(files));
}

void fuzz_assignments(const std::string& text) {
  static const io::Node job = io::parse_toml({"", "", complete_job});
  io::Node root = job;
  // A NUL cannot be part of an argument and so can stand between two.
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\0', at), text.size());
    io::set_value(root, text.substr(at, end - at));
    at = end + 1;
  }
  check_document(root);
  check_job(root, world());
}

void fuzz_quantity(std::string_view text) {
  for (int i = 0; i <= static_cast<int>(io::Dimension::inverse_energy_squared); ++i) {
    const auto dimension = static_cast<io::Dimension>(i);
    double value = 0.0;
    try {
      value = io::parse_quantity(text, dimension);
    } catch (const InputError&) {
      continue;
    }
    const double again = io::parse_quantity(io::format_quantity(value, dimension), dimension);
    promise(again == value || (std::isnan(again) && std::isnan(value)),
            "a quantity written out reads back as itself");
  }
}

// The first line says which reader the rest is for.
void fuzz_text(const std::string& reader, const std::string& text) {
  if (reader.starts_with("configs/"))
    fuzz_config(reader, text);
  else if (reader == "--set")
    fuzz_assignments(text);
  else if (reader == "quantity")
    fuzz_quantity(text);
  else {
    const io::Node root = io::parse_toml({"job.toml", "job.toml", text});
    check_document(root);
    check_job(root, world());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(input.find('\n'), input.size());
  try {
    fuzz_text(input.substr(0, end), input.substr(std::min(end + 1, input.size())));
  } catch (const InputError&) {
    // the one failure there may be
  }
  return 0;
}
