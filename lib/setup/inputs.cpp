// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/setup/inputs.hpp"

#include "nuloop/foundation/clock.hpp"
#include "nuloop/io/digest.hpp"
#include "nuloop/io/reader.hpp"
#include "nuloop/setup/used_configs.hpp"
#include "nuloop/setup/warnings.hpp"

#include <filesystem>

#include <fmt/format.h>

namespace nuloop::setup {
namespace {

// The document of a job after --set.
io::Node job_document(const io::TextFile& file, const std::vector<std::string>& assignments) {
  io::Node root = io::parse_toml(file);
  io::set_values(root, assignments);
  return root;
}

// The folder of the user's own configurations that a job names, relative to the job.
std::string own_configs_of(const io::Node& root, const std::string& job_path) {
  const io::Node* header = root.find("job");
  const io::Node* folder = header != nullptr ? header->find("configs") : nullptr;
  if (folder == nullptr)
    return "";
  const std::filesystem::path path = io::read_text(*folder, "job.configs");
  return (std::filesystem::path(job_path).parent_path() / path).string();
}

void warn(const std::vector<std::string>& sentences, Inputs& inputs) {
  for (const std::string& sentence : sentences)
    inputs.provenance.warnings += sentence + "\n";
}

// The job comes first. @param unread lines of warnings about files.
Inputs parse(const std::vector<io::TextFile>& files, const Kinds& kinds,
             const std::vector<std::string>& assignments, const std::string& unread) {
  Inputs inputs;
  inputs.provenance.warnings = unread;
  inputs.world = build_world(files);
  inputs.job = read_job(job_document(files.front(), assignments), inputs.world, kinds);
  for (const io::TextFile& file : files) {
    inputs.provenance.inputs += fmt::format("{}  {}\n", io::sha256(file.text), file.name);
    if (is_own(file))
      inputs.provenance.own_files.emplace_back(file.name, file.text);
    if ((is_own(file) && file.name.ends_with(".toml")) || &file == &files.front())
      warn(decimal_commas(file), inputs);
  }
  for (const std::string& assignment : assignments)
    warn(decimal_commas({"--set", "--set", assignment}), inputs);
  inputs.provenance.used_configs = used_configs(files, inputs.job);
  warn(warnings(inputs.job, inputs.world), inputs);
  return inputs;
}

// Texts behind each other, each with its length before it: any bytes survive.
std::string pack(const std::vector<io::TextFile>& files) {
  std::string packed;
  for (const io::TextFile& file : files)
    for (const std::string* text : {&file.name, &file.path, &file.text})
      packed += fmt::format("{} ", text->size()) + *text;
  return packed;
}

std::vector<io::TextFile> unpack(const std::string& packed) {
  std::size_t position = 0;
  const auto next = [&] {
    std::size_t digits = 0;
    const std::size_t size = std::stoull(packed.substr(position, 20), &digits);
    position += digits + 1;
    std::string text = packed.substr(position, size);
    position += size;
    return text;
  };
  std::vector<io::TextFile> files;
  while (position < packed.size()) {
    io::TextFile file;
    file.name = next();
    file.path = next();
    file.text = next();
    files.push_back(std::move(file));
  }
  return files;
}

}  // namespace

Inputs load_inputs(const parallel::Communicator& communicator, const Kinds& kinds,
                   const std::string& job_path, const std::vector<std::string>& assignments,
                   const std::string& own_configs) {
  const double begin = seconds_now();
  std::string packed, unread;
  Inputs inputs;
  parallel::agree(communicator, [&] {
    std::vector<io::TextFile> files = {
        io::read_text_file(job_path, std::filesystem::path(job_path).filename().string())};
    const std::string own =
        !own_configs.empty() ? own_configs
                             : own_configs_of(job_document(files.front(), assignments), job_path);
    const std::string folder = configs_folder();
    for (io::TextFile& file : read_configs(folder, own))
      files.push_back(std::move(file));
    for (const std::string& name : unread_files(folder, own, files))
      unread += unread_warning(name) + "\n";
    inputs = parse(files, kinds, assignments, unread);
    packed = pack(files);
  });
  packed = communicator.broadcast(packed);
  unread = communicator.broadcast(unread);
  if (!communicator.is_master())
    inputs = parse(unpack(packed), kinds, assignments, unread);
  inputs.read_s = seconds_now() - begin;
  return inputs;
}

}  // namespace nuloop::setup
