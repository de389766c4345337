// Which registers of the processor kernels compute in. All give the same numbers.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace nuloop {

enum class Registers {
  baseline,  ///< what every processor of its kind has: two doubles
  avx2,      ///< four doubles
  avx512     ///< eight doubles
};

/// Those that the program has code for and this processor has, narrowest first.
std::vector<Registers> available_registers();

/// The widest available ones, or those that `name` names if it is not empty.
/// @throws InputError if it names none, or what is not available.
Registers registers_named(const std::string& name);

/// The registers to compute in: those of the environment variable NULOOP_REGISTERS, else the
/// widest.
/// @throws as registers_named.
Registers registers_in_use();

}  // namespace nuloop
