// SPDX-License-Identifier: GPL-3.0-or-later
#include "writers.hpp"

#include <string>

namespace nuloop::study {

ImpactsWriter::ImpactsWriter(const Filling& filling)
    : time_(filling, "/discovery_time"), time_error_(filling, "/discovery_time_error") {
  for (const auto& [name, member] : {std::pair{"value", &Impact::value},
                                     {"derivative", &Impact::derivative},
                                     {"derivative_error", &Impact::derivative_error},
                                     {"elasticity", &Impact::elasticity},
                                     {"uncertainty", &Impact::uncertainty},
                                     {"shift", &Impact::shift}})
    columns_.push_back({Block(filling, std::string("/impacts/") + name), member});
}

void ImpactsWriter::operator()(const std::vector<std::size_t>& offset,
                               const Impacts& impacts) const {
  *time_.at(offset) = impacts.time_yr;
  *time_error_.at(offset) = impacts.time_error_yr;
  for (const Column& column : columns_)
    for (std::size_t i = 0; i < impacts.inputs.size(); ++i)
      column.block.at(offset)[i] = impacts.inputs[i].*column.member;
}

}  // namespace nuloop::study
