// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/foundation/registers.hpp"

#include "nuloop/foundation/errors.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

namespace nuloop {
namespace {

constexpr std::array<std::pair<Registers, const char*>, 3> register_names = {
    {{Registers::baseline, "baseline"}, {Registers::avx2, "avx2"}, {Registers::avx512, "avx512"}}};

std::string list(const std::vector<Registers>& some) {
  std::string text;
  for (const auto& [registers, name] : register_names)
    if (std::find(some.begin(), some.end(), registers) != some.end())
      text += (text.empty() ? "" : ", ") + std::string(name);
  return text;
}

}  // namespace

std::vector<Registers> available_registers() {
  std::vector<Registers> all = {Registers::baseline};
#ifdef NULOOP_WIDER_REGISTERS
  if (__builtin_cpu_supports("avx2"))
    all.push_back(Registers::avx2);
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq"))
    all.push_back(Registers::avx512);
#endif
  return all;
}

Registers registers_named(const std::string& name) {
  const std::vector<Registers> available = available_registers();
  if (name.empty())
    return available.back();
  for (const auto& [registers, own] : register_names)
    if (name == own && std::find(available.begin(), available.end(), registers) != available.end())
      return registers;
  throw InputError("NULOOP_REGISTERS: \"" + name + "\" cannot be used here; there are " +
                   list(available));
}

Registers registers_in_use() {
  const char* name = std::getenv("NULOOP_REGISTERS");
  return registers_named(name == nullptr ? "" : name);
}

}  // namespace nuloop
