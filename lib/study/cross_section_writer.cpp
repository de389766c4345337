// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/foundation/errors.hpp"
#include "writers.hpp"

#include <cmath>

namespace nuloop::study {

CrossSectionWriter::CrossSectionWriter(const Filling& filling)
    : total_(filling, "/cross_section"),
      born_(filling, "/born"),
      loops_(filling, "/loops"),
      photonic_(filling, "/photonic") {}

void CrossSectionWriter::operator()(const std::vector<std::size_t>& offset,
                                    const Scenario& s) const {
  const physics::CrossSection value = physics::cross_section(
      physics::expand(s.model, s.neutrino, s.sin2_theta_w, s.one_loop, s.free), s.observable,
      s.energy_MeV, s.recoil_MeV, s.one_loop.scale_MeV);
  if (!std::isfinite(value.total()))
    throw NumericalError("the cross section is not finite");
  *total_.at(offset) = value.total();
  *born_.at(offset) = value.born;
  *loops_.at(offset) = value.loops;
  *photonic_.at(offset) = value.photonic;
}

}  // namespace nuloop::study
