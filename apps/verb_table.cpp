// SPDX-License-Identifier: GPL-3.0-or-later
#include "verb_table.hpp"

#include "nuloop/io/reader.hpp"
#include "verbs.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace nuloop::apps {
namespace {

// Options of more than one verb.

constexpr OptionRow word(std::string_view name, std::string_view value, std::string_view meaning) {
  return {
      .name = name, .value = value, .meaning = meaning, .form = Form::word, .need = Need::required};
}

constexpr OptionRow change_job = {
    .name = "set",
    .value = "KEY=VALUE",
    .meaning = "change a key of the job, as in settings.flux=huber; repeatable",
    .form = Form::values};
constexpr OptionRow change_setting = {
    .name = "set",
    .value = "KEY=VALUE",
    .meaning = "any other setting, as in settings.flux=huber; repeatable",
    .form = Form::values};
constexpr OptionRow configs = {
    .name = "configs",
    .value = "FOLDER",
    .meaning = "configurations of your own, laid over those of configs/; `nuloop init` makes some",
    .fallback = "none"};
constexpr OptionRow experiment = {.name = "experiment",
                                  .value = "NAME",
                                  .meaning = "one of `nuloop list experiments`",
                                  .need = Need::required};
constexpr OptionRow model = {
    .name = "model",
    .value = "NAME",
    .meaning =
        "cross section, one of `nuloop list models`; a free-... model wants "
        "its parameters by --set settings.free.*",
    .need = Need::required};
constexpr OptionRow observable = {
    .name = "observable",
    .value = "NAME",
    .meaning =
        "what is measured: electron, the electron's kinetic energy T_e, or electromagnetic, T_e "
        "with the photons' energy",
    .fallback = "observable of configs/analysis.toml"};
constexpr OptionRow sin2_theta_w = {
    .name = "sin2-theta-w",
    .value = "S",
    .meaning = "sin^2(theta_W) of the tree level; nlo has couplings of its own",
    .fallback = "lo.sin2_theta_w of configs/analysis.toml"};
constexpr OptionRow bin_width = {.name = "bin-width",
                                 .value = "W",
                                 .meaning = "width of the bins, MeV",
                                 .fallback = "window.bin_width of configs/analysis.toml"};

constexpr OptionRow of_job(OptionRow option) {
  option.fallback = "those that the job names";
  return option;
}

constexpr OptionRow required(OptionRow option) {
  option.need = Need::required;
  option.fallback = {};
  return option;
}

constexpr OptionRow format(std::string_view names) {
  return {.name = "format", .value = names, .meaning = "how it is printed", .fallback = "table"};
}

constexpr OptionRow figure_page = {.name = "size",
                                   .value = "paper|talk",
                                   .meaning = "the page: of a journal, or 16:9",
                                   .fallback = "paper"};

// To add a verb: its function into verbs.hpp, and a row here.
std::vector<Verb> verbs_for_jobs() {
  return {{"run",
           run,
           "Computes a job, alone or under mpirun or srun.",
           "nuloop run jobs/fig7.toml -o huber.h5 --set settings.flux=huber",
           {word("job", "JOB.toml", "the job to compute"),
            {.name = "output,o",
             .value = "FILE.h5",
             .meaning = "the result",
             .fallback = "results/NAME.h5, with the job's name"},
            {.name = "resume",
             .meaning = "continue an interrupted run; start one if there is none",
             .form = Form::flag,
             .need = Need::at_most_one},
            {.name = "force",
             .meaning = "replace an earlier result",
             .form = Form::flag,
             .need = Need::at_most_one},
            {.name = "extend",
             .value = "EARLIER.h5",
             .meaning =
                 "take rates from an earlier result of this job with other points, or add to its "
                 "pseudo-experiments"},
            of_job(configs),
            change_job}},
          {"plan",
           plan,
           "Measures samples of a job and prints what all of it would cost.",
           "nuloop plan jobs/fig7.toml --threads 1",
           {word("job", "JOB.toml", "the job to plan"),
            {.name = "ranks",
             .value = "N",
             .meaning = "MPI ranks in the lines for a batch system",
             .fallback = "chosen by efficiency"},
            {.name = "threads",
             .value = "N",
             .meaning = "OpenMP threads of each rank",
             .fallback = "as many as OpenMP would use"},
            {.name = "costs",
             .value = "RECORD.run.json",
             .meaning = "take the times that a run has written beside its result",
             .fallback = "measured now"},
            format("table|json"),
            of_job(configs),
            change_job}},
          {"stop",
           stop,
           "Asks the run that is writing a result to end in good order, and waits until it has.",
           "nuloop stop results/fig7.h5",
           {word("file", "FILE.h5", "the result that a run is writing"),
            {.name = "no-wait",
             .meaning = "do not wait until the run has ended",
             .form = Form::flag}}}};
}

std::vector<Verb> verbs_for_results() {
  return {
      {"report",
       report,
       "Prints the table of a result: discovery times beside published ones, or what its kind of "
       "job has instead.",
       "nuloop report results/fig7.h5 --format csv",
       {word("file", "FILE.h5", "a result of `nuloop run`"),
        format("table|csv|json|summary"),
        {.name = "select",
         .value = "KEY=VALUE",
         .meaning =
             "only points where it has this value, as the table or a job has it: 0.005 or 0.5 %",
         .form = Form::values},
        {.name = "what",
         .value = "TABLE",
         .meaning = "another table, one of `nuloop list tables`"}}},
      {"export",
       export_result,
       "Writes a result into a folder: all numbers as CSV or as a HEPData submission, workspaces, "
       "or what makes it again.",
       "nuloop export results/fig7.h5 --format hepdata -o fig7-hepdata",
       {word("file", "FILE.h5", "a result of `nuloop run`"),
        {.name = "format",
         .value = "csv|hepdata|pyhf|configs",
         .meaning = "files of comma-separated values; submission.yaml with a YAML file for each "
                    "table; a HistFactory workspace in JSON for each point of a reach; or the job "
                    "and the configurations that it used",
         .need = Need::required},
        {.name = "output,o",
         .value = "FOLDER",
         .meaning = "where the files go: a folder that is new or empty",
         .need = Need::required}}},
      {"plot",
       plot,
       "Draws a result, or a folder of results, for a paper or a talk: PNG and PDF beside it.",
       "nuloop plot results/fig7.h5 --size talk",
       {word("file", "FILE.h5",
             "a result of `nuloop run`, or the folder of results of a folder of jobs"),
        figure_page,
        {.name = "only",
         .value = "KEY=VALUE",
         .meaning = "only this value of an axis, or several, separated by commas; repeatable",
         .form = Form::values},
        {.name = "html",
         .meaning = "one page to send instead of pictures: figures, table, job, checksums",
         .form = Form::flag},
        {.name = "open", .meaning = "show what is drawn", .form = Form::flag}}},
      {"verify",
       verify,
       "Checks whether a result is complete and intact, and the same as another one.",
       "nuloop verify results/fig7.h5",
       {word("file", "FILE.h5", "a result of `nuloop run`, finished or not"),
        {.name = "other",
         .value = "OTHER.h5",
         .meaning = "another one to compare with",
         .form = Form::word}}}};
}

std::vector<Verb> verbs_for_points() {
  return {
      {"xsec",
       xsec,
       "Prints cross sections at given energies as CSV.",
       "nuloop xsec --model nlo --observable electromagnetic --energy 3,4,5 --recoil 1",
       {model,
        required(observable),
        {.name = "energy",
         .value = "E[,E...]",
         .meaning = "neutrino energies, MeV, from 0.001 to 10000",
         .need = Need::required},
        {.name = "recoil",
         .value = "T[,T...]",
         .meaning = "values of the observable, MeV: dsigma/dT is printed",
         .need = Need::one_of},
        {.name = "total",
         .meaning = "integrate over the observable: sigma is printed",
         .form = Form::flag,
         .need = Need::one_of},
        {.name = "flavour",
         .value = "NAME",
         .meaning = "nuebar_e, nu_e, nuebar_mu, nu_mu, nuebar_tau or nu_tau",
         .fallback = "nuebar_e"},
        sin2_theta_w,
        {.name = "parts",
         .meaning = "also print the terms of the sum: Born, loops (in lo+cr the charge radius) and "
                    "photons",
         .form = Form::flag},
        configs,
        change_setting}},
      {"rates",
       rates,
       "Prints the expected counts per day of signal and background in each bin as CSV.",
       "nuloop rates --experiment cloud-300mwe --model nlo --bin-width 3",
       {experiment, model, observable, sin2_theta_w, bin_width, configs, change_setting}},
      {"reach",
       reach,
       "Prints the discovery time of one experiment in years as CSV.",
       "nuloop reach --experiment tao-30m --model nlo --flux-uncertainty 0.005",
       {experiment,
        model,
        {.name = "flux-uncertainty",
         .value = "F",
         .meaning = "relative uncertainty of the signal's normalisation, such as 0.005",
         .need = Need::required},
        {.name = "background-uncertainty",
         .value = "B",
         .meaning = "relative uncertainty of the background's normalisation",
         .fallback = "background_uncertainty of configs/analysis.toml"},
        observable,
        sin2_theta_w,
        bin_width,
        configs,
        change_setting}}};
}

std::vector<Verb> verbs_that_show() {
  return {
      {"list",
       list,
       "Lists what there is to choose from.",
       "nuloop list models",
       {{.name = "what",
         .value = "WHAT",
         .meaning = "experiments, models, fluxes, fuels, energies (per fission), backgrounds, "
                    "values (by name), keys, fields or tables (of results)",
         .fallback = "all of them",
         .form = Form::word},
        configs}},
      {"show",
       show,
       "Shows what is known of an experiment: set-up, response, events per day by what makes them.",
       "nuloop show tao-30m",
       {word("experiment", "EXPERIMENT", "one of `nuloop list experiments`, not a joint one"),
        {.name = "figure",
         .meaning = "draw it instead: EXPERIMENT-experiment.png and .pdf in the present folder",
         .form = Form::flag},
        figure_page,
        observable,
        configs,
        change_setting}},
      {"init",
       init,
       "Makes a folder with an experiment to start your own from: a research reactor and a plastic "
       "scintillator, and a job.",
       "nuloop init mine",
       {word("folder", "FOLDER", "the folder, which must not exist")}}};
}

}  // namespace

