// The verbs of the command line; each takes the words after it and returns an exit status.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "verb_table.hpp"

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <boost/program_options.hpp>

namespace nuloop::apps {

using Words = std::vector<std::string>;

int run(const Words& words);
int report(const Words& words);
int export_result(const Words& words);
int plot(const Words& words);
int verify(const Words& words);
int plan(const Words& words);
int stop(const Words& words);
int xsec(const Words& words);
int rates(const Words& words);
int reach(const Words& words);
int list(const Words& words);
int show(const Words& words);
int init(const Words& words);

namespace status {
inline constexpr int done = 0;
inline constexpr int usage = 2;
inline constexpr int bad_input = 3;
inline constexpr int numerical_failure = 4;
inline constexpr int stopped = 75;  // early, and resumable
}  // namespace status

/// The command line cannot be understood. Exit status 2.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What an exception means to the user. Foreseen ones are, in a parallel run, the same on all
/// ranks.
struct Failure {
  int status;
  std::string message;
  bool foreseen;
};

/// Of the exception being handled.
Failure current_failure();

/// What was said on the command line after a verb.
class Options {
 public:
  /// @param verb in the table of verbs, which says what is accepted.
  explicit Options(std::string_view verb) : verb_(find_verb(verb)) {}

  /// @returns false if help was asked for, and given. @throws UsageError
  bool parse(const Words& words);

  std::string_view verb() const { return verb_.name; }
  /// The verb's option of this long name, or null.
  const OptionRow* find(std::string_view name) const;

  bool has(const char* name) const { return values_.count(name) > 0; }
  std::string text(const char* name) const { return values_[name].as<std::string>(); }
  std::string text_or(const char* name, const char* fallback) const {
    return has(name) ? text(name) : fallback;
  }
  std::vector<std::string> texts(const char* name) const;
  /// A finite number in [low, high]. @throws UsageError if it is none, InputError if out of range.
  double number(const char* name, double low, double high) const;
  /// The same for several, separated by commas.
  std::vector<double> numbers(const char* name, double low, double high) const;

 private:
  void check_needs() const;

  const Verb& verb_;
  boost::program_options::variables_map values_;
};

}  // namespace nuloop::apps
