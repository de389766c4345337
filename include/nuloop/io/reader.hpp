// Strict reading of a table: every key must be wanted, every wanted key present and in range.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/errors.hpp"
#include "nuloop/foundation/special_values.hpp"
#include "nuloop/io/document.hpp"
#include "nuloop/io/quantity.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace nuloop::io {

/// The values that a number may have, in canonical units. Non-finite numbers are never allowed.
struct Range {
  enum class End { closed, open };

  double low = -infinity;
  End low_end = End::closed;
  double high = infinity;
  End high_end = End::closed;

  static Range positive() { return {0.0, End::open}; }
  static Range non_negative() { return {0.0}; }
  static Range within(double low, double high) { return {low, End::closed, high}; }
  static Range inside(double low, double high) { return {low, End::open, high, End::open}; }
  static Range above_up_to(double low, double high) { return {low, End::open, high}; }

  bool contains(double value) const;
  std::string text(Dimension dimension) const;
};

/// An InputError that says where, which key, what is wrong.
[[noreturn]] void fail(const Location& where, std::string_view key, std::string_view problem);

/// Problems of an input, kept so that its user sees them all at once.
class Problems {
 public:
  /// Reads something, and keeps the InputError that this throws. @returns whether it threw none.
  template <class Read>
  bool none_in(const Read& read) {
    try {
      read();
      return true;
    } catch (const InputError& error) {
      texts_.emplace_back(error.what());
      return false;
    }
  }

  /// @throws InputError with a line for each problem, if there are any; of very many, the first.
  void raise() const;

 private:
  std::vector<std::string> texts_;
};

/// The candidate closest to `word` in spelling; empty if none is close.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

/// "did you mean ...?", or the list of all candidates.
std::string suggestion(std::string_view word, const std::vector<std::string>& candidates);

/// A number or quantity, checked. @throws InputError located at the node.
double read_quantity(const Node& node, std::string_view key, Dimension dimension,
                     const Range& range);
std::string read_text(const Node& node, std::string_view key);

class TableReader {
 public:
  /// @param key how messages call the table. @throws InputError if `node` is not a table.
  TableReader(const Node& node, std::string key);

  /// Whether an optional key is there.
  bool has(const std::string& key);
  /// Keys that will be read later, so that none of them is taken for another one misspelt.
  void expect(const std::vector<std::string>& keys);
  /// Whether an optional key is there. @throws InputError if it is not, and one of its partners is,
  /// which mean nothing without it.
  bool has_with(const std::string& key, const std::vector<std::string>& partners);
  /// @throws InputError if there are both a key and one of others that say the same.
  void refuse_beside(const std::string& key, const std::vector<std::string>& others);
  const Node& node(const std::string& key);
  double quantity(const std::string& key, Dimension dimension, const Range& range);
  double number(const std::string& key, const Range& range) {
    return quantity(key, Dimension::number, range);
  }
  std::string text(const std::string& key);
  const Node::Array& array(const std::string& key);
  TableReader table(const std::string& key);

  /// Keys in the order written, all of them then counting as read.
  std::vector<std::string> keys();

  /// To be called when all wanted keys have been read. @throws InputError on a key that was not
  /// asked
  /// for.
  void finish() const;

  const Location& where() const { return node_->where; }
  /// As messages call a key; that of the table itself if it is empty.
  std::string full_key(std::string_view key) const;

 private:
  // Of a key that is missing. @throws InputError if one is there that looks like it misspelt.
  void check_spelling(const std::string& key) const;

  const Node* node_;
  std::string key_;
  std::vector<std::string> known_;  // keys that were asked for or about
  std::vector<std::string> read_;
};

}  // namespace nuloop::io
