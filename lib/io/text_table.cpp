// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/io/text_table.hpp"

#include "nuloop/foundation/errors.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace nuloop::io {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

struct Field {
  std::string_view text = {};
  int at = 0;  // its first character in the line, from 1
};

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

bool is_separator(char c) {
  return c == ',' || c == ';';
}

std::string_view without_comment(std::string_view line) {
  return line.substr(0, std::min({line.find('#'), line.find('!'), line.find("//")}));
}

std::vector<Field> fields_of(std::string_view line) {
  std::vector<Field> fields;
  bool wanted = false;  // a field must follow, or this is an empty one
  std::size_t i = 0;
  const auto add = [&](std::size_t from) {
    fields.push_back({line.substr(from, i - from), static_cast<int>(from) + 1});
  };
  while (true) {
    while (i < line.size() && is_blank(line[i]))
      ++i;
    if (i == line.size())
      break;
    if (is_separator(line[i])) {
      if (wanted || fields.empty())
        add(i);
      wanted = true;
      ++i;
      continue;
    }
    const std::size_t from = i;
    while (i < line.size() && !is_blank(line[i]) && !is_separator(line[i]))
      ++i;
    add(from);
    wanted = false;
  }
  if (wanted)
    add(i);
  return fields;
}

// As a message shows it: short, and ASCII whatever the file is.
std::string shown(std::string_view text) {
  constexpr std::size_t longest = 40;
  std::string ascii(text.substr(0, longest));
  std::replace_if(
      ascii.begin(), ascii.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return fmt::format("\"{}{}\"", ascii, text.size() > longest ? "..." : "");
}

// The problem of a field; empty if it is a finite number, which goes to `value`.
std::string read_number(std::string_view text, double& value) {
  if (text.empty())
    return "is empty: a number must stand before and after a comma or semicolon";
  const std::string_view digits = text.front() == '+' ? text.substr(1) : text;
  const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (status == std::errc::result_out_of_range)
    return fmt::format("{} is too large or too small for a number", shown(text));
  if (status != std::errc() || end != digits.data() + digits.size())
    return fmt::format("{} is not a number", shown(text));
  if (!std::isfinite(value))
    return fmt::format("{} is not finite", shown(text));
  return "";
}

}  // namespace

TextTable::TextTable(const TextFile& file, std::vector<std::string> columns,
                     std::size_t header_lines)
    : path_(file.path), columns_(std::move(columns)) {
  const bool open = !columns_.empty() && columns_.back() == further;
  if (open)
    columns_.pop_back();
  std::string_view rest = file.text;
  if (rest.starts_with(byte_order_mark))
    rest.remove_prefix(byte_order_mark.size());
  for (int line = 1; !rest.empty(); ++line) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::vector<Field> fields = fields_of(without_comment(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (static_cast<std::size_t>(line) <= header_lines || fields.empty())
      continue;
    if (open && fields.size() > columns_.size())
      fields.resize(columns_.size());
    Row row{line, {}, {}};
    for (const Field& field : fields)
      row.at.push_back(field.at);
    row.values.resize(fields.size(), 0.0);
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (i < columns_.size() && columns_[i] == skipped)
        continue;
      const std::string problem = read_number(fields[i].text, row.values[i]);
      if (!problem.empty())
        fail(row, i, problem);
    }
    const std::size_t wanted = !columns_.empty() ? columns_.size()
                               : rows_.empty()   ? fields.size()
                                                 : rows_.front().values.size();
    if (fields.size() != wanted)
      fail(row, std::min(wanted, fields.size() - 1),
           fmt::format("the row has {} fields, not {}", fields.size(), wanted));
    rows_.push_back(std::move(row));
  }
  if (rows_.empty())
    throw InputError(fmt::format("{}: holds no numbers; check the number of header lines", path_));
}

void TextTable::sort_by(std::size_t column) {
  std::stable_sort(rows_.begin(), rows_.end(), [column](const Row& a, const Row& b) {
    return a.values[column] < b.values[column];
  });
}

void TextTable::fail(const Row& row, std::size_t column, std::string_view problem) const {
  const std::string name = column < columns_.size() ? columns_[column] + ": " : "";
  throw InputError(fmt::format("{}:{}:{}: {}{}", path_, row.line, row.at[column], name, problem));
}

}  // namespace nuloop::io
