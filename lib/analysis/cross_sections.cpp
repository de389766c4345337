// Jobs of kind "cross-section": dsigma/dT and its parts.
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analyses.hpp"

namespace nuloop::analysis {
namespace {

using physics::CrossSection;

class CrossSectionWork : public Tabulated<CrossSection> {
 public:
  explicit CrossSectionWork(const Asked& asked) : Tabulated(asked) {
    const auto add = [&](const char* path, const char* meaning, auto get) {
      table_.add({path, "cm^2/MeV", meaning, Depth::outer}, get);
    };
    add("/cross_section", "dsigma/dT", &CrossSection::total);
    add("/born", "Born part of dsigma/dT", &CrossSection::born);
    add("/loops", "closed loops, or charge radius, in dsigma/dT", &CrossSection::loops);
    add("/photonic", "photonic part of dsigma/dT", &CrossSection::photonic);
  }

  double point_s(std::size_t) const override { return 2e-6; }

  // As lib/README.md promises of dsigma/dT.
  sweep::Bound bound(const sweep::Layout& layout, std::size_t, const sweep::TaskResult& a,
                     const sweep::TaskResult& b) const override {
    constexpr double accuracy = 1e-9;
    const auto part = [&](const char* path) { return sweep::both(layout, path, a, b); };
    return {[born = part("/born"), loops = part("/loops"),
             photonic = part("/photonic")](std::size_t n) {
      return accuracy * (born.sum(n) + loops.sum(n) + photonic.sum(n));
    }};
  }

 protected:
  CrossSection outcome(const Point& point, const Row&) const override {
    const Scenario& s = point.scenario;
    return physics::cross_section(
        physics::expand(s.theory.model, s.kinematics.neutrino, s.theory.sin2_theta_w,
                        s.theory.one_loop, s.theory.free),
        s.theory.observable, s.kinematics.energy_MeV, s.kinematics.recoil_MeV,
        s.theory.one_loop.scale_MeV);
  }
};

std::unique_ptr<Report> cross_section_report(const setup::Result& result) {
  auto report = std::make_unique<PointReport>(result);
  for (const std::string name : {"born", "loops", "photonic", "cross_section"})
    report->add(result.table("/" + name, Depth::outer), name + "_cm2_per_MeV", name, number_text);
  return report;
}

}  // namespace

constinit const Analysis cross_section_analysis = {
    .kind = {.name = "cross-section",
             .takes =
                 [](const Parameter& parameter) {
                   return parameter.role == Parameter::Role::cross_section ||
                          parameter.role == Parameter::Role::kinematics;
                 },
             .integrates = false},
    .work = [](const Asked& asked) -> std::unique_ptr<sweep::Work> {
      return std::make_unique<CrossSectionWork>(asked);
    },
    .report = cross_section_report,
    .tables = cross_section_tables};

}  // namespace nuloop::analysis
