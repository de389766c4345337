// TOML documents as an ordered tree that knows where every value came from.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace nuloop::io {

/// A file read into memory. `name` is what provenance calls it, `path` what messages call it.
struct TextFile {
  std::string name;
  std::string path;
  std::string text;
};

/// @throws InputError if the file cannot be read.
TextFile read_text_file(const std::string& path, const std::string& name);

/// Where a value was written: a line of a file, or an option of the command line (line 0).
struct Location {
  std::string origin;
  int line = 0;      ///< 0 for none
  int place = line;  ///< in the order of the document: the line of what has been replaced
  std::string text() const;
};

struct Member;

/// A value of a document; tables keep the order in which they were written.
struct Node {
  using Array = std::vector<Node>;
  using Table = std::vector<Member>;

  std::variant<bool, std::int64_t, double, std::string, Array, Table> value;
  Location where;

  const Table* table() const { return std::get_if<Table>(&value); }
  const Array* array() const { return std::get_if<Array>(&value); }
  const std::string* text() const { return std::get_if<std::string>(&value); }

  /// Member of a table, or null.
  const Node* find(std::string_view key) const;
};

/// A key of a table and its value.
struct Member {
  std::string key;
  Node value;
};

/// The document's root table. @throws InputError with file and line if it is not TOML, or nested
/// more than 64 deep.
Node parse_toml(const TextFile& file);

/// `base` with the members of `over` in place of its own, table by table: what both have as a table
/// is merged likewise, and then counts as written in `over`. New members follow.
/// @param base,over tables.
Node merged(Node base, const Node& over);

/// Sets the value at a dotted key ('settings.flux', 'axes."lo.sin2_theta_w".points') of `root`, as
/// `--set key=value` does. The value is read as TOML if it is TOML, and else as text ("2.8 t").
/// @throws InputError if the assignment is malformed, not UTF-8, or leads through something that is
/// not a table.
void set_value(Node& root, const std::string& assignment);

/// A key of a document that was given a value on the command line.
struct Given {
  std::string key;  ///< dotted, without quotes
  std::string by;   ///< what was typed: "--bin-width"
};

/// Does all of `assignments`, in their order.
/// @param given what options of their own have set in `root`.
/// @throws InputError as set_value; also, naming both, if one sets what another or an option has
/// set, or a part of it.
void set_values(Node& root, const std::vector<std::string>& assignments,
                std::vector<Given> given = {});

/// A node as TOML on one line; doubles in shortest round-trip form.
std::string to_toml(const Node& node);

/// A key as TOML writes it: bare where possible, quoted otherwise.
std::string to_toml_key(std::string_view key);

/// Whether the bytes are UTF-8 as RFC 3629 has it.
bool is_utf8(std::string_view text);

/// Whether UTF-8 has characters that make a terminal do things: control characters other than tabs
/// and ends of lines.
bool has_control_characters(std::string_view text);

}  // namespace nuloop::io
