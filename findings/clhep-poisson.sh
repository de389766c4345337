#!/usr/bin/env bash
# findings/clhep-poisson.sh: large counts from CLHEP's quick Poisson generator.
# Packages: libclhep-dev 2.1.4.1+dfsg-1.2+b1, g++ (Debian 13).
# Expected: RandPoissonQ gives numbers around its mean, as RandPoisson does; its result is a long.
# Seen: for a mean above 2e9 it gives 2000000000 each time, without a word; RandPoisson and RandPoissonT are
#   right there. All toys of a spectrum with such a bin agree, and the bin's chi-square is enormous.
# Documentation: a comment beside a constant in RandPoissonQ's header says that RandPoisson never gives a
#   larger number; RandPoisson does. Nothing stands beside the functions.
# Versions: 2.1.4.1 and 2.4.7.1 (Debian unstable) do the same.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian trixie libclhep-dev=2.1.4.1+dfsg-1.2+b1 g++=4:14.2.0-1 libc6-dev

cat >"$temp/trixie/trial/poisson.cc" <<'CPP'
#include <CLHEP/Random/JamesRandom.h>
#include <CLHEP/Random/RandPoisson.h>
#include <CLHEP/Random/RandPoissonQ.h>
#include <CLHEP/Random/RandPoissonT.h>

#include <cmath>
#include <cstdio>

/// Whether 1000 counts have the mean and the variance of a Poisson distribution, and their extremes.
template <class Generator>
void describe(const char *name, double mean) {
  CLHEP::HepJamesRandom engine(1);
  const int number = 1000;
  double sum = 0, squares = 0;
  long least = 0, largest = 0;
  for (int i = 0; i < number; ++i) {
    const long count = Generator::shoot(&engine, mean);
    if (i == 0 || count < least) least = count;
    if (i == 0 || count > largest) largest = count;
    const double deviation = (count - mean) / std::sqrt(mean);
    sum += deviation;
    squares += deviation * deviation;
  }
  const bool fine = std::abs(sum / number) < 0.2 && std::abs(squares / number - 1) < 0.3;
  std::printf("%s %.1e: ", name, mean);
  if (fine)
    std::puts("as a Poisson distribution");
  else
    std::printf("%ld to %ld\n", least, largest);
}

int main() {
  for (const double mean : {1.9e9, 2.1e9, 1e10}) {
    describe<CLHEP::RandPoisson>("RandPoisson", mean);
    describe<CLHEP::RandPoissonT>("RandPoissonT", mean);
    describe<CLHEP::RandPoissonQ>("RandPoissonQ", mean);
  }
}
CPP

stated='RandPoisson 1.9e+09: as a Poisson distribution
RandPoissonT 1.9e+09: as a Poisson distribution
RandPoissonQ 1.9e+09: as a Poisson distribution
RandPoisson 2.1e+09: as a Poisson distribution
RandPoissonT 2.1e+09: as a Poisson distribution
RandPoissonQ 2.1e+09: 2000000000 to 2000000000
RandPoisson 1.0e+10: as a Poisson distribution
RandPoissonT 1.0e+10: as a Poisson distribution
RandPoissonQ 1.0e+10: 2000000000 to 2000000000'

inside trixie g++ -O1 poisson.cc -o poisson -lCLHEP >&2
seen=$(inside trixie ./poisson)
compare "$stated" "$seen"
