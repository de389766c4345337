// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/experiment/quadrature.hpp"

#include <boost/math/quadrature/gauss.hpp>

namespace nuloop::experiment {

const KronrodRule& KronrodRule::instance() {
  static const KronrodRule rule;
  return rule;
}

KronrodRule::KronrodRule() {
  using Kronrod = boost::math::quadrature::gauss_kronrod<double, size>;
  using Gauss = boost::math::quadrature::gauss<double, size / 2>;
  // Boost lists the non-negative half, ascending; the Gauss nodes are the odd entries.
  const auto& x = Kronrod::abscissa();
  const auto& kronrod = Kronrod::weights();
  const auto& gauss = Gauss::weights();
  const auto gauss_weight = [&](std::size_t i) { return i % 2 == 1 ? gauss[i / 2] : 0.0; };
  for (std::size_t i = x.size(); i-- > 1;)
    nodes_.push_back({-x[i], kronrod[i], gauss_weight(i)});
  for (std::size_t i = 0; i < x.size(); ++i)
    nodes_.push_back({x[i], kronrod[i], gauss_weight(i)});
}

}  // namespace nuloop::experiment
