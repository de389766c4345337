// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/analysis/export.hpp"

#include "nuloop/analysis/report.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/foundation/row_major.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace nuloop::analysis {
namespace {

using setup::Result;
using sweep::Field;
using sweep::Scale;
using sweep::Study;

// --- From the result to tables -----------------------------------------------------------------

std::string name_in_group(std::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1));
}

// The axes of a study that a field runs along.
std::vector<std::size_t> axes_of(const Study& study, const Field& field) {
  std::vector<std::size_t> axes;
  for (std::size_t i = 0; i < study.axes.size(); ++i)
    if (study.axes[i].depth <= field.along)
      axes.push_back(i);
  return axes;
}

// Builds the table of all fields that run along the same dimensions.
class TableBuilder {
 public:
  TableBuilder(const Result& result, const Study& study, const std::vector<const Field*>& fields)
      : result_(result), study_(study), fields_(fields), axes_(axes_of(study, *fields.front())) {
    const Field& first = *fields.front();
    for (const std::size_t axis : axes_)
      lengths_.push_back(study.axes[axis].size());
    for (const std::size_t length : study.layout.further_lengths(first))
      lengths_.push_back(length);
    for (std::size_t n = 0; n < size_of(lengths_); ++n)
      rows_.push_back(n);
    table_.name = first.path.substr(1);
    std::replace(table_.name.begin(), table_.name.end(), '/', '_');
  }

  ExportTable build() {
    leave_out_missing_bins();
    for (std::size_t d = 0; d < axes_.size(); ++d)
      for (const sweep::Column& column : axes_result_[axes_[d]].columns)
        table_.coordinates.push_back(
            {column.key,
             column.dimension ? std::string(io::common_spelling(*column.dimension)) : "",
             along(d, [&](std::size_t i) { return column.values[i]; }),
             {},
             {}});
    const auto& further = fields_.front()->further;
    for (std::size_t i = 0; i < further.size(); ++i)
      add_scale(study_.layout.scale(further[i]), axes_.size() + i);
    for (const Field* field : fields_)
      add_field(*field);
    return std::move(table_);
  }

 private:
  // get(index along the dimension d) for every row.
  template <class Get>
  std::vector<sweep::Value> along(std::size_t d, const Get& get) const {
    std::vector<sweep::Value> values;
    for (const std::size_t n : rows_)
      values.emplace_back(get(indices_of(n, lengths_)[d]));
    return values;
  }

  const sweep::Coordinate* edge_of(const Scale& scale, std::string_view ending) const {
    for (const sweep::Coordinate& coordinate : study_.layout.coordinates())
      if (coordinate.scale == scale.path && coordinate.path == scale.path + std::string(ending))
        return &coordinate;
    return nullptr;
  }

  // The numbers of a coordinate of the scale that is dimension d, for every row.
  std::vector<double> numbers_of(const sweep::Coordinate& coordinate, std::size_t d) const {
    Indices extents;
    for (const std::size_t axis : coordinate.axes)
      extents.push_back(study_.axes[axis].size());
    extents.push_back(lengths_[d]);
    const Indices strides = strides_of(extents);
    std::vector<double> numbers;
    for (const std::size_t n : rows_) {
      const Indices at = indices_of(n, lengths_);
      Indices own;
      for (const std::size_t axis : coordinate.axes)
        own.push_back(at[static_cast<std::size_t>(std::find(axes_.begin(), axes_.end(), axis) -
                                                  axes_.begin())]);
      own.push_back(at[d]);
      numbers.push_back(coordinate.numbers.at(position_of(own, strides)));
    }
    return numbers;
  }

  // A point of a job with several windows may have fewer bins than the scale.
  void leave_out_missing_bins() {
    const auto& further = fields_.front()->further;
    for (std::size_t i = 0; i < further.size(); ++i)
      if (const auto* low = edge_of(study_.layout.scale(further[i]), "_low")) {
        const std::vector<double> edges = numbers_of(*low, axes_.size() + i);
        std::vector<std::size_t> kept;
        for (std::size_t n = 0; n < rows_.size(); ++n)
          if (!std::isnan(edges[n]))
            kept.push_back(rows_[n]);
        rows_ = std::move(kept);
      }
  }

  void add_scale(const Scale& scale, std::size_t d) {
    ExportTable::Coordinate coordinate{name_in_group(scale.path), "", {}, {}, {}};
    if (const auto* low = edge_of(scale, "_low")) {
      coordinate.units = low->units;
      coordinate.low = numbers_of(*low, d);
      coordinate.high = numbers_of(*edge_of(scale, "_high"), d);
    } else if (!scale.names.empty()) {
      coordinate.values = along(d, [&](std::size_t i) { return scale.names[i]; });
    } else {
      coordinate.units = "1";
      coordinate.values = along(d, [&](std::size_t i) {
        return scale.numbers.empty() ? static_cast<double>(i) : scale.numbers[i];
      });
    }
    table_.coordinates.push_back(std::move(coordinate));
    if (!scale.units.empty())
      table_.coordinates.push_back(
          {"unit", "", along(d, [&](std::size_t i) { return scale.units[i]; }), {}, {}});
  }

