// A work without physics: products of the numbers on the axes.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "nuloop/foundation/bounded.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/sweep/study.hpp"

#include <any>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

namespace nuloop::test {

inline sweep::Column column_of(const std::string& key, std::vector<sweep::Value> values,
                               io::Dimension dimension = io::Dimension::number) {
  const bool names = !values.empty() && std::holds_alternative<std::string>(values.front());
  return {0, key, key, key, names ? std::nullopt : std::optional(dimension), std::move(values)};
}

/// An axis of the numbers 1, 2, ... to `extent`.
inline sweep::Axis counting_axis(const std::string& key, std::size_t extent,
                                 sweep::Depth depth = sweep::Depth::outer,
                                 bool divides_groups = false) {
  std::vector<sweep::Value> values;
  for (std::size_t i = 0; i < extent; ++i)
    values.emplace_back(static_cast<double>(i + 1));
  return {{column_of(key, std::move(values))}, depth, divides_groups};
}

/// The plan of so many groups of so many points.
inline sweep::Plan grouped_plan(std::size_t groups, std::size_t points) {
  return {
      {counting_axis("group", groups, sweep::Depth::outer, true), counting_axis("mass", points)},
      sweep::Grain{}};
}

struct TinyOptions {
  sweep::Grain grain = {};
  double factor = 1.0;                   ///< of all numbers
  double relative_error = 0x1p-30;       ///< of each
  std::vector<double> exponents = {};    ///< on the scale /powers/exponent; none without it
  std::optional<std::size_t> multiples;  ///< the axis along which /powers/multiple runs too
  std::optional<std::size_t> fails_at;   ///< the number of a point that cannot be computed
  double shared_s = 0.0;                 ///< as estimated, times the number that a group shares
  std::chrono::microseconds shared_takes{0};
};

/// What the workers of a work have done.
struct TinyLog {
  std::size_t prepared = 0;              ///< calls of Worker::prepare
  std::atomic<std::size_t> computed{0};  ///< calls of Worker::compute
};

/// The product of all numbers at a point of an axis, those of its companions included. Names count
/// as 1.
inline double number_at(const sweep::Axis& axis, std::size_t n) {
  double product = 1.0;
  axis.visit(n, [&](const sweep::Column&, const sweep::Value& value) {
    if (const auto* number = std::get_if<double>(&value))
      product *= *number;
  });
  return product;
}

/// The product of the numbers on the outer axes which divide groups, or on the other ones.
inline double outer_product(const sweep::Axes& axes, const Indices& at, bool divides_groups) {
  double product = 1.0;
  std::size_t outer = 0;
  for (const sweep::Axis& axis : axes)
    if (axis.depth == sweep::Depth::outer) {
      const double number = number_at(axis, at[outer++]);
      product *= axis.divides_groups == divides_groups ? number : 1.0;
    }
  return product;
}

/// `first` times the products of the numbers on the axes below the outer ones, row-major.
inline std::vector<double> inner_products(const sweep::Axes& axes, sweep::Depth along,
                                          double first) {
  std::vector<double> products{first};
  for (const sweep::Axis& axis : axes) {
    if (axis.depth == sweep::Depth::outer || axis.depth > along)
      continue;
    std::vector<double> longer;
    for (const double product : products)
      for (std::size_t n = 0; n < axis.size(); ++n)
        longer.push_back(product * number_at(axis, n));
    products = std::move(longer);
  }
  return products;
}

struct TinyOutcome {
  Bounded<double> outer;                ///< the product of the outer numbers
  std::vector<Bounded<double>> all;     ///< of all numbers
  std::vector<Bounded<double>> powers;  ///< the product down to inner axes to each exponent
};

/// Fields: /outer along the outer axes, /product along all, and with exponents /powers/power along
/// the outer and inner ones.
class TinyWork : public sweep::Work {
 public:
  TinyWork(sweep::Axes axes, TinyOptions options)
      : axes_(std::move(axes)), options_(std::move(options)) {
    table_.add({"/outer", "1", "outer numbers", sweep::Depth::outer}, &TinyOutcome::outer);
    table_.add({"/product", "1", "all numbers", sweep::Depth::innermost}, &TinyOutcome::all);
    if (options_.exponents.empty())
      return;
    const std::string scale = "/powers/exponent";
    table_.add({"/powers/power", "1", "powers", sweep::Depth::inner, {scale}},
               &TinyOutcome::powers);
    scales_.push_back({scale, "exponent", {}, options_.exponents.size(), options_.exponents});
    if (!options_.multiples)
      return;
    sweep::Numbers numbers;
    const sweep::Axis& axis = axes_.at(*options_.multiples);
    for (std::size_t n = 0; n < axis.size(); ++n)
      for (const double exponent : options_.exponents)
        numbers.push_back(number_at(axis, n) * exponent);
    coordinates_.push_back({"/powers/multiple", "1", "m", {*options_.multiples}, scale, numbers});
  }

