// A few doubles side by side, on which every operation acts at once, and their functions.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

// As many as a register of the machine that is compiled for holds: two with the baseline of x86-64.
// A namespace for each width lets one program hold code for several.
#if defined(__AVX512F__)
#define NULOOP_PACK_WIDTH 8
#define NULOOP_PACKS packs_of_8
#elif defined(__AVX2__)
#define NULOOP_PACK_WIDTH 4
#define NULOOP_PACKS packs_of_4
#else
#define NULOOP_PACK_WIDTH 2
#define NULOOP_PACKS packs_of_2
#endif

namespace nuloop {
inline namespace NULOOP_PACKS {

inline constexpr std::size_t pack_width = NULOOP_PACK_WIDTH;

/// Values in the vector extension of GCC and Clang. What happens to one does not depend on the
/// others nor on their number, so that results are the same wherever in a batch a value stands, and
/// in registers of any width.
class Pack {
 public:
  using Values [[gnu::vector_size(pack_width * sizeof(double))]] = double;
  using Bits [[gnu::vector_size(pack_width * sizeof(double))]] = std::uint64_t;
  using Mask [[gnu::vector_size(pack_width * sizeof(double))]] = std::int64_t;

  Pack() = default;
  Pack(double value) : values_(value - Values{}) {}  // NOLINT(google-explicit-constructor)
  explicit Pack(Values values) : values_(values) {}

  /// Up to pack_width values; the last one stands in for those that are missing.
  static Pack load(std::span<const double> from) {
    std::array<double, pack_width> values;
    for (std::size_t i = 0; i < pack_width; ++i)
      values[i] = from[std::min(i, from.size() - 1)];
    return Pack(std::bit_cast<Values>(values));
  }
  double operator[](std::size_t i) const { return values_[i]; }
  Values values() const { return values_; }

  friend Pack operator+(Pack a, Pack b) { return Pack(a.values_ + b.values_); }
  friend Pack operator-(Pack a, Pack b) { return Pack(a.values_ - b.values_); }
  friend Pack operator*(Pack a, Pack b) { return Pack(a.values_ * b.values_); }
  friend Pack operator/(Pack a, Pack b) { return Pack(a.values_ / b.values_); }
  friend Pack operator-(Pack a) { return Pack(-a.values_); }
  Pack& operator+=(Pack b) { return *this = *this + b; }

  friend Mask operator<(Pack a, Pack b) { return a.values_ < b.values_; }
  friend Mask operator>(Pack a, Pack b) { return a.values_ > b.values_; }
  friend Mask operator<=(Pack a, Pack b) { return a.values_ <= b.values_; }
  friend Mask operator>=(Pack a, Pack b) { return a.values_ >= b.values_; }

 private:
  Values values_;
};

/// a where the condition holds, else b.
inline Pack select(Pack::Mask condition, Pack a, Pack b) {
  return Pack(condition ? a.values() : b.values());
}
template <class Real>
Real select(bool condition, const Real& a, const Real& b) {
  return condition ? a : b;
}

inline Pack abs(Pack x) {
  return Pack(std::bit_cast<Pack::Values>(std::bit_cast<Pack::Bits>(x.values()) << 1 >> 1));
}

/// The whole number at or below x >= 0.
inline Pack floor(Pack x) {
  const Pack rounded = (x + 0x1p52) - 0x1p52;
  return select(x < 0x1p52, rounded - select(rounded > x, 1.0, Pack(0.0)), x);
}

/// Natural logarithm of positive normal numbers, to one unit of the last digit.
// x = 2^k m with m in [sqrt(1/2), sqrt(2)); ln m = 2 artanh(s), s = f/(2 + f), f = m - 1, is summed
// as f - s (f - R), where only the small second term is rounded twice.
inline Pack log(Pack x) {
  constexpr std::uint64_t one = 0x3ff0000000000000, root_half = 0x3fe6a09e667f3bcd;
  constexpr std::uint64_t mantissa = 0x000fffffffffffff, two_to_52 = 0x4330000000000000;
  const Pack::Bits shifted = std::bit_cast<Pack::Bits>(x.values()) + (one - root_half);
  const Pack k = Pack(std::bit_cast<Pack::Values>((shifted >> 52) | two_to_52)) - (0x1p52 + 1023);
  const Pack f = Pack(std::bit_cast<Pack::Values>((shifted & mantissa) + root_half)) - 1;
  const Pack s = f / (f + 2), z = s * s;
  Pack sum = 2.0 / 19;
  for (int n = 17; n >= 3; n -= 2)
    sum = sum * z + 2.0 / n;
  // ln 2 in two parts, the first one of so few digits that k times it is exact.
  constexpr double ln2_high = 0x1.62e42fefa38p-1, ln2_low = 0x1.ef35793c7673p-45;
  return k * ln2_high + (f - (s * (f - z * sum) - k * ln2_low));
}

/// ln(1 + x), x > -1.
inline Pack log1p(Pack x) {
  const Pack sum = 1 + x;
  return log(sum) + (x - (sum - 1)) / sum;
}

}  // namespace NULOOP_PACKS
}  // namespace nuloop