const std::vector<Verb>& verbs() {
  static const std::vector<Verb> table = [] {
    std::vector<Verb> all;
    for (const auto& part : {verbs_for_jobs, verbs_for_results, verbs_for_points, verbs_that_show})
      for (Verb& verb : part())
        all.push_back(std::move(verb));
    return all;
  }();
  return table;
}

const std::vector<ExitStatus>& exit_statuses() {
  static const std::vector<ExitStatus> table = {
      {status::done, "done"},
      {status::usage, "the command line is not understood"},
      {status::bad_input,
       "a job, a config or a file is wrong, or cannot be read or written, or MPI fails"},
      {status::numerical_failure, "a numerical failure"},
      {status::stopped, "not complete but sound: `nuloop run --resume` continues it"}};
  return table;
}

const Verb& find_verb(std::string_view name) {
  const auto found = std::find_if(verbs().begin(), verbs().end(),
                                  [&](const Verb& verb) { return verb.name == name; });
  if (found != verbs().end())
    return *found;
  std::vector<std::string> names;
  for (const Verb& verb : verbs())
    names.emplace_back(verb.name);
  if (name.empty())
    throw UsageError(
        fmt::format("a verb is missing; {}; see nuloop --help", io::suggestion("", names)));
  throw UsageError(fmt::format("unknown verb \"{}\"; {}", name, io::suggestion(name, names)));
}

std::string long_name(const OptionRow& option) {
  return std::string(option.name.substr(0, option.name.find(',')));
}

std::string spoken_name(const OptionRow& option) {
  return option.form == Form::word ? std::string(option.value) : "--" + long_name(option);
}

}  // namespace nuloop::apps
