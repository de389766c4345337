// SPDX-License-Identifier: GPL-3.0-or-later
#include "flux_uncertainties.hpp"

#include "layers.hpp"
#include "tables.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <tuple>
#include <utility>

#include <Eigen/Dense>
#include <fmt/format.h>

namespace nuloop::setup {
namespace {

using experiment::fissile_count;
using experiment::fissile_names;
using experiment::FluxUncertainties;
using experiment::PerFissile;
using io::Node;
using io::Range;
using io::TableReader;
using io::TextTable;

// Of a variance: what the rounding of printed digits may do to symmetry and definiteness.
constexpr double default_rounding = 1e-6;

// What a matrix is of, and how far it may be from what it should be.
struct MatrixForm {
  bool correlation;
  bool absolute;
  double rounding;
  std::size_t header_lines;
};

// A matrix of a text file, symmetric to rounding.
Eigen::MatrixXd read_matrix(const io::TextFile& file, const MatrixForm& form, std::size_t size) {
  const TextTable table(file, {}, form.header_lines);
  const auto& rows = table.rows();
  if (rows.front().values.size() != size || rows.size() != size)
    table.fail(
        rows.back(), 0,
        fmt::format("the matrix has {} rows of {} numbers; isotopes and bins make {} of {}{}",
                    rows.size(), rows.front().values.size(), size, size,
                    rows.size() * rows.front().values.size() == size && size > 1
                        ? "; standard deviations are no matrix: they stand in uncertainties, "
                          "as in U235 = [0.02, 0.03]"
                        : ""));
  for (std::size_t i = 0; i < size; ++i) {
    const double variance = rows[i].values[i];
    if (variance < 0.0)
      table.fail(rows[i], i, fmt::format("{} on the diagonal is negative", variance));
    if (form.correlation && std::abs(variance - 1.0) > form.rounding)
      table.fail(rows[i], i, fmt::format("{} on the diagonal of a correlation is not 1", variance));
  }
  Eigen::MatrixXd matrix(static_cast<Eigen::Index>(size), static_cast<Eigen::Index>(size));
  for (std::size_t i = 0; i < size; ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      const double below = rows[i].values[j], above = rows[j].values[i];
      const double scale = std::sqrt(rows[i].values[i] * rows[j].values[j]);
      if (std::abs(below - above) > form.rounding * scale)
        table.fail(rows[i], j,
                   fmt::format("the matrix is not symmetric: {} here, and {} in row {}, column {}; "
                               "they differ by {:.3g} of the standard deviations' product",
                               below, above, j + 1, i + 1, std::abs(below - above) / scale));
      const auto a = static_cast<Eigen::Index>(i), b = static_cast<Eigen::Index>(j);
      matrix(a, b) = matrix(b, a) = 0.5 * (below + above);
    }
  return matrix;
}

// A row of the flux's own table, or of the entry's bins.
struct Place {
  std::size_t isotope;
  std::size_t bin;
  Eigen::Index index() const { return static_cast<Eigen::Index>(bin * fissile_count + isotope); }
};

// The rows of a matrix over these isotopes, one after the other.
std::vector<Place> places_of(const std::vector<std::size_t>& isotopes, std::size_t bins,
                             const FluxRows* rows) {
  std::vector<Place> places;
  for (const std::size_t isotope : isotopes)
    for (std::size_t n = 0; n < bins; ++n)
      places.push_back({isotope, rows != nullptr ? rows->places[isotope].at(n) : n});
  return places;
}

// Puts a matrix where it belongs among all isotopes and bins, as a relative one.
void place(const Eigen::MatrixXd& matrix, const std::vector<Place>& places,
           const std::function<double(const Place&)>& unit, Eigen::MatrixXd& whole) {
  for (std::size_t a = 0; a < places.size(); ++a)
    for (std::size_t b = 0; b < places.size(); ++b)
      whole(places[a].index(), places[b].index()) =
          matrix(static_cast<Eigen::Index>(a), static_cast<Eigen::Index>(b)) * unit(places[a]) *
          unit(places[b]);
}

// M with M M^T = `covariance`, column by column its eigenvectors times the roots of their
// eigenvalues, the largest first. @throws InputError if an eigenvalue is below zero.
Eigen::MatrixXd modes_of(const Eigen::MatrixXd& covariance, double rounding,
                         const io::Location& where, const std::string& key) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(covariance);
  const Eigen::VectorXd& values = solver.eigenvalues();  // ascending
  const Eigen::Index size = values.size();
  const double largest = values(size - 1);
  if (values(0) < -rounding * largest)
    io::fail(where, key,
             fmt::format("is not positive semi-definite: its least eigenvalue is {:.6g}, {:.3g} of "
                         "the largest; if that is rounding of printed digits, set rounding",
                         values(0), values(0) / largest));
  const double negligible =
      static_cast<double>(size) * std::numeric_limits<double>::epsilon() * largest;
  const auto first = std::upper_bound(values.begin(), values.end(), negligible) - values.begin();
  Eigen::MatrixXd modes(size, size - first);
  for (Eigen::Index k = first; k < size; ++k)
    modes.col(size - 1 - k) = std::sqrt(values(k)) * solver.eigenvectors().col(k);
  return modes;
}

MatrixForm read_matrix_form(TableReader& table) {
  MatrixForm form{};
  const std::string kind = table.text("kind");
  if (kind != "covariance" && kind != "correlation")
    io::fail(table.node("kind").where, table.full_key("kind"),
             "wants \"covariance\" or \"correlation\"");
  form.correlation = kind == "correlation";
  if (!form.correlation) {
    const std::string values = table.text("values");
    if (values != "relative" && values != "absolute")
      io::fail(table.node("values").where, table.full_key("values"),
               "wants \"relative\" or \"absolute\"");
    form.absolute = values == "absolute";
  }
  form.rounding =
      table.has("rounding") ? table.number("rounding", Range::within(0.0, 0.01)) : default_rounding;
  form.header_lines = read_header_lines(table);
  return form;
}

// The table `covariance` of an entry whose bins are known, and whose standard deviations are if it
// is a correlation.
class CovarianceReader {
 public:
  CovarianceReader(TableReader table, const FileWithOthers& files, const FluxRows* rows,
                   const PerFissile<bool>& absent)
      : table_(std::move(table)),
        files_(files),
        rows_(rows),
        absent_(absent),
        form_(read_matrix_form(table_)) {
    if (form_.absolute && rows_ == nullptr)
      io::fail(table_.node("values").where, table_.full_key("values"),
               "is absolute, and needs the flux's own table: put it into [uncertainties] of a flux "
               "of form \"file\", without energies or edges");
  }

