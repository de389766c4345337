// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/io/reader.hpp"

#include "nuloop/foundation/errors.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace nuloop::io {
namespace {

// Levenshtein distance.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (const char letter : a) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substituted = diagonal + (letter == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({substituted, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

bool contains(const std::vector<std::string>& list, const std::string& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

}  // namespace

bool Range::contains(double value) const {
  return std::isfinite(value) && (low_end == End::open ? value > low : value >= low) &&
         (high_end == End::open ? value < high : value <= high);
}

std::string Range::text(Dimension dimension) const {
  if (std::isinf(low) && std::isinf(high))
    return "finite";
  const auto bound = [&](double value) { return format_quantity(value, dimension); };
  if (std::isinf(high))
    return fmt::format("{} {}", low_end == End::open ? "above" : "at least", bound(low));
  return fmt::format("in {}{}, {}{}", low_end == End::open ? '(' : '[', bound(low), bound(high),
                     high_end == End::open ? ')' : ']');
}

void fail(const Location& where, std::string_view key, std::string_view problem) {
  throw InputError(fmt::format("{}: {}: {}", where.text(), key, problem));
}

void Problems::raise() const {
  constexpr std::size_t most = 20;
  if (texts_.empty())
    return;
  std::vector<std::string> lines(
      texts_.begin(), texts_.begin() + static_cast<std::ptrdiff_t>(std::min(texts_.size(), most)));
  if (texts_.size() > most)
    lines.push_back(fmt::format("and {} more", texts_.size() - most));
  throw InputError(fmt::format("{}", fmt::join(lines, "\n")));
}

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t d = distance(word, candidate);
    if (d < best_distance) {
      best_distance = d;
      best = candidate;
    }
  }
  return best;
}

std::string suggestion(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string close = nearest(word, candidates);
  if (!close.empty())
    return fmt::format("did you mean \"{}\"?", close);
  return fmt::format("there are: {}", fmt::join(candidates, ", "));
}

double read_quantity(const Node& node, std::string_view key, Dimension dimension,
                     const Range& range) {
  double value = 0.0;
  if (const auto* integer = std::get_if<std::int64_t>(&node.value))
    value = static_cast<double>(*integer);
  else if (const auto* number = std::get_if<double>(&node.value))
    value = *number;
  else if (node.text() == nullptr)
    fail(node.where, key, "wants a number or a quantity such as \"1 MeV\"");

  if (node.text() != nullptr) {
    if (dimension == Dimension::number)
      fail(node.where, key, "wants a number without quotes or unit");
    try {
      value = parse_quantity(*node.text(), dimension);
    } catch (const InputError& error) {
      fail(node.where, key, error.what());
    }
  } else if (!canonical_unit(dimension).empty()) {
    fail(node.where, key,
         fmt::format("{} lacks its unit; write \"{}\" (in quotes), if that is meant", value,
                     format_quantity(value, dimension)));
  }
  if (!range.contains(value))
    fail(node.where, key,
         fmt::format("{} is out of range: it must be {}", format_quantity(value, dimension),
                     std::isfinite(value) ? range.text(dimension) : "finite"));
  return value;
}

std::string read_text(const Node& node, std::string_view key) {
  if (node.text() == nullptr)
    fail(node.where, key, "wants text in quotes");
  return *node.text();
}

TableReader::TableReader(const Node& node, std::string key) : node_(&node), key_(std::move(key)) {
  if (node.table() == nullptr)
    fail(node.where, key_, "wants a table");
}

std::string TableReader::full_key(std::string_view key) const {
  if (key.empty())
    return key_;
  return key_.empty() ? to_toml_key(key) : key_ + "." + to_toml_key(key);
}

bool TableReader::has(const std::string& key) {
  if (!contains(known_, key))
    known_.push_back(key);
  return node_->find(key) != nullptr;
}

void TableReader::check_spelling(const std::string& key) const {
  std::vector<std::string> unread;
  for (const auto& [name, value] : *node_->table())
    if (!contains(read_, name) && !contains(known_, name))
      unread.push_back(name);
  const std::string close = nearest(key, unread);
  if (!close.empty())
    fail(node_->find(close)->where, full_key(close),
         fmt::format("unknown key; did you mean \"{}\"?", key));
}

void TableReader::expect(const std::vector<std::string>& keys) {
  for (const std::string& key : keys)
    has(key);
}

bool TableReader::has_with(const std::string& key, const std::vector<std::string>& partners) {
  const bool there = has(key);
  for (const std::string& partner : partners)
    if (has(partner) && !there) {
      check_spelling(key);
      fail(node_->find(partner)->where, full_key(partner),
           fmt::format("means nothing without {}, which is missing", key));
    }
  return there;
}

void TableReader::refuse_beside(const std::string& key, const std::vector<std::string>& others) {
  for (const std::string& other : others)
    if (has(key) && has(other))
      fail(node_->find(other)->where, full_key(other),
           fmt::format("and {} say the same thing: one of them is enough", key));
}

const Node& TableReader::node(const std::string& key) {
  if (!contains(known_, key))
    known_.push_back(key);
  read_.push_back(key);
  const Node* found = node_->find(key);
  if (found == nullptr) {
    check_spelling(key);
    fail(node_->where, full_key(key), "is missing");
  }
  return *found;
}

double TableReader::quantity(const std::string& key, Dimension dimension, const Range& range) {
  return read_quantity(node(key), full_key(key), dimension, range);
}

std::string TableReader::text(const std::string& key) {
  return read_text(node(key), full_key(key));
}

const Node::Array& TableReader::array(const std::string& key) {
  const Node& found = node(key);
  if (found.array() == nullptr)
    fail(found.where, full_key(key), "wants a list");
  return *found.array();
}

TableReader TableReader::table(const std::string& key) {
  return {node(key), full_key(key)};
}

std::vector<std::string> TableReader::keys() {
  std::vector<std::string> names;
  for (const auto& [name, value] : *node_->table())
    names.push_back(name);
  read_.insert(read_.end(), names.begin(), names.end());
  return names;
}

void TableReader::finish() const {
  Problems problems;
  for (const Member& member : *node_->table())
    if (!contains(read_, member.key))
      problems.none_in([&] {
        fail(member.value.where, full_key(member.key),
             "unknown key; " + suggestion(member.key, known_));
      });
  problems.raise();
}

}  // namespace nuloop::io
