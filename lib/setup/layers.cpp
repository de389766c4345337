// SPDX-License-Identifier: GPL-3.0-or-later
#include "layers.hpp"

#include "nuloop/foundation/errors.hpp"
#include "nuloop/setup/world.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace nuloop::setup {

io::Node document(const std::vector<io::TextFile>& files, std::string_view name) {
  std::optional<io::Node> root;
  for (const std::string_view layer : layers)
    for (const io::TextFile& file : files)
      if (file.name == fmt::format("{}{}", layer, name)) {
        io::Node node = io::parse_toml(file);
        root = root ? io::merged(std::move(*root), node) : std::move(node);
      }
  if (!root)
    throw InputError(
        fmt::format("{}{}: is missing from the configuration folder", shipped_prefix, name));
  return *root;
}

std::vector<std::string> flux_documents(const std::vector<io::TextFile>& files) {
  std::vector<std::string> names;
  for (const std::string_view layer : layers)
    for (const io::TextFile& file : files)
      if (file.name.starts_with(fmt::format("{}fluxes/", layer)) && file.name.ends_with(".toml"))
        if (std::string name = file.name.substr(layer.size());
            std::find(names.begin(), names.end(), name) == names.end())
          names.push_back(std::move(name));
  return names;
}

bool is_own(const io::TextFile& file) {
  return file.name.starts_with(own_prefix);
}

}  // namespace nuloop::setup
