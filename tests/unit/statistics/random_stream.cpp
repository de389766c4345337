// The streams of random numbers: published values, independence, and Poisson variates of all means.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/statistics/random_stream.hpp"

#include "catch.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/statistics/poisson.hpp"

#include <Random123/philox.h>
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <vector>

#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <boost/random/normal_distribution.hpp>

namespace {

using namespace nuloop::statistics;
using Words = r123::Philox4x32::ctr_type;

// P(chi2 >= that of the observed counts), cells of few expected entries joined to their neighbour.
double chi2_probability(const std::vector<double>& observed, const std::vector<double>& expected) {
  double chi2 = 0.0, o = 0.0, e = 0.0;
  int cells = 0;
  for (std::size_t i = 0; i < observed.size(); ++i) {
    o += observed[i];
    e += expected[i];
    if (e >= 20.0) {
      chi2 += (o - e) * (o - e) / e;
      o = e = 0.0;
      ++cells;
    }
  }
  if (e > 0.0)
    chi2 += (o - e) * (o - e) / e;  // too few for a chi2: makes the test stricter
  return boost::math::cdf(
      boost::math::complement(boost::math::chi_squared(cells > 1 ? cells - 1 : 1), chi2));
}

// P(n < edge). Above 1e8 by the Edgeworth expansion, good to 1/mean, where the series that boost
// has for large arguments does not converge.
double poisson_below(double edge, double mean) {
  if (edge == 0.0)
    return 0.0;
  if (mean < 1e8)
    return boost::math::gamma_q(edge, mean);
  const boost::math::normal gaussian;
  const double x = (edge - 0.5 - mean) / std::sqrt(mean);
  return boost::math::cdf(gaussian, x) -
         boost::math::pdf(gaussian, x) * (x * x - 1.0) / (6.0 * std::sqrt(mean));
}

// Numbers are fixed by their seeds; a probability this small would be seen once in 10^4 seeds.
constexpr double improbable = 1e-4;

// The smallest n with P(n) >= u.
double inverted(double mean, double u) {
  double n = 0.0;
  while (boost::math::gamma_q(n + 1.0, mean) < u)
    ++n;
  return n;
}

// W. Hoermann's PTRS with the term in 1/b of poisson.hpp, without its squeezes, and the probability
// by lgamma.
double rejected(double mean, RandomStream& random) {
  const long double b = 0.931L + 2.53L * std::sqrt(static_cast<long double>(mean));
  const long double a = -0.059L + 0.02483L * b;
  while (true) {
    const long double u = random.uniform() - 0.5L, v = random.uniform();
    const long double us = 0.5L - std::abs(u), k = std::floor((2 * a / us + b) * u + mean + 0.43L);
    if (k < 0)
      continue;
    const long double inverse_alpha = 1.1239L + 1.1328L / (b - 3.4L) + 0.1L / b;
    if (std::log(v * inverse_alpha / (a / (us * us) + b)) <=
        k * std::log(static_cast<long double>(mean)) - mean - std::lgamma(k + 1))
      return static_cast<double>(k);
  }
}

}  // namespace

TEST_CASE("Philox4x32-10 gives its published numbers") {
  // kat_vectors of Random123 1.14, J. K. Salmon et al.
  r123::Philox4x32_R<10> philox;
  using Key = r123::Philox4x32::key_type;
  CHECK(philox(Words{{0, 0, 0, 0}}, Key{{0, 0}}) ==
        Words{{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}});
  constexpr std::uint32_t ones = 0xffffffff;
  CHECK(philox(Words{{ones, ones, ones, ones}}, Key{{ones, ones}}) ==
        Words{{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}});
  CHECK(philox(Words{{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}},
               Key{{0xa4093822, 0x299f31d0}}) ==
        Words{{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}});
}

TEST_CASE("a stream is the bijection of (block, toy, stream) under the seed") {
  RandomStream zero({0, 0}, 0);
  CHECK(zero() == 0xe169c58d6627e8d5u);
  CHECK(zero() == 0x9b00dbd8bc57ac4cu);

  const StreamKey key{0x299f31d0a4093822u, 0x03707344};
  RandomStream random(key, 0x13198a2e85a308d3u);
  for (std::uint32_t block = 0; block < 20; ++block) {
    const Words words = r123::Philox4x32_R<10>()(Words{{block, 0x85a308d3, 0x13198a2e, 0x03707344}},
                                                 {{0xa4093822, 0x299f31d0}});
    CHECK(random() == (std::uint64_t{words[1]} << 32 | words[0]));
    CHECK(random() == (std::uint64_t{words[3]} << 32 | words[2]));
  }
}

