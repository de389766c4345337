// Jobs of kind "cross-section": dsigma/dT and its parts.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "kinds.hpp"
#include "nuloop/foundation/errors.hpp"

#include <cmath>

namespace nuloop::study {
namespace {

using physics::CrossSection;

class CrossSectionWork : public Tabulated<CrossSection> {
 public:
  CrossSectionWork() {
    const auto add = [&](const char* path, const char* meaning, auto get) {
      table_.add({path, "cm^2/MeV", meaning, Part::outer}, get);
    };
    add("/cross_section", "dsigma/dT", &CrossSection::total);
    add("/born", "Born part of dsigma/dT", &CrossSection::born);
    add("/loops", "closed loops, or charge radius, in dsigma/dT", &CrossSection::loops);
    add("/photonic", "photonic part of dsigma/dT", &CrossSection::photonic);
  }

  double point_s(std::size_t) const override { return 2e-6; }
  void prepare(RateCalculator&, const Scenario&) const override {}
  std::size_t sets_of_integrals(const Scenario&) const override { return 0; }

 protected:
  CrossSection outcome(const Point& point, const Row&) const override {
    const Scenario& s = point.scenario;
    const CrossSection value = physics::cross_section(
        physics::expand(s.model, s.neutrino, s.sin2_theta_w, s.one_loop, s.free), s.observable,
        s.energy_MeV, s.recoil_MeV, s.one_loop.scale_MeV);
    if (!std::isfinite(value.total()))
      throw NumericalError("the cross section is not finite");
    return value;
  }
};

std::unique_ptr<Report> cross_section_report(const ResultReader& result) {
  auto report = std::make_unique<PointReport>(result.title());
  for (const std::string name : {"born", "loops", "photonic", "cross_section"})
    report->add(result.table("/" + name, Part::outer), name + "_cm2_per_MeV", name, number_text);
  return report;
}

}  // namespace

constinit const KindTraits cross_section_kind = {
    .takes =
        [](const Parameter& parameter) {
          return parameter.role == Parameter::Role::cross_section ||
                 parameter.role == Parameter::Role::kinematics;
        },
    .integrates = false,
    .work = [](const Job&, const World&) -> std::unique_ptr<Work> {
      return std::make_unique<CrossSectionWork>();
    },
    .report = cross_section_report};

}  // namespace nuloop::study
