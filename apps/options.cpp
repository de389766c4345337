// SPDX-License-Identifier: GPL-3.0-or-later
#include "nuloop/foundation/errors.hpp"
#include "verbs.hpp"

#include <charconv>
#include <cmath>
#include <iostream>
#include <sstream>

#include <fmt/format.h>

namespace nuloop::apps {
namespace {

namespace po = boost::program_options;

double parse_number(const std::string& text, const char* name, double low, double high) {
  double value = 0.0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status == std::errc::invalid_argument || end != text.data() + text.size())
    throw UsageError(fmt::format("--{}: \"{}\" is not a number", name, text));
  if (status == std::errc::result_out_of_range)
    throw InputError(fmt::format("--{}: {} is out of range", name, text));
  if (!(value >= low && value <= high))  // NaN is in no range
    throw InputError(fmt::format("--{}: {} is out of range: it must be {}", name, text,
                                 std::isinf(high) ? fmt::format("at least {}", low)
                                                  : fmt::format("in [{}, {}]", low, high)));
  if (!std::isfinite(value))
    throw InputError(fmt::format("--{}: {} is not finite", name, text));
  return value;
}

}  // namespace

void Options::flag(const char* name, const char* meaning) {
  description_.add_options()(name, meaning);
}

void Options::add(const char* name, const char* meaning, bool required) {
  description_.add_options()(name, po::value<std::string>(), meaning);
  if (required)
    required_.emplace_back(name);
}

void Options::optional(const char* name, const char* meaning) {
  add(name, meaning, false);
}
void Options::required(const char* name, const char* meaning) {
  add(name, meaning, true);
}

void Options::repeatable(const char* name, const char* meaning) {
  description_.add_options()(name, po::value<std::vector<std::string>>(), meaning);
}

void Options::positional(const char* name, const char* meaning, bool required) {
  add(name, meaning, required);
  positions_.add(name, 1);
}

bool Options::parse(const Words& words) {
  description_.add_options()("help,h", "this text");
  using namespace po::command_line_style;
  try {
    po::store(po::command_line_parser(words)
                  .options(description_)
                  .positional(positions_)
                  .style(unix_style & ~allow_guessing)
                  .run(),
              values_);
  } catch (const po::error& error) {
    throw UsageError(fmt::format("{}; usage: nuloop {}", error.what(), synopsis_));
  }
  if (has("help")) {
    std::cout << "usage: nuloop " << synopsis_ << "\n\n" << description_;
    return false;
  }
  for (const std::string& name : required_)
    if (!has(name.c_str()))
      throw UsageError(fmt::format("{} is missing; usage: nuloop {}", name, synopsis_));
  return true;
}

std::vector<std::string> Options::texts(const char* name) const {
  return has(name) ? values_[name].as<std::vector<std::string>>() : std::vector<std::string>();
}

double Options::number(const char* name, double low, double high) const {
  return parse_number(text(name), name, low, high);
}

std::vector<double> Options::numbers(const char* name, double low, double high) const {
  std::vector<double> values;
  std::istringstream stream(text(name));
  for (std::string item; std::getline(stream, item, ',');)
    values.push_back(parse_number(item, name, low, high));
  if (values.empty() || text(name).back() == ',')
    throw UsageError(fmt::format("--{}: wants numbers separated by commas", name));
  return values;
}

}  // namespace nuloop::apps
