// What the readers of configs/ share.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/io/reader.hpp"

#include <string>

namespace nuloop::setup {

/// Reads every table of a document as one entry of a catalogue: read(name, entry).
template <class Read>
void for_each_table(io::TableReader& parent, const Read& read) {
  for (const std::string& name : parent.keys()) {
    io::TableReader entry = parent.table(name);
    read(name, entry);
    entry.finish();
  }
}

}  // namespace nuloop::setup
