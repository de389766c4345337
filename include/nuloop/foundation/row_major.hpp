// Index arithmetic of arrays whose last index runs fastest.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/contracts.hpp"

#include <cstddef>
#include <functional>
#include <numeric>
#include <vector>

namespace nuloop {

/// One index, or one length, per dimension.
using Indices = std::vector<std::size_t>;

/// How many elements an array of these extents has; one without any.
inline std::size_t size_of(const Indices& extents) {
  return std::accumulate(extents.begin(), extents.end(), std::size_t{1}, std::multiplies<>());
}

/// The distances between neighbours along each dimension.
inline Indices strides_of(const Indices& extents) {
  Indices strides(extents.size(), 1);
  for (std::size_t i = extents.size(); i-- > 1;)
    strides[i - 1] = strides[i] * extents[i];
  return strides;
}

/// The indices of the n-th element. More than there are begin again.
inline Indices indices_of(std::size_t n, const Indices& extents) {
  Indices indices(extents.size());
  for (std::size_t i = extents.size(); i-- > 0; n /= extents[i])
    indices[i] = n % extents[i];
  return indices;
}

/// The distance of an element from the first.
inline std::size_t position_of(const Indices& indices, const Indices& strides) {
  NULOOP_EXPECTS(indices.size() == strides.size());
  return std::inner_product(indices.begin(), indices.end(), strides.begin(), std::size_t{0});
}

/// Calls visit(position) for every element of an array with other strides, in row-major order.
template <class Visit>
void for_each_position(const Indices& extents, const Indices& strides, const Visit& visit) {
  NULOOP_EXPECTS(extents.size() == strides.size());
  Indices indices(extents.size(), 0);
  std::size_t position = 0;
  for (std::size_t n = size_of(extents); n-- > 0;) {
    visit(position);
    for (std::size_t i = extents.size(); i-- > 0;) {
      position += strides[i];
      if (++indices[i] < extents[i])
        break;
      position -= extents[i] * strides[i];
      indices[i] = 0;
    }
  }
}

}  // namespace nuloop
