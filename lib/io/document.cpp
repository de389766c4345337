// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/io/document.hpp"

#include "nuloop/foundation/errors.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

namespace nuloop::io {
namespace {

// Of tables and arrays within each other, and of the parts of a key. Everything that walks through
// a document calls itself that often.
constexpr std::size_t deepest = 64;

// The most parts of any dotted key. toml++ has no bound on them and overflows the stack on many.
std::size_t most_key_parts(std::string_view text) {
  std::size_t most = 1, parts = 1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '.') {
      most = std::max(most, ++parts);
    } else if (c == '#') {
      i = std::min(text.find('\n', i), text.size()) - 1;
    } else if (c == '"' || c == '\'') {
      const bool lines = text.substr(i + 1, 2) == std::string(2, c);
      i += lines ? 3 : 1;
      while (i < text.size() &&
             (lines ? text.substr(i, 3) != std::string(3, c) : text[i] != c && text[i] != '\n'))
        i += c == '"' && text[i] == '\\' ? 2 : 1;
      i += lines ? 2 : 0;
      while (lines && i + 1 < text.size() && text[i + 1] == c)  // the text may end in quotes
        ++i;
    } else if (std::string_view("=,[]{}\n").find(c) != std::string_view::npos) {
      parts = 1;
    }
  }
  return most;
}

[[noreturn]] void refuse_depth(const Location& where) {
  throw InputError(fmt::format("{}: is nested more than {} deep", where.text(), deepest));
}

// @throws toml::parse_error, InputError
toml::table parse_shallow(const std::string& text, const std::string& origin) {
  if (most_key_parts(text) > deepest)
    refuse_depth({origin, 0});
  return toml::parse(text, origin);
}

Node convert(const toml::node& node, const std::string& origin, std::size_t depth = 0);

Node convert_table(const toml::table& table, const std::string& origin, std::size_t depth) {
  // toml++ sorts by key; the order of a document means something here (the axes of a job).
  using Entry = std::tuple<toml::source_position, std::string, const toml::node*>;
  std::vector<Entry> entries;
  for (const auto& [key, value] : table)
    entries.emplace_back(key.source().begin, std::string(key.str()), &value);
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    const auto &p = std::get<0>(a), &q = std::get<0>(b);
    return std::tie(p.line, p.column) < std::tie(q.line, q.column);
  });
  Node::Table members;
  for (const auto& [position, key, value] : entries) {
    if (has_control_characters(key) || key.find_first_of("\n\t") != std::string::npos)
      throw InputError(fmt::format("{}: a key holds a control character",
                                   Location{origin, static_cast<int>(position.line)}.text()));
    members.push_back({key, convert(*value, origin, depth + 1)});
    members.back().value.where.line = static_cast<int>(position.line);
  }
  return {std::move(members), {origin, static_cast<int>(table.source().begin.line)}};
}

