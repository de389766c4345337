// SPDX-License-Identifier: GPL-3.0-or-later
#include "help.hpp"
#include "nuloop/foundation/errors.hpp"
#include "nuloop/io/reader.hpp"
#include "verbs.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

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

po::options_description accepted(const Verb& verb) {
  po::options_description description;
  description.add_options()("help,h", "");
  for (const OptionRow& option : verb.options) {
    const std::string name(option.name);
    if (option.form == Form::flag)
      description.add_options()(name.c_str(), "");
    else if (option.form == Form::values)
      description.add_options()(name.c_str(), po::value<std::vector<std::string>>(), "");
    else
      description.add_options()(name.c_str(), po::value<std::string>(), "");
  }
  return description;
}

po::positional_options_description places(const Verb& verb) {
  po::positional_options_description description;
  for (const OptionRow& option : verb.options)
    if (option.form == Form::word)
      description.add(std::string(option.name).c_str(), 1);
  return description;
}

// An abbreviation is not guessed, but its meaning is.
std::string nearest_option(const Verb& verb, const std::string& wrong) {
  std::vector<std::string> names = {"--help"};
  for (const OptionRow& option : verb.options)
    if (option.form != Form::word)
      names.push_back(spoken_name(option));
  for (const std::string& name : names)
    if (name.rfind(wrong, 0) == 0)
      return fmt::format("did you mean \"{}\"?", name);
  return io::suggestion(wrong, names);
}

}  // namespace

bool Options::parse(const Words& words) {
  using namespace po::command_line_style;
  try {
    po::store(po::command_line_parser(words)
                  .options(accepted(verb_))
                  .positional(places(verb_))
                  .style(unix_style & ~allow_guessing)
                  .run(),
              values_);
  } catch (const po::unknown_option& error) {
    const std::string wrong = error.get_option_name();
    throw UsageError(fmt::format("unknown option {}; {}", wrong, nearest_option(verb_, wrong)));
  } catch (const po::too_many_positional_options_error&) {
    throw UsageError(
        fmt::format("there are too many words: a value with spaces wants quotes; usage: nuloop {}",
                    synopsis(verb_)));
  } catch (const po::error& error) {
    throw UsageError(fmt::format("{}; usage: nuloop {}", error.what(), synopsis(verb_)));
  }
  if (has("help")) {
    print_help(verb_);
    return false;
  }
  check_needs();
  return true;
}

void Options::check_needs() const {
  const auto refuse = [&](const std::string& problem) {
    throw UsageError(fmt::format("{}; usage: nuloop {}", problem, synopsis(verb_)));
  };
  std::vector<std::string> alternatives;
  std::vector<std::string> given;
  bool one_wanted = false;
  for (const OptionRow& option : verb_.options) {
    const bool present = has(long_name(option).c_str());
    if (option.need == Need::required && !present)
      refuse(spoken_name(option) + " is missing");
    if (option.need != Need::one_of && option.need != Need::at_most_one)
      continue;
    one_wanted = one_wanted || option.need == Need::one_of;
    alternatives.push_back(spoken_name(option));
    if (present)
      given.push_back(spoken_name(option));
  }
  if (one_wanted && given.empty())
    refuse(fmt::format("{} is missing", fmt::join(alternatives, " or ")));
  if (given.size() > 1)
    refuse(fmt::format("{} exclude each other", fmt::join(given, " and ")));
}

const OptionRow* Options::find(std::string_view name) const {
  const auto found =
      std::find_if(verb_.options.begin(), verb_.options.end(),
                   [&](const OptionRow& option) { return long_name(option) == name; });
  return found != verb_.options.end() ? &*found : nullptr;
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
