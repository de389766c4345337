// SPDX-License-Identifier: GPL-3.0-or-later
#include "help.hpp"

#include "put.hpp"

#include <algorithm>
#include <iostream>
#include <iterator>
#include <sstream>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace nuloop::apps {
namespace {

constexpr std::size_t page_width = 80;

using Rows = std::vector<std::pair<std::string, std::string>>;

std::vector<std::string> words_of(std::string_view text) {
  std::istringstream stream{std::string(text)};
  return {std::istream_iterator<std::string>(stream), {}};
}

// Lines that end before page_width, all but the first one indented. No word is divided.
std::string wrapped(const std::vector<std::string>& words, std::size_t indentation) {
  std::string page;
  std::size_t column = indentation;
  for (const std::string& word : words) {
    if (!page.empty() && column + 1 + word.size() > page_width) {
      page += "\n" + std::string(indentation, ' ');
      column = indentation;
    } else if (!page.empty()) {
      page += " ";
      ++column;
    }
    page += word;
    column += word.size();
  }
  return page;
}

void print_rows(const Rows& rows) {
  std::size_t width = 0;
  for (const auto& [left, right] : rows)
    width = std::max(width, left.size());
  for (const auto& [left, right] : rows)
    put("  {:<{}}  {}\n", left, width, wrapped(words_of(right), width + 4));
}

// "-o, --output FILE.h5", as the list of options begins its lines.
std::string written_out(const OptionRow& option) {
  std::string text = spoken_name(option);
  if (const auto comma = option.name.find(','); comma != std::string_view::npos)
    text = fmt::format("-{}, {}", option.name.substr(comma + 1), text);
  if (option.form == Form::value || option.form == Form::values)
    text += fmt::format(" {}", option.value);
  return text;
}

// "-o FILE.h5", as the synopsis has it.
std::string shortest(const OptionRow& option) {
  if (option.form == Form::word)
    return std::string(option.value);
  const auto comma = option.name.find(',');
  std::string text = comma == std::string_view::npos
                         ? spoken_name(option)
                         : fmt::format("-{}", option.name.substr(comma + 1));
  return option.form == Form::flag ? text : fmt::format("{} {}", text, option.value);
}

// Square brackets around what may be left out.
std::string in_brackets(const OptionRow& option, const std::string& text) {
  return option.need == Need::required ? text : "[" + text + "]";
}

bool is_alternative(const OptionRow& option) {
  return option.need == Need::one_of || option.need == Need::at_most_one;
}

// All alternatives of a verb but one.
std::string others(const Verb& verb, const OptionRow& option) {
  std::vector<std::string> names;
  for (const OptionRow& other : verb.options)
    if (is_alternative(other) && other.name != option.name)
      names.push_back(spoken_name(other));
  return fmt::format("{}", fmt::join(names, " or "));
}

// The meaning of an option, and in brackets whether it must be given and what holds if it is not.
std::string explanation(const Verb& verb, const OptionRow& option) {
  std::string note;
  if (option.need == Need::required)
    note = "required";
  else if (option.need == Need::one_of)
    note = "this or " + others(verb, option);
  else if (option.need == Need::at_most_one)
    note = "not with " + others(verb, option);
  else if (!option.fallback.empty())
    note = fmt::format("default: {}", option.fallback);
  return note.empty() ? std::string(option.meaning) : fmt::format("{} ({})", option.meaning, note);
}

// What follows "usage: nuloop ", in pieces between which a line may end.
std::vector<std::string> synopsis_pieces(const Verb& verb) {
  std::vector<std::string> pieces = {std::string(verb.name)};
  std::vector<std::string> alternatives;
  for (const OptionRow& option : verb.options) {
    if (!is_alternative(option)) {
      const std::string again = option.form == Form::values ? " ..." : "";
      pieces.push_back(in_brackets(option, shortest(option) + again));
      continue;
    }
    alternatives.push_back(shortest(option));
    const auto last = std::find_if(verb.options.rbegin(), verb.options.rend(), is_alternative);
    if (last->name == option.name) {
      const std::string all = fmt::format("{}", fmt::join(alternatives, " | "));
      pieces.push_back(option.need == Need::one_of ? "(" + all + ")" : "[" + all + "]");
    }
  }
  return pieces;
}

}  // namespace

std::string synopsis(const Verb& verb) {
  return fmt::format("{}", fmt::join(synopsis_pieces(verb), " "));
}

void print_help() {
  Rows rows;
  for (const Verb& verb : verbs()) {
    std::string line(verb.name);
    for (const OptionRow& option : verb.options)
      if (option.form == Form::word)
        line += " " + in_brackets(option, shortest(option));
    rows.emplace_back(line, verb.meaning);
  }
  std::cout << "usage: nuloop VERB [OPTION...]\n\n"
               "How long must a reactor neutrino experiment run before it sees the quantum\n"
               "corrections to neutrino-electron scattering?\n\n";
  print_rows(rows);
  std::cout << "\n`nuloop VERB --help` explains a verb. `nuloop --version` prints the version.\n"
               "\nExit status:\n";
  rows.clear();
  for (const ExitStatus& exit : exit_statuses())
    rows.emplace_back(fmt::format("{}", exit.status), exit.meaning);
  print_rows(rows);
}

void print_help(const Verb& verb) {
  constexpr std::string_view start = "usage: nuloop ";
  put("{}{}\n\n{}\n\n", start, wrapped(synopsis_pieces(verb), start.size()),
      wrapped(words_of(verb.meaning), 0));
  Rows rows;
  for (const OptionRow& option : verb.options)
    rows.emplace_back(written_out(option), explanation(verb, option));
  rows.emplace_back("-h, --help", "this text");
  print_rows(rows);
  put("\nexample: {}\n", verb.example);
}

}  // namespace nuloop::apps