Node convert(const toml::node& node, const std::string& origin, std::size_t depth) {
  const Location where{origin, static_cast<int>(node.source().begin.line)};
  if (depth > deepest)
    refuse_depth(where);
  if (const auto* table = node.as_table())
    return convert_table(*table, origin, depth);
  if (const auto* array = node.as_array()) {
    Node::Array items;
    for (const toml::node& item : *array)
      items.push_back(convert(item, origin, depth + 1));
    return {std::move(items), where};
  }
  if (const auto* text = node.as_string()) {
    if (has_control_characters(text->get()))
      throw InputError(where.text() + ": a text holds a control character");
    return {text->get(), where};
  }
  if (const auto* integer = node.as_integer())
    return {integer->get(), where};
  if (const auto* number = node.as_floating_point())
    return {number->get(), where};
  if (const auto* flag = node.as_boolean())
    return {flag->get(), where};
  throw InputError(fmt::format("{}: dates and times have no meaning here", where.text()));
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(' ');
  return first == std::string::npos ? ""
                                    : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

struct Assignment {
  std::vector<std::string> path;  // 'a."b.c".d' -> a, b.c, d
  std::string value;
};

// @throws InputError, saying what is wrong with `text`, if it is not key=value.
Assignment split_assignment(const std::string& text, const std::string& origin) {
  Assignment assignment{{""}, ""};
  char quote = '\0';
  std::size_t i = 0;
  for (; i < text.size() && (quote != '\0' || text[i] != '='); ++i) {
    const char c = text[i];
    if (quote != '\0' ? c == quote : (c == '"' || c == '\''))
      quote = quote != '\0' ? '\0' : c;
    else if (c == '.' && quote == '\0')
      assignment.path.emplace_back();
    else
      assignment.path.back() += c;
  }
  for (std::string& part : assignment.path)
    part = trimmed(part);
  if (assignment.path.size() > deepest)
    refuse_depth({origin, 0});
  if (i == text.size() || std::any_of(assignment.path.begin(), assignment.path.end(),
                                      [](const std::string& part) { return part.empty(); }))
    throw InputError(origin + ": wants key=value, as in settings.flux=huber");
  assignment.value = trimmed(text.substr(i + 1));
  return assignment;
}

// The same of what was typed, if a terminal and a file can show it.
Assignment checked_assignment(const std::string& text, const std::string& origin) {
  if (!is_utf8(text))
    throw InputError(origin + ": is not UTF-8");
  if (has_control_characters(text))
    throw InputError("--set: holds a control character");
  return split_assignment(text, origin);
}

// Dotted keys.
bool is_at_or_below(std::string_view key, std::string_view table) {
  return key.starts_with(table) && (key.size() == table.size() || key[table.size()] == '.');
}

Node parse_value(const std::string& text, const std::string& origin) {
  try {
    const toml::table table = parse_shallow("value = " + text, origin);
    if (table.size() == 1) {
      Node node = convert(*table.get("value"), origin);
      return node;
    }
  } catch (const toml::parse_error& error) {
    if (text.starts_with('[') || text.starts_with('{'))
      throw InputError(
          fmt::format("{}: not valid TOML: {}; texts in lists and tables want quotes, as in "
                      "[\"one\", \"two\"]",
                      origin, error.description()));
    // a bare word or a quantity
  }
  return {text, {origin, 0}};
}

void relocate(Node& node, const Location& where) {
  node.where = where;
  if (auto* items = std::get_if<Node::Array>(&node.value))
    for (Node& item : *items)
      relocate(item, where);
  if (auto* members = std::get_if<Node::Table>(&node.value))
    for (auto& member : *members)
      relocate(member.value, where);
}

std::string quoted(const std::string& text) {
  std::ostringstream out;
  const toml::value<std::string> value(text);
  out << toml::toml_formatter(value, toml::format_flags::none);  // always in double quotes
  return out.str();
}

}  // namespace

std::string Location::text() const {
  return line > 0 ? fmt::format("{}:{}", origin, line) : origin;
}

TextFile read_text_file(const std::string& path, const std::string& name) {
  const auto refuse = [&](const char* reason) {
    throw InputError(fmt::format("{}: cannot be read ({}); check the path", path, reason));
  };
  std::error_code error;
  if (std::filesystem::is_directory(path, error))
    refuse("it is a directory");
  std::ifstream stream(path, std::ios::binary);
  if (!stream)
    refuse(std::strerror(errno));
  TextFile file{name, path, {std::istreambuf_iterator<char>(stream), {}}};
  if (stream.bad())
    refuse(std::strerror(errno));
  return file;
}

const Node* Node::find(std::string_view key) const {
  if (const Table* members = table())
    for (const auto& [name, node] : *members)
      if (name == key)
        return &node;
  return nullptr;
}

Node parse_toml(const TextFile& file) {
  try {
    return convert(parse_shallow(file.text, file.path), file.path);
  } catch (const toml::parse_error& error) {
    throw InputError(fmt::format("{}:{}: not valid TOML: {}", file.path, error.source().begin.line,
                                 error.description()));
  }
}

Node merged(Node base, const Node& over) {
  base.where = over.where;
  auto& members = std::get<Node::Table>(base.value);
  for (const Member& member : std::get<Node::Table>(over.value)) {
    const auto found = std::find_if(members.begin(), members.end(),
                                    [&](const Member& m) { return m.key == member.key; });
    if (found == members.end())
      members.push_back(member);
    else if (found->value.table() != nullptr && member.value.table() != nullptr)
      found->value = merged(std::move(found->value), member.value);
    else
      found->value = member.value;
  }
  return base;
}

