// What `nuloop --help` and `nuloop VERB --help` print, made from the table of verbs.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "verb_table.hpp"

#include <string>

namespace nuloop::apps {

/// The verb with all its options, in one line, as in "verify FILE.h5 [OTHER.h5]".
std::string synopsis(const Verb& verb);

/// All verbs and exit statuses, to standard output.
void print_help();

/// One verb: its options with meanings and defaults, and an example.
void print_help(const Verb& verb);

}  // namespace nuloop::apps