TEST_CASE("streams differ whichever number of theirs differs") {
  std::set<std::uint64_t> firsts;
  const std::vector<std::uint64_t> numbers = {0, 1, 2, std::uint64_t{1} << 32, ~std::uint64_t{0}};
  for (const std::uint64_t seed : numbers)
    for (const std::uint32_t stream : {0u, 1u, 0xffffffffu})
      for (const std::uint64_t toy : numbers)
        firsts.insert(RandomStream({seed, stream}, toy)());
  CHECK(firsts.size() == 75);
}

TEST_CASE("the first numbers of neighbouring toys are uniform, and so are pairs of them") {
  constexpr std::size_t toys = 1000000, cells = 64;
  std::vector<double> first(cells * cells), pairs(cells * cells);
  double last = 0.5;
  for (std::size_t toy = 0; toy < toys; ++toy) {
    RandomStream random({2024, 3}, toy);
    const double u = random.uniform(), v = random.uniform();
    REQUIRE((u > 0.0 && u < 1.0));
    const auto cell = [](double x) { return static_cast<std::size_t>(x * cells); };
    ++first[cell(u) * cells + cell(v)];
    ++pairs[cell(last) * cells + cell(u)];
    last = u;
  }
  const std::vector<double> expected(cells * cells, static_cast<double>(toys) / (cells * cells));
  CHECK(chi2_probability(first, expected) > improbable);
  CHECK(chi2_probability(pairs, expected) > improbable);
}

TEST_CASE("normal numbers have the moments of a Gaussian") {
  constexpr int count = 1000000;
  double sums[5] = {};
  for (int toy = 0; toy < count / 2; ++toy) {
    RandomStream random({2025, 0}, static_cast<std::uint64_t>(toy));
    boost::random::normal_distribution<double> normal;
    for (int k = 0; k < 2; ++k) {
      const double x = normal(random);
      double power = 1.0;
      for (double& sum : sums) {
        sum += power;
        power *= x;
      }
    }
  }
  // Four standard deviations of the mean of x^k: sqrt((2k-1)!! - ((k-1)!!)^2) / sqrt(count).
  const double unit = 4.0 / std::sqrt(static_cast<double>(count));
  CHECK(std::abs(sums[1] / count) < unit);
  CHECK(std::abs(sums[2] / count - 1.0) < unit * std::sqrt(2.0));
  CHECK(std::abs(sums[3] / count) < unit * std::sqrt(15.0));
  CHECK(std::abs(sums[4] / count - 3.0) < unit * std::sqrt(96.0));
}

TEST_CASE("Poisson variates follow their distribution at any mean") {
  for (const double mean : {0.01, 0.7, 3.0, 9.99, 10.0, 10.3, 11.5, 13.0, 17.0, 25.0, 60.0, 300.0,
                            1e4, 1e6, 1e9, 1e12}) {
    // More where the rejection is least like its limit at high means.
    const int count = mean >= 10.0 && mean < 100.0 ? 4000000 : 300000;
    // Cells of whole numbers, some ten to the standard deviation where there are more.
    const double width = std::max(1.0, std::floor(0.1 * std::sqrt(mean)));
    const double begin = std::max(0.0, std::floor(mean - 60.0 * width));
    const std::size_t cells = 140;
    std::vector<double> observed(cells + 2), expected(cells + 2);
    double below = poisson_below(begin, mean);
    expected[0] = count * below;
    for (std::size_t cell = 0; cell < cells; ++cell) {
      const double edge = begin + width * static_cast<double>(cell + 1);
      const double next = poisson_below(edge, mean);
      expected[cell + 1] = count * (next - below);
      below = next;
    }
    expected[cells + 1] = count * (1.0 - below);
    double sum = 0.0, squares = 0.0;
    const std::vector<double> means(200, mean);
    std::vector<double> counts(200);
    for (int toy = 0; toy < count; toy += 200) {
      poisson(means, 200, {77, 1}, static_cast<std::uint64_t>(toy), 0, nuloop::registers_in_use(),
              counts);
      for (const double n : counts) {
        REQUIRE((n >= 0.0 && n == std::floor(n)));
        const double place =
            std::clamp(std::floor((n - begin) / width) + 1.0, 0.0, static_cast<double>(cells + 1));
        ++observed[static_cast<std::size_t>(place)];
        sum += n - mean;
        squares += (n - mean) * (n - mean);
      }
    }
    INFO("mean " << mean);
    CHECK(chi2_probability(observed, expected) > improbable);
    // Four standard deviations; the fourth central moment is mean + 3 mean^2.
    CHECK(std::abs(sum / count) < 4.0 * std::sqrt(mean / count));
    CHECK(std::abs(squares / count - mean) < 4.0 * std::sqrt((mean + 2.0 * mean * mean) / count));
  }
}