  // An error goes to the quantity before it, of which it is.
  void add_field(const Field& field) {
    const std::vector<double> all = result_.numbers(field.path);
    if (all.size() != size_of(lengths_))
      throw InputError(
          fmt::format("{}: {} does not run along the axes of its job", result_.path(), field.path));
    std::vector<double> values;
    for (const std::size_t n : rows_)
      values.push_back(all[n]);
    const std::string name = name_in_group(field.path);
    if (!table_.quantities.empty() && name == table_.quantities.back().name + "_error") {
      table_.quantities.back().errors = std::move(values);
      table_.quantities.back().error_name = field.long_name;
      return;
    }
    table_.quantities.push_back({name, field.units, field.long_name, std::move(values), {}, ""});
  }

  const Result& result_;
  const Study& study_;
  const std::vector<const Field*>& fields_;
  const sweep::Axes axes_result_ = result_.axes();  // with the file's values
  std::vector<std::size_t> axes_;                   // of the study, one per first dimensions
  Indices lengths_;
  std::vector<std::size_t> rows_;  // positions in the datasets
  ExportTable table_;
};

// --- CSV ---------------------------------------------------------------------------------------

std::string csv_heading(const std::string& name, const std::string& units) {
  return csv_cell(units.empty() ? name : fmt::format("{} [{}]", name, units));
}

std::string csv_text(const ExportTable& table) {
  std::vector<std::string> cells;
  for (const auto& coordinate : table.coordinates) {
    if (coordinate.low.empty()) {
      cells.push_back(csv_heading(coordinate.name, coordinate.units));
    } else {
      cells.push_back(csv_heading(coordinate.name + "_low", coordinate.units));
      cells.push_back(csv_heading(coordinate.name + "_high", coordinate.units));
    }
  }
  for (const auto& quantity : table.quantities) {
    cells.push_back(csv_heading(quantity.name, quantity.units));
    if (!quantity.errors.empty())
      cells.push_back(csv_heading(quantity.name + "_error", quantity.units));
  }
  std::string text = fmt::format("{}\n", fmt::join(cells, ","));
  for (std::size_t n = 0; n < table.rows(); ++n) {
    cells.clear();
    for (const auto& coordinate : table.coordinates) {
      if (coordinate.low.empty()) {
        cells.push_back(csv_cell(text_of(coordinate.values[n])));
      } else {
        cells.push_back(fmt::format("{}", coordinate.low[n]));
        cells.push_back(fmt::format("{}", coordinate.high[n]));
      }
    }
    for (const auto& quantity : table.quantities) {
      cells.push_back(fmt::format("{}", quantity.values[n]));
      if (!quantity.errors.empty())
        cells.push_back(fmt::format("{}", quantity.errors[n]));
    }
    text += fmt::format("{}\n", fmt::join(cells, ","));
  }
  return text;
}

// --- HEPData -----------------------------------------------------------------------------------