  bool is_correlation() const { return form_.correlation; }
  bool is_absolute() const { return form_.absolute; }

  void read_into(FluxUncertainties& result) {
    const auto size = static_cast<Eigen::Index>(result.bins() * fissile_count);
    whole_ = Eigen::MatrixXd::Zero(size, size);
    const io::Location where = table_.where();
    table_.refuse_beside("files", {"file", "isotopes"});
    if (table_.has("files")) {
      TableReader named = table_.table("files");
      for (const std::string& isotope : named.keys())
        add(named.node(isotope), named.full_key(isotope),
            {present(isotope, named.node(isotope).where, table_.full_key("files"))}, result);
    } else {
      add(table_.node("file"), table_.full_key("file"), isotopes_of_matrix(), result);
    }
    table_.finish();
    result.modes = modes_of(whole_, form_.rounding, where, "covariance");
    if (!form_.correlation)
      for (std::size_t i = 0; i < fissile_count; ++i)
        for (std::size_t bin = 0; bin < result.bins(); ++bin)
          result.relative[i][bin] = std::sqrt(whole_.diagonal()(Place{i, bin}.index()));
  }

 private:
  // An isotope of which the flux has a spectrum.
  std::size_t present(const std::string& name, const io::Location& where,
                      const std::string& key) const {
    const std::size_t isotope = read_isotope(name, where, key);
    if (absent_[isotope])
      io::fail(where, key, fmt::format("{} is absent from the flux", name));
    return isotope;
  }

  // In the order of one matrix over all of them.
  std::vector<std::size_t> isotopes_of_matrix() {
    const std::string key = table_.full_key("isotopes");
    std::vector<std::size_t> isotopes;
    for (const Node& item : table_.array("isotopes")) {
      isotopes.push_back(present(io::read_text(item, key), item.where, key));
      if (std::count(isotopes.begin(), isotopes.end(), isotopes.back()) > 1)
        io::fail(item.where, key, "is listed twice");
    }
    if (isotopes.empty())
      io::fail(table_.node("isotopes").where, key, "wants an isotope");
    return isotopes;
  }

