// Results as the verbs that show their numbers take them.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/setup/result.hpp"

#include <string>

namespace nuloop::apps {

/// A result whose numbers are those of its run: by its seal, or, of one that is unfinished or of an
/// earlier format, by the checksums of its tasks. Says so of a format that has neither.
/// @throws InputError if it is no result, is damaged, or is complete and has lost its seal.
setup::Result checked_result(const std::string& path);

}  // namespace nuloop::apps
