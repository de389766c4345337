// What a result consists of: fields of numbers along the axes of its sweep, and further scales.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/special_values.hpp"
#include "nuloop/sweep/grid.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <Eigen/Core>

namespace nuloop::sweep {

/// What the numbers of a field may be besides finite ones.
enum class Beyond { nothing, infinity, anything };

/// A numeric dataset (float64) of a result.
struct Field {
  std::string path;
  std::string units;  ///< in the spelling of io::common_spelling; empty if they are elsewhere
  std::string long_name;
  Depth along;                            ///< it runs along all axes down to this depth
  std::vector<std::string> further = {};  ///< scales after the axes, by their paths
  Beyond beyond = Beyond::nothing;        ///< holds for its errors too

  /// @throws NumericalError if the field cannot have this number.
  void check(double number) const {
    if (!std::isfinite(number))
      check_not_finite(number);
  }

 private:
  void check_not_finite(double number) const;
};

/// A dimension scale that is not an axis. It has names, or numbers, or neither: then it counts from
/// zero.
struct Scale {
  std::string path;
  std::string long_name;
  std::vector<std::string> names;
  std::size_t length;
  std::vector<double> numbers = {};     ///< dimensionless
  std::vector<std::string> units = {};  ///< of the quantities that the names stand for

  /// The path of the units: /impacts/unit for /impacts/input.
  std::string units_path() const { return path.substr(0, path.rfind('/')) + "/unit"; }
};

using Numbers = std::vector<double>;

/// A dataset that is known before the run and belongs to a scale, such as the edges of its bins: a
/// coordinate of all fields in its group that run along the scale.
struct Coordinate {
  std::string path;
  std::string units;
  std::string long_name;
  std::vector<std::size_t> axes;  ///< positions of those it runs along, before the scale
  std::string scale;
  Numbers numbers;  ///< row-major; NaN where it has none
};

/// The fields of a kind of job, each with the way from a point's Outcome to its numbers.
template <class Outcome>
class FieldTable {
 public:
  /// What `get` gives, a member of the Outcome or a function of it, are the numbers of a point:
  /// one, or a range of them, or of ranges, row-major over the inner axes and further scales.
  /// An Eigen array with fewer numbers than the last scale ends in NaN. What has a value and an
  /// error makes two fields, PATH and PATH_error.
  /// @param error_name what the error is.
  template <class Get>
  void add(Field field, Get get, const std::string& error_name = "bound on the numerical error") {
    using Given = std::remove_cvref_t<std::invoke_result_t<Get, const Outcome&>>;
    const std::string name = field.path.substr(field.path.rfind('/') + 1);
    Field error = field;
    put(std::move(field), get, Piece::value);
    if constexpr (Element<Given>::has_error) {
      error.path += "_error";
      error.long_name = error_name + " of " + name;
      put(std::move(error), get, Piece::error);
    }
  }

  const std::vector<Field>& fields() const { return fields_; }

  /// Writes the numbers of field i. @param width length of its last scale; 1 without any.
  /// @returns the end of what is written. @throws NumericalError as Field::check.
  double* write(std::size_t i, const Outcome& outcome, std::size_t width, double* to) const {
    return get_[i](outcome, width, to);
  }

 private:
  enum class Piece { value, error };

  // What a range consists of in the end.
  template <class T, class = void>
  struct Element {
    static constexpr bool has_error = false;
  };
  template <class T>
  struct Element<T, std::void_t<decltype(std::declval<T>().error)>> {
    static constexpr bool has_error = true;
  };
  template <class T>
  struct Element<T, std::enable_if_t<!std::is_base_of_v<Eigen::ArrayXd, T>,
                                     std::void_t<typename T::value_type>>>
      : Element<typename T::value_type> {};

  template <class T>
  static double* write(const T& given, Piece piece, const Field& field, std::size_t width,
                       double* to) {
    if constexpr (std::is_arithmetic_v<T>) {
      field.check(static_cast<double>(given));
      *to++ = static_cast<double>(given);
    } else if constexpr (std::is_same_v<T, Eigen::ArrayXd>) {
      for (const double number : given)
        field.check(number);
      to = std::copy_n(given.data(), given.size(), to);
      to = std::fill_n(to, width - static_cast<std::size_t>(given.size()), nan);
    } else if constexpr (requires { given.error; }) {
      to = write(piece == Piece::value ? given.value : given.error, piece, field, width, to);
    } else {
      for (const auto& part : given)
        to = write(part, piece, field, width, to);
    }
    return to;
  }

  template <class Get>
  void put(Field field, Get get, Piece piece) {
    fields_.push_back(field);
    get_.push_back(
        [get, piece, of = std::move(field)](const Outcome& outcome, std::size_t width, double* to) {
          return write(std::invoke(get, outcome), piece, of, width, to);
        });
  }

  std::vector<Field> fields_;
  std::vector<std::function<double*(const Outcome&, std::size_t, double*)>> get_;
};

}  // namespace nuloop::sweep