  void add(const Node& node, const std::string& key, const std::vector<std::size_t>& isotopes,
           const FluxUncertainties& known) {
    const io::TextFile& file = files_.named_by(node, key);
    const auto places = places_of(isotopes, known.bins(), rows_);
    const Eigen::MatrixXd matrix = read_matrix(file, form_, places.size());
    const auto unit = [&](const Place& at) {
      if (form_.correlation)
        return known.relative[at.isotope][at.bin];
      if (!form_.absolute)
        return 1.0;
      const double value = rows_->values[at.isotope][at.bin];
      if (value == 0.0)
        io::fail(node.where, key,
                 fmt::format("is absolute, and the flux of {} is zero in bin {}",
                             fissile_names[at.isotope], at.bin + 1));
      return 1.0 / value;
    };
    place(matrix, places, unit, whole_);
  }

  TableReader table_;
  const FileWithOthers& files_;
  const FluxRows* rows_;
  PerFissile<bool> absent_;
  MatrixForm form_;
  Eigen::MatrixXd whole_;  // relative, bin by bin, all isotopes in each
};

// Values of the file's rows by ascending energy.
std::vector<double> by_bin(std::vector<double> values, const std::vector<std::size_t>* places) {
  if (places == nullptr)
    return values;
  std::vector<double> sorted(values.size());
  for (std::size_t n = 0; n < values.size(); ++n)
    sorted[places->at(n)] = values[n];
  return sorted;
}

// The table `parts` of an entry: what of its standard deviations moves together.
class PartsReader {
 public:
  PartsReader(TableReader table, std::size_t bins, const FluxRows* rows,
              const PerFissile<bool>& absent)
      : table_(std::move(table)), bins_(bins), rows_(rows), absent_(absent) {}

  // M with M M^T = the sum of all parts' covariances.
  Eigen::MatrixXd modes() {
    for_each_table(table_, [&](const std::string&, TableReader& part) { add(part); });
    const Eigen::VectorXd independent = variances_.cwiseSqrt();
    for (Eigen::Index place = 0; place < independent.size(); ++place)
      if (independent(place) > 0.0)
        modes_.push_back(independent(place) * Eigen::VectorXd::Unit(independent.size(), place));
    Eigen::MatrixXd all(independent.size(), static_cast<Eigen::Index>(modes_.size()));
    for (std::size_t mode = 0; mode < modes_.size(); ++mode)
      all.col(static_cast<Eigen::Index>(mode)) = modes_[mode];
    return all;
  }

 private:
  void add(TableReader& part) {
    const std::string common = part.text("common");
    if (common != "none" && common != "energies" && common != "all")
      io::fail(part.node("common").where, part.full_key("common"),
               "wants \"none\", \"energies\" or \"all\"");
    Eigen::VectorXd all = nothing();
    for (std::size_t i = 0; i < fissile_count; ++i) {
      const std::string isotope(fissile_names[i]);
      if (absent_[i] || !part.has(isotope))
        continue;
      Eigen::VectorXd alone = nothing();
      const auto values = by_bin(read_column(part, isotope, Range::within(-1.0, 1.0), bins_),
                                 rows_ != nullptr ? &rows_->places[i] : nullptr);
      for (std::size_t bin = 0; bin < bins_; ++bin)
        alone(Place{i, bin}.index()) = values[bin];
      if (common == "none")
        variances_ += alone.cwiseAbs2();
      else if (common == "energies")
        modes_.push_back(alone);
      all += alone;
    }
    if (common == "all")
      modes_.push_back(all);
  }

  Eigen::VectorXd nothing() const {
    return Eigen::VectorXd::Zero(static_cast<Eigen::Index>(bins_ * fissile_count));
  }