// In double quotes, with the escapes of JSON, which are those of YAML too.
std::string yaml_text(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

// A YAML 1.1 reader takes 1e-05 for a text: a number with an exponent must have a point.
std::string yaml_number(double value) {
  if (std::isnan(value))
    return yaml_text("-");
  if (std::isinf(value))
    return yaml_text(value > 0.0 ? "inf" : "-inf");
  std::string text = fmt::format("{}", value);
  const std::size_t exponent = text.find('e');
  if (exponent != std::string::npos && text.find('.') == std::string::npos)
    text.insert(exponent, ".0");
  return text;
}

std::string yaml_value(const sweep::Value& value) {
  if (const auto* name = std::get_if<std::string>(&value))
    return yaml_text(*name);
  return yaml_number(std::get<double>(value));
}

std::string yaml_header(const std::string& name, const std::string& units) {
  return fmt::format(
      "- header: {{name: {}{}}}\n", yaml_text(name),
      units.empty() || units == "1" ? "" : fmt::format(", units: {}", yaml_text(units)));
}

std::string hepdata_table(const ExportTable& table, const std::string& qualifiers) {
  std::string text = "independent_variables:\n";
  for (const auto& coordinate : table.coordinates) {
    text += yaml_header(coordinate.name, coordinate.units) + "  values:\n";
    for (std::size_t n = 0; n < table.rows(); ++n)
      text += coordinate.low.empty()
                  ? fmt::format("  - {{value: {}}}\n", yaml_value(coordinate.values[n]))
                  : fmt::format("  - {{low: {}, high: {}}}\n", yaml_number(coordinate.low[n]),
                                yaml_number(coordinate.high[n]));
  }
  text += "dependent_variables:\n";
  for (const auto& quantity : table.quantities) {
    text += yaml_header(quantity.name, quantity.units) + qualifiers + "  values:\n";
    for (std::size_t n = 0; n < table.rows(); ++n) {
      const double error = quantity.errors.empty() ? 0.0 : quantity.errors[n];
      text += fmt::format("  - {{value: {}{}}}\n", yaml_number(quantity.values[n]),
                          std::isfinite(error) && error > 0.0
                              ? fmt::format(", errors: [{{symerror: {}, label: {}}}]",
                                            yaml_number(error), yaml_text(quantity.error_name))
                              : "");
    }
  }
  return text;
}

// The settings of a job that say something, as qualifiers of a dependent variable.
std::string hepdata_qualifiers(const Result& result) {
  std::string text;
  const io::Node* settings = result.job().find("settings");
  if (settings == nullptr || settings->table() == nullptr)
    return text;
  for (const auto& [key, node] : *settings->table()) {
    const auto* whole = std::get_if<std::int64_t>(&node.value);
    const auto* real = std::get_if<double>(&node.value);
    if ((whole != nullptr && *whole == 0) || (real != nullptr && *real == 0.0))
      continue;
    const std::string value = node.text() != nullptr ? yaml_text(*node.text())
                              : whole != nullptr     ? fmt::format("{}", *whole)
                              : real != nullptr      ? yaml_number(*real)
                                                     : yaml_text(io::to_toml(node));
    text += fmt::format("  - {{name: {}, value: {}}}\n", yaml_text(key), value);
  }
  return text.empty() ? text : "  qualifiers:\n" + text;
}

std::string hepdata_submission(const std::vector<ExportTable>& tables, const Result& result) {
  std::string text =
      fmt::format("---\ncomment: {}\n",
                  yaml_text(fmt::format(
                      "{}. Computed by nuloop {} ({}). Years are Julian years of 365.25 days.",
                      result.title(), result.version(), result.git_revision())));
  for (const ExportTable& table : tables) {
    std::vector<std::string> meanings, observables;
    for (const auto& quantity : table.quantities) {
      meanings.push_back(fmt::format("{}: {}", quantity.name, quantity.long_name));
      observables.push_back(yaml_text(quantity.name));
    }
    text += fmt::format(
        "---\nname: {}\ndescription: {}\nkeywords:\n- {{name: \"reactions\", values: [\"NUEBAR E- "
        "--> NUEBAR E-\"]}}\n- {{name: \"observables\", values: [{}]}}\n- {{name: \"phrases\", "
        "values: [\"Neutrino-electron scattering\"]}}\ndata_file: {}\n",
        yaml_text(table.name), yaml_text(fmt::format("{}", fmt::join(meanings, "; "))),
        fmt::join(observables, ", "), yaml_text(table.name + ".yaml"));
  }
  return text;
}

}  // namespace

std::vector<ExportTable> export_tables(const Result& result, const Study& study) {
  std::vector<std::vector<const Field*>> groups;
  for (const Field& field : study.layout.fields()) {
    const auto same = [&](const std::vector<const Field*>& group) {
      const Field& first = *group.front();
      return sweep::group_of(first.path) == sweep::group_of(field.path) &&
             axes_of(study, first) == axes_of(study, field) && first.further == field.further;
    };
    const auto found = std::find_if(groups.begin(), groups.end(), same);
    if (found == groups.end())
      groups.push_back({&field});
    else
      found->push_back(&field);
  }
  std::vector<ExportTable> tables;
  for (const auto& fields : groups)
    tables.push_back(TableBuilder(result, study, fields).build());
  return tables;
}

std::vector<ExportFile> csv_files(const std::vector<ExportTable>& tables) {
  std::vector<ExportFile> files;
  for (const ExportTable& table : tables)
    files.emplace_back(table.name + ".csv", csv_text(table));
  return files;
}

std::vector<ExportFile> hepdata_files(const std::vector<ExportTable>& tables,
                                      const Result& result) {
  std::vector<ExportFile> files = {{"submission.yaml", hepdata_submission(tables, result)}};
  const std::string qualifiers = hepdata_qualifiers(result);
  for (const ExportTable& table : tables)
    files.emplace_back(table.name + ".yaml", hepdata_table(table, qualifiers));
  return files;
}

}  // namespace nuloop::analysis
