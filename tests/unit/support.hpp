// What several unit tests need: the world of configs/, tables of numbers.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace nuloop::test {

/// A CSV file with a header; lines that start with # are comments.
inline std::vector<std::map<std::string, std::string>> read_csv(const std::string& name) {
  std::ifstream file(std::string(NULOOP_TEST_DATA) + "/" + name);
  if (!file)
    throw std::runtime_error("no test data " + name);
  const auto split = [](const std::string& line) {
    std::vector<std::string> cells;
    std::istringstream stream(line);
    for (std::string cell; std::getline(stream, cell, ',');)
      cells.push_back(cell);
    return cells;
  };
  std::vector<std::string> header;
  std::vector<std::map<std::string, std::string>> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#')
      continue;
    const auto cells = split(line);
    if (header.empty()) {
      header = cells;
      continue;
    }
    std::map<std::string, std::string> row;
    for (std::size_t i = 0; i < cells.size(); ++i)
      row[header.at(i)] = cells[i];
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace nuloop::test
