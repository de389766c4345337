// Tables of numbers in text files, as they are published.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/io/document.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace nuloop::io {

/// A file's rows of numbers. Fields of a line stand between commas, semicolons or blanks (tabs are
/// blanks); a comma or semicolon with nothing before it leaves a field empty, which is an error.
/// #, ! and // begin a comment, which ends with the line. Lines without fields are left out.
class TextTable {
 public:
  struct Row {
    int line;                    ///< of the file, from 1
    std::vector<double> values;  ///< finite; zero where a column is skipped
    std::vector<int> at;         ///< where in the line each field begins, from 1
  };

  /// A column of this name may hold anything, and is skipped.
  static constexpr std::string_view skipped = "-";
  /// As the last column: any number of further fields, which are skipped.
  static constexpr std::string_view further = "...";

  /// @param columns their names; every row must have as many fields. Without any, all rows must
  /// have as many fields as the first.
  /// @param header_lines how many lines at the beginning are left out.
  /// @throws InputError with file, line and place in it on anything that is not a finite number,
  /// on rows of other lengths, and on a file without rows.
  TextTable(const TextFile& file, std::vector<std::string> columns, std::size_t header_lines);

  const std::vector<Row>& rows() const { return rows_; }
  const std::vector<std::string>& columns() const { return columns_; }
  const std::string& path() const { return path_; }

  /// Sorts the rows by the values of a column; equal ones keep their order.
  void sort_by(std::size_t column);

  /// @throws InputError that names the file, the line of the row and the place of its field.
  [[noreturn]] void fail(const Row& row, std::size_t column, std::string_view problem) const;

 private:
  std::string path_;
  std::vector<std::string> columns_;
  std::vector<Row> rows_;
};

}  // namespace nuloop::io
