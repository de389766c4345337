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

}  // namespace

std::unique_ptr<Work> cross_section_work(const Job&, const World&) {
  return std::make_unique<CrossSectionWork>();
}

}  // namespace nuloop::study
