// Random numbers. Every pseudo-experiment has a stream of its own, whatever ran before it.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Random123/philox.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace nuloop::statistics {

/// Selects a family of streams. Streams that differ in either number are independent.
struct StreamKey {
  std::uint64_t seed = 0;
  std::uint32_t stream = 0;  ///< for instance the index of a point in a sweep
};

/// Philox4x32-10 (J. K. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11): a
/// bijection of the counter (block, toy, stream) under the seed as key. A uniform random bit
/// generator of 64 bits; 2^33 numbers, then it begins again.
class RandomStream {
 public:
  using result_type = std::uint64_t;

  /// @param first_block the numbers before it are left out, two to a block.
  RandomStream(const StreamKey& key, std::uint64_t toy, std::uint32_t first_block = 0)
      : key_{{low(key.seed), high(key.seed)}},
        counter_{{first_block, low(toy), high(toy), key.stream}} {}

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }

  result_type operator()() {
    if (next_ == buffer_.size())
      refill();
    return buffer_[next_++];
  }

  /// Uniform in the open interval (0, 1): odd multiples of 2^-53.
  double uniform() {
    return (static_cast<double>((*this)() >> 12) + 0.5) * (1.0 / (std::uint64_t{1} << 52));
  }

 private:
  static constexpr std::uint32_t low(std::uint64_t x) { return static_cast<std::uint32_t>(x); }
  static constexpr std::uint32_t high(std::uint64_t x) {
    return static_cast<std::uint32_t>(x >> 32);
  }

  void refill() {
    const r123::Philox4x32::ctr_type words = r123::Philox4x32_R<10>()(counter_, key_);
    ++counter_[0];
    buffer_ = {std::uint64_t{words[1]} << 32 | words[0], std::uint64_t{words[3]} << 32 | words[2]};
    next_ = 0;
  }

  r123::Philox4x32::key_type key_;
  r123::Philox4x32::ctr_type counter_;
  std::array<std::uint64_t, 2> buffer_{};
  std::size_t next_ = 2;
};

}  // namespace nuloop::statistics