  const std::vector<sweep::Field>& fields() const override { return table_.fields(); }
  sweep::Grain grain() const override { return options_.grain; }
  double point_s(std::size_t inner_points) const override {
    return options_.grain.outer_point_s +
           options_.grain.inner_point_s * static_cast<double>(inner_points);
  }
  double shared_s(const sweep::Point& point) const override {
    return options_.shared_s * outer_product(axes_, point.at, true);
  }
  std::size_t shared_pieces(const sweep::Point&) const override {
    return options_.shared_s > 0.0 ? 1 : 0;
  }
  std::shared_ptr<const sweep::Work> along(const sweep::Axes& axes) const override {
    auto work = std::make_shared<TinyWork>(axes, options_);
    work->log_ = log_;
    return work;
  }
  std::unique_ptr<sweep::Worker> worker(const sweep::Earlier*) const override;

  /// Of all workers, also those of the same work along other axes.
  const TinyLog& log() const { return *log_; }

 private:
  class Worker;

  sweep::Axes axes_;
  TinyOptions options_;
  sweep::FieldTable<TinyOutcome> table_;
  std::shared_ptr<TinyLog> log_ = std::make_shared<TinyLog>();
};

/// Remembers the product that the points of the last group share.
class TinyWork::Worker : public sweep::Worker {
 public:
  explicit Worker(const TinyWork& work) : work_(work) {}

  void prepare(const sweep::Point& point, const Team&) override {
    ++work_.log_->prepared;
    const double shared = outer_product(work_.axes_, point.at, true);
    if (shared_ == shared)
      return;
    std::this_thread::sleep_for(work_.options_.shared_takes);
    shared_ = shared;
    pieces_.add(1.0, 0.0);
  }

  void compute(const sweep::Point& point, sweep::Row& row, std::any&) const override {
    ++work_.log_->computed;
    if (point.number == work_.options_.fails_at)
      throw NumericalError("there is no product");
    const auto bounded = [&](double value) {
      return Bounded<double>{value, value * work_.options_.relative_error};
    };
    const double outer =
        work_.options_.factor * shared_.value() * outer_product(work_.axes_, point.at, false);
    TinyOutcome outcome{bounded(outer), {}, {}};
    for (const double product : inner_products(work_.axes_, sweep::Depth::innermost, outer))
      outcome.all.push_back(bounded(product));
    for (const double product : inner_products(work_.axes_, sweep::Depth::inner, outer))
      for (const double exponent : work_.options_.exponents)
        outcome.powers.push_back(bounded(std::pow(product, exponent)));
    sweep::put(work_.table_, outcome, row);
  }

  sweep::Pieces shared() const override { return pieces_; }

 private:
  const TinyWork& work_;
  std::optional<double> shared_;
  sweep::Pieces pieces_;
};

inline std::unique_ptr<sweep::Worker> TinyWork::worker(const sweep::Earlier*) const {
  return std::make_unique<Worker>(*this);
}

inline sweep::Study tiny_study(const sweep::Axes& axes, const TinyOptions& options = {}) {
  return {{"tiny", "Products", "product", "[job]\nname = \"tiny\"\n"},
          axes,
          std::make_shared<TinyWork>(axes, options)};
}

}  // namespace nuloop::test
