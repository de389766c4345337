#!/usr/bin/env bash
# findings/hepmc3-text.sh: cross sections and attributes of events in HepMC3's own text form.
# Packages: libhepmc3-dev 3.1.2-2.1, g++ 4:16.1.0-3 (Debian unstable).
# Expected: an event comes back as it was written, as its momenta and weights do, with all their digits.
# Seen: of the cross section 9 digits come back, of an attribute of double precision 15, of one of single
#   precision 6, whatever precision the writer is told. The file has the right number of 3000000000 accepted
#   events, a long as in the header, but the reader makes -1294967296 of it. Nothing warns.
# Documentation: the header gives WriterAscii's precision for output of floating-point numbers; none was found
#   on the numbers of events.
# Versions: only this one was tried; 3.1.2 is that of Debian 12 too.
# SPDX-License-Identifier: GPL-3.0-or-later
set -euo pipefail
# shellcheck source=findings/common/packages.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common/packages.sh"

debian sid libhepmc3-dev=3.1.2-2.1 g++=4:16.1.0-3 libc6-dev

cat >"$temp/sid/trial/text.cc" <<'CPP'
#include <HepMC3/Attribute.h>
#include <HepMC3/GenCrossSection.h>
#include <HepMC3/GenEvent.h>
#include <HepMC3/GenParticle.h>
#include <HepMC3/GenVertex.h>
#include <HepMC3/ReaderAscii.h>
#include <HepMC3/WriterAscii.h>
#include <cstdio>
#include <memory>
#include <sstream>

using namespace HepMC3;

void print(const char* what, const GenEvent& event) {
  const auto cross_section = event.attribute<GenCrossSection>("GenCrossSection");
  std::printf("%s: momentum %.17g, weight %.17g, cross section %.17g,\n  events %ld of %ld, ", what,
              event.particles().at(0)->momentum().px(), event.weights().at(0), cross_section->xsec(),
              cross_section->get_accepted_events(), cross_section->get_attempted_events());
  std::printf("double %.17g, float %.9g\n", event.attribute<DoubleAttribute>("double")->value(),
              event.attribute<FloatAttribute>("float")->value());
}

int main() {
  const auto run = std::make_shared<GenRunInfo>();
  run->set_weight_names({"nominal"});
  GenEvent event(run);
  auto incoming = std::make_shared<GenParticle>(FourVector(1.0 / 3, 0, 0, 1), 11, 4);
  auto outgoing = std::make_shared<GenParticle>(FourVector(1.0 / 3, 0, 0, 1), 11, 1);
  auto vertex = std::make_shared<GenVertex>();
  vertex->add_particle_in(incoming);
  vertex->add_particle_out(outgoing);
  event.add_vertex(vertex);
  event.weights() = {1.0 / 3};
  event.add_attribute("double", std::make_shared<DoubleAttribute>(1.0 / 3));
  event.add_attribute("float", std::make_shared<FloatAttribute>(16777215.0f));
  auto cross_section = std::make_shared<GenCrossSection>();
  event.add_attribute("GenCrossSection", cross_section);
  cross_section->set_cross_section(1.0 / 3, 0.1, 3000000000, 4000000000);
  print("written", event);
  for (const int precision : {17, 24}) {
    std::stringstream text;
    {
      WriterAscii writer(text, run);
      writer.set_precision(precision);
      writer.write_event(event);
      writer.close();
    }
    std::string line;
    std::istringstream lines(text.str());
    while (std::getline(lines, line))
      if (line.find("GenCrossSection") != std::string::npos) std::printf("%s\n", line.c_str());
    ReaderAscii reader(text);
    GenEvent back;
    std::printf("%d digits, %s\n", precision, reader.read_event(back) ? "success" : "failure");
    print("read", back);
  }
}
CPP

stated='written: momentum 0.33333333333333331, weight 0.33333333333333331, cross section 0.33333333333333331,
  events 3000000000 of 4000000000, double 0.33333333333333331, float 16777215
A 0 GenCrossSection 3.33333333e-01 1.00000000e-01 3000000000 4000000000
17 digits, success
read: momentum 0.33333333333333331, weight 0.33333333333333331, cross section 0.33333333300000001,
  events -1294967296 of -294967296, double 0.33333333333333298, float 16777200
A 0 GenCrossSection 3.33333333e-01 1.00000000e-01 3000000000 4000000000
24 digits, success
read: momentum 0.33333333333333331, weight 0.33333333333333331, cross section 0.33333333300000001,
  events -1294967296 of -294967296, double 0.33333333333333298, float 16777200'

inside sid g++ text.cc -o text -lHepMC3 >&2
seen=$(inside sid ./text)
compare "$stated" "$seen"
