// The files of configs/ and those of the user's own that are laid over them.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/io/document.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace nuloop::setup {

inline constexpr std::string_view shipped_prefix = "configs/";
inline constexpr std::string_view own_prefix = "own/";
/// How names in provenance begin, the layer below first.
inline constexpr std::array layers = {shipped_prefix, own_prefix};

/// A document as configs/ has it, with what the user's own says in its place.
/// @param name without the layer: "reactors.toml". @throws InputError if there is none.
io::Node document(const std::vector<io::TextFile>& files, std::string_view name);

/// The names of the documents in fluxes/, "fluxes/NAME.toml": those of configs/, then others.
std::vector<std::string> flux_documents(const std::vector<io::TextFile>& files);

}  // namespace nuloop::setup
