// The verbs and their options: one table, from which follow what main calls, what the program
// accepts, all its help and the tables of README.md.
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nuloop::apps {

/// How an option is written.
enum class Form {
  word,    ///< by its place, without a name
  value,   ///< --name VALUE
  values,  ///< the same, any number of times
  flag     ///< --name
};

/// Whether an option has to be given.
enum class Need {
  optional,
  required,
  one_of,      ///< exactly one of the verb's options that are marked so
  at_most_one  ///< one of them, or none
};

struct OptionRow {
  std::string_view name;        ///< "resume", or "output,o" with its short form
  std::string_view value = {};  ///< stands for the value in help texts: "FILE.h5"; a flag has none
  std::string_view meaning = {};   ///< a phrase
  std::string_view fallback = {};  ///< what holds if it is left out; empty: nothing
  Form form = Form::value;
  Need need = Need::optional;
};

struct Verb {
  std::string_view name;
  int (*call)(const std::vector<std::string>& words);  ///< returns an exit status
  std::string_view meaning;                            ///< one sentence
  std::string_view example;                            ///< a command line that works in a clone
  std::vector<OptionRow> options;                      ///< words first, in their order
};

struct ExitStatus {
  int status;
  std::string_view meaning;  ///< a phrase
};

const std::vector<Verb>& verbs();
const std::vector<ExitStatus>& exit_statuses();

/// @throws UsageError, which suggests a verb, if there is none of this name.
const Verb& find_verb(std::string_view name);

/// "output" for "output,o".
std::string long_name(const OptionRow& option);

/// As an error names it: "--output", or "JOB.toml" for a word.
std::string spoken_name(const OptionRow& option);

}  // namespace nuloop::apps