  TableReader table_;
  std::size_t bins_;
  const FluxRows* rows_;
  PerFissile<bool> absent_;
  Eigen::VectorXd variances_ = nothing();  // of what moves with nothing else
  std::vector<Eigen::VectorXd> modes_;
};

// Where the entry's bins meet, and the rows that they are, if they are those of the flux's table.
std::pair<std::vector<double>, const FluxRows*> read_bins(TableReader& entry,
                                                          const FluxRows* rows) {
  if (entry.has("edges")) {
    const auto edges = read_energies(entry, "edges");
    if (edges.size() < 3)
      io::fail(entry.node("edges").where, entry.full_key("edges"), "wants two or more bins");
    return {inner_edges(edges, true), nullptr};
  }
  if (rows != nullptr && !entry.has("energies")) {
    if (rows->inner_edges_MeV.empty())
      io::fail(entry.where(), entry.full_key("energies"),
               "is missing: the files of the isotopes have different energies");
    return {rows->inner_edges_MeV, rows};
  }
  return {inner_edges(read_energies(entry), false), nullptr};
}

// What a standard deviation becomes if the numbers mean something else. @param flux its value in
// the file, or NaN without one.
using Conversion = double (*)(double relative, double flux);
struct Reading {
  const char* what;
  Conversion convert;
};
constexpr Reading of_deviations[] = {
    {"they are in per cent", [](double s, double) { return s / 100.0; }},
    {"they are variances", [](double s, double) { return std::sqrt(s); }}};
constexpr Reading of_relative[] = {
    {"the numbers of the matrix are standard deviations, not yet squared",
     [](double s, double) { return s * s; }},
    {"they are in per cent squared", [](double s, double) { return s / 100.0; }},
    {"they are absolute", [](double s, double flux) { return s / flux; }}};
constexpr Reading of_absolute[] = {
    {"the numbers of the matrix are standard deviations, not yet squared",
     [](double s, double flux) { return s * s * flux; }},
    {"they are relative to the flux", [](double s, double flux) { return s * flux; }}};

std::vector<OtherMeaning> other_meanings(const FluxUncertainties& known, const FluxRows* rows,
                                         std::span<const Reading> readings) {
  std::vector<OtherMeaning> list;
  for (const Reading& reading : readings) {
    OtherMeaning other{reading.what, known.relative};
    for (std::size_t i = 0; i < fissile_count; ++i)
      for (std::size_t bin = 0; bin < known.bins(); ++bin) {
        const bool has_flux = rows != nullptr && bin < rows->values[i].size();
        double& relative = other.relative[i][bin];
        if (relative > 0.0)
          relative = reading.convert(
              relative, has_flux ? rows->values[i][bin] : std::numeric_limits<double>::quiet_NaN());
      }
    list.push_back(std::move(other));
  }
  return list;
}

bool is_of_the_user(const io::Location& where, const FileWithOthers& files) {
  return std::any_of(files.all.begin(), files.all.end(), [&](const io::TextFile& file) {
    return file.path == where.origin && is_own(file);
  });
}

}  // namespace

UncertaintiesRead read_uncertainties(TableReader& entry, const FileWithOthers& files,
                                     const FluxRows* rows, const PerFissile<bool>& absent) {
  FluxUncertainties result;
  const FluxRows* own_rows = nullptr;
  std::tie(result.inner_edges_MeV, own_rows) = read_bins(entry, rows);
  for (auto& relative : result.relative)
    relative.assign(result.bins(), 0.0);
  std::optional<CovarianceReader> covariance;
  entry.expect({fissile_names.begin(), fissile_names.end()});
  if (entry.has("covariance"))
    covariance.emplace(entry.table("covariance"), files, own_rows, absent);
  if (!covariance || covariance->is_correlation())
    for (std::size_t i = 0; i < fissile_count; ++i)
      if (!absent[i])
        result.relative[i] = by_bin(read_column(entry, std::string(fissile_names[i]),
                                                Range::within(0.0, 1.0), result.bins()),
                                    own_rows != nullptr ? &own_rows->places[i] : nullptr);
  if (covariance)
    covariance->read_into(result);
  else if (entry.has("parts"))
    result.modes = PartsReader(entry.table("parts"), result.bins(), own_rows, absent).modes();
  const std::span<const Reading> readings =
      !covariance || covariance->is_correlation() ? std::span<const Reading>(of_deviations)
      : covariance->is_absolute()                 ? std::span<const Reading>(of_absolute)
                                                  : std::span<const Reading>(of_relative);
  auto others = other_meanings(result, own_rows, readings);
  return {std::move(result), std::move(others), is_of_the_user(entry.where(), files)};
}

Catalogue<UncertaintiesRead> read_flux_uncertainties(const std::vector<io::TextFile>& files) {
  const Node root = document(files, "flux_uncertainties.toml");
  TableReader table(root, "");
  Catalogue<UncertaintiesRead> catalogue;
  for_each_table(table, [&](const std::string& name, TableReader& entry) {
    entry.text("title");
    entry.text("source");
    catalogue.add(name, read_uncertainties(entry, {files}, nullptr, {}));
  });
  return catalogue;
}

}  // namespace nuloop::setup