TEST_CASE("nothing is expected, nothing is counted") {
  for (const double mean : {0.0, 1e-300}) {
    const std::vector<double> means(100, mean);
    std::vector<double> counts(100, 1.0);
    for (std::uint64_t toy = 0; toy < 1000; toy += 100) {
      poisson(means, 100, {1, 1}, toy, 0, nuloop::registers_in_use(), counts);
      REQUIRE(counts == std::vector<double>(100, 0.0));
    }
  }
}

// One toy after the other, in the words of the paper and with the standard library's logarithms.
// The few doubtful counts whose fate hangs on the last digits of a logarithm cannot be told so.
TEST_CASE("variates are those of the algorithm one by one, in registers of every width") {
  std::vector<double> means(256), counts(256);
  for (std::size_t i = 0; i < means.size(); ++i)
    means[i] = std::pow(10.0, -1.0 + 10.0 * static_cast<double>(i) / 255.0);
  const StreamKey key{0x299f31d0a4093822u, 5};
  constexpr std::uint64_t first_toy = 0xffffffffu - 100;  // the words of the number change
  for (std::uint32_t bin = 1; bin <= 50; ++bin) {
    poisson(means, 256, key, first_toy, bin << 16, nuloop::Registers::baseline, counts);
    for (const nuloop::Registers registers : nuloop::available_registers()) {
      std::vector<double> other(256);
      poisson(means, 256, key, first_toy, bin << 16, registers, other);
      REQUIRE(other == counts);
      for (const std::size_t size : {1u, 2u, 7u, 9u}) {
        std::vector<double> some(size);
        poisson(std::span(means).subspan(60, size), size, key, first_toy + 60, bin << 16, registers,
                some);
        REQUIRE(std::equal(some.begin(), some.end(), counts.begin() + 60));
      }
    }
    for (std::size_t i = 0; i < means.size(); ++i) {
      CAPTURE(bin, i, means[i]);
      RandomStream random(key, first_toy + i, bin << 16);
      REQUIRE(counts[i] == (means[i] < 10.0 ? inverted(means[i], random.uniform())
                                            : rejected(means[i], random)));
    }
  }
}

TEST_CASE("bins are drawn together as they are one by one") {
  const StreamKey key{2026, 4};
  for (const std::size_t toys : {1u, 13u, 200u, 256u}) {
    constexpr std::size_t bins = 40;
    std::vector<double> means(bins * toys), counts(bins * toys), one(toys);
    for (std::size_t i = 0; i < means.size(); ++i)
      means[i] = 4.0 * std::pow(1.9, static_cast<double>(i / toys)) *
                 (1.0 + 0.01 * static_cast<double>(i % toys));
    for (const nuloop::Registers registers : nuloop::available_registers()) {
      poisson(means, toys, key, 11, 1 << 16, registers, counts);
      for (std::size_t bin = 0; bin < bins; ++bin) {
        poisson(std::span(means).subspan(bin * toys, toys), toys, key, 11,
                static_cast<std::uint32_t>(bin + 1) * poisson_blocks_per_bin, registers, one);
        REQUIRE(std::equal(one.begin(), one.end(), &counts[bin * toys]));
      }
    }
  }
}

// Tries that a squeeze or the sieve decides are decided by the probability in rejected().
TEST_CASE(
    "squeeze and sieve take no count that its probability refuses, and refuse none it takes") {
  const StreamKey key{424242, 1};
  constexpr std::size_t toys = 200;
  std::vector<double> counts(toys);
  for (const double mean : {10.0, 12.0, 30.0, 200.0, 5e3, 1e5, 1e7, 1e10}) {
    const std::vector<double> means(toys, mean);
    for (std::uint64_t first = 0; first < 40000; first += toys) {
      poisson(means, toys, key, first, 0, nuloop::registers_in_use(), counts);
      for (std::size_t j = 0; j < toys; ++j) {
        RandomStream random(key, first + j);
        CAPTURE(mean, first, j);
        REQUIRE(counts[j] == rejected(mean, random));
      }
    }
  }
}

TEST_CASE("the numbers of many streams are those of each") {
  const StreamKey key{0x299f31d0a4093822u, 0x03707344};
  constexpr std::size_t toys = 24, blocks = 3;
  constexpr std::uint64_t first = 0xffffffffu - 9;
  std::vector<std::uint64_t> words(2 * blocks * toys);
  for (const nuloop::Registers registers : nuloop::available_registers()) {
    random_words(toys, blocks, key, first, registers, words);
    for (std::size_t j = 0; j < toys; ++j) {
      RandomStream random(key, first + j);
      for (std::size_t n = 0; n < 2 * blocks; ++n)
        REQUIRE(words[n * toys + j] == random());
    }
  }
}