void set_value(Node& root, const std::string& assignment) {
  const std::string origin = "--set " + assignment;
  const auto [path, value] = checked_assignment(assignment, origin);
  Node* node = &root;
  for (auto part = path.begin(); part != path.end();) {
    auto* members = std::get_if<Node::Table>(&node->value);
    if (members == nullptr)
      throw InputError(
          fmt::format("{}: '{}' cannot be set: what stands before it is {}, not a table", origin,
                      *part, node->array() != nullptr ? "a list" : "a value"));
    // Keys may hold dots: settings.window.low finds "window.low" where that is written.
    auto found = members->end();
    auto next = path.end();
    for (; next != part && found == members->end(); --next)
      found = std::find_if(members->begin(), members->end(), [&](const Member& member) {
        return member.key == fmt::format("{}", fmt::join(part, next, "."));
      });
    if (found == members->end()) {
      members->push_back({*part, Node{Node::Table{}, {origin, 0}}});
      node = &members->back().value;
      ++part;
    } else {
      node = &found->value;
      part = next + 1;
    }
  }
  const int place = node->where.place;
  *node = parse_value(value, origin);
  relocate(*node, {origin, 0, place});
}

void set_values(Node& root, const std::vector<std::string>& assignments, std::vector<Given> given) {
  for (const std::string& assignment : assignments) {
    const std::string origin = "--set " + assignment;
    const std::string key =
        fmt::format("{}", fmt::join(checked_assignment(assignment, origin).path, "."));
    for (const Given& before : given)
      if (is_at_or_below(key, before.key) || is_at_or_below(before.key, key))
        throw InputError(fmt::format("{}: {} is given already, by {}; leave one of them out",
                                     origin, key == before.key ? key : "part of " + key,
                                     before.by));
    given.push_back({key, origin});
  }
  for (const std::string& assignment : assignments)
    set_value(root, assignment);
}

bool is_utf8(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  for (std::size_t i = 0; i < text.size();) {
    const unsigned lead = byte(i);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4)
      return false;
    for (std::size_t k = 1; k < length; ++k)
      if ((byte(i + k) & 0xc0U) != 0x80)
        return false;
    // Longer than need be, surrogates, above U+10FFFF.
    const unsigned second = byte(i + 1);
    if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
        (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f))
      return false;
    i += length;
  }
  return true;
}

bool has_control_characters(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool ends_line = byte == '\n' || (byte == '\r' && text.substr(i + 1).starts_with('\n'));
    if ((byte < 0x20 && !ends_line && byte != '\t') || byte == 0x7f)
      return true;
    // U+0080 to U+009F.
    if (byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0)
      return true;
  }
  return false;
}

std::string to_toml_key(std::string_view key) {
  const bool bare = !key.empty() && std::all_of(key.begin(), key.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-';
  });
  return bare ? std::string(key) : quoted(std::string(key));
}

std::string to_toml(const Node& node) {
  struct Printer {
    std::string operator()(bool flag) const { return flag ? "true" : "false"; }
    std::string operator()(std::int64_t integer) const { return fmt::format("{}", integer); }
    std::string operator()(double number) const {
      std::string text = fmt::format("{}", number);
      if (std::isfinite(number) && text.find_first_of(".e") == std::string::npos)
        text += ".0";
      return text;
    }
    std::string operator()(const std::string& text) const { return quoted(text); }
    std::string operator()(const Node::Array& items) const {
      std::vector<std::string> parts;
      for (const Node& item : items)
        parts.push_back(to_toml(item));
      return fmt::format("[{}]", fmt::join(parts, ", "));
    }
    std::string operator()(const Node::Table& members) const {
      std::vector<std::string> parts;
      for (const auto& [key, value] : members)
        parts.push_back(to_toml_key(key) + " = " + to_toml(value));
      return fmt::format("{{ {} }}", fmt::join(parts, ", "));
    }
  };
  return std::visit(Printer{}, node.value);
}

}  // namespace nuloop::io
