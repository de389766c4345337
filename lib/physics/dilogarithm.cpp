// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/physics/dilogarithm.hpp"

#include <gsl/gsl_sf_dilog.h>

namespace nuloop::physics {

double dilogarithm(double x) {
  return gsl_sf_dilog(x);
}

}  // namespace nuloop::physics
