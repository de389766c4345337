// What `nuloop report` shows of a result, for people and for programs.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/setup/result.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace nuloop::analysis {

using sweep::ResultTable;
using sweep::Value;

class Report {
 public:
  virtual ~Report() = default;
  virtual void print_table(std::ostream& out) const = 0;
  virtual void print_csv(std::ostream& out) const = 0;
  virtual void print_json(std::ostream& out) const = 0;
  /// The smallest and the largest number of each column and where they are, and how many are none.
  /// @throws InputError for kinds that have none.
  virtual void print_summary(std::ostream& out) const;

  /// Leaves out all points but those where `key` has this value: a name, or a number in the unit of
  /// the table. @throws InputError if there is no such key, no such point, or no selection.
  virtual void select(const std::string& key, const std::string& value);

 protected:
  Report() = default;
  Report(const Report&) = default;
  Report& operator=(const Report&) = default;
};

/// A row per point of the result.
class PointReport : public Report {
 public:
  struct Column {
    std::string name;             ///< for programs, with its unit
    std::string heading;          ///< for people
    std::vector<double> values;   ///< one per row
    std::string (*text)(double);  ///< for people
    /// Read from the file as they are wanted, instead of `values`.
    std::shared_ptr<const sweep::StreamedNumbers> streamed = nullptr;

    std::size_t size() const { return streamed ? streamed->size() : values.size(); }
    double value(std::size_t row) const { return streamed ? (*streamed)[row] : values[row]; }
  };

  /// Under the title people find the settings that matter to every number.
  explicit PointReport(const setup::Result& result);

  /// A column with its axes, which are those of all columns.
  void add(ResultTable table, std::string name, std::string heading, std::string (*text)(double));
  void add(Column column) { columns_.push_back(std::move(column)); }
  /// The same for a column that may be long: it is not held in memory.
  /// @param rows its axes, without values.
  void add(ResultTable rows, sweep::StreamedNumbers values, std::string name, std::string heading,
           std::string (*text)(double));

  struct Cell {
    double value;
    std::string text;  ///< for people
  };
  /// A further column that few rows have. @param cells by row.
  void add_sparse(std::string name, std::string heading, std::map<std::size_t, Cell> cells);
  /// What programs find the rows under.
  void call_rows(std::string name) { rows_name_ = std::move(name); }

  std::size_t rows() const { return columns_.front().size(); }
  std::vector<std::string> keys() const { return axes_.keys(); }
  std::vector<Value> coordinates(std::size_t row) const { return axes_.coordinates(row); }

  void print_table(std::ostream& out) const override;
  void print_csv(std::ostream& out) const override;
  void print_json(std::ostream& out) const override;
  void print_summary(std::ostream& out) const override;
  void select(const std::string& key, const std::string& value) override;

 private:
  std::size_t shown() const { return selected_ ? selected_->size() : rows(); }
  // Calls use(row) for the rows that are printed.
  template <class Use>
  void each_shown(Use&& use) const {
    for (std::size_t n = 0; n < shown(); ++n)
      use(selected_ ? (*selected_)[n] : n);
  }
  const Cell* sparse(std::size_t row) const;
  std::vector<std::string> headings() const;
  std::vector<std::string> cells(std::size_t row) const;
  std::string place(std::size_t row) const;
  void print_summary(std::ostream& out, const Column& column) const;

  std::string title_;
  std::string settings_;
  std::string rows_name_ = "rows";
  ResultTable axes_;  // without values
  std::vector<Column> columns_;
  std::string sparse_name_, sparse_heading_;  // empty if there is no such column
  std::map<std::size_t, Cell> sparse_;
  std::optional<std::vector<std::size_t>> selected_;
};

/// The n-th of the values along the last axis of a table, at every point of the others.
std::vector<double> slice(const ResultTable& table, std::size_t n);

/// Numbers as people read them. NaN is a point that failed.
std::string number_text(double value);
std::string years_text(double years);  ///< infinity: "never"

/// The values of a result as programs read them: a name as it is, a number in the fewest digits
/// that tell it from all others.
std::string text_of(const Value& value);

/// A cell of a CSV file (RFC 4180): in quotes where commas, quotes or ends of lines ask for them.
std::string csv_cell(const std::string& text);

}  // namespace nuloop::analysis
