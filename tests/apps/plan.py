# nuloop plan: what it counts is what a run does, and its last lines are a batch script's.
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import os
import re
import shutil
import tomllib
from pathlib import Path

from harness import check, main

UNITS = {"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12}
BATCH = {"job-name": r"\S+", "ntasks": r"[1-9]\d*", "cpus-per-task": r"[1-9]\d*",
         "time": r"\d+:[0-5]\d:[0-5]\d", "mem-per-cpu": r"[1-9]\d*M"}
# Jobs that run within a second or two, of all kinds.
SMALL = {
    "fig4": ("--set", "axes.energy.points=50"),
    "fig6": (),
    "fig7": (),
    "lo-reference": (),
    "influences/bin-width": (),
    "toys-5sigma/pulls": ("--set", 'settings."toys.count"=20000'),
}


class Plan:
    """What the verb printed."""

    def __init__(self, nuloop, *words, **how):
        # Its scratch file goes where nothing else is.
        os.environ["TMPDIR"] = str(Path("scratch").absolute())
        Path("scratch").mkdir(exist_ok=True)
        self.outcome = nuloop.good("plan", *words, **how)
        check(not list(Path("scratch").iterdir()), f"{self.outcome.command}: leaves its scratch file")
        shutil.rmtree("scratch")
        del os.environ["TMPDIR"]
        self.text = self.outcome.out

    def find(self, pattern):
        found = re.search(pattern, self.text, re.M)
        check(found, f"{self.outcome.command}: no {pattern!r} in\n{self.text}")
        return found.groups() if found else None

    def number(self, name):
        return int((self.find(rf"^{name} +(\d+)") or ["-1"])[0])

    def bytes(self):
        number, unit = self.find(r"^result file +(\S+) ([kMGT]?B)$") or ("nan", "B")
        return float(number) * UNITS[unit]

    def scaling(self):
        """Ranks, cores, seconds, efficiency, line by line."""
        return [[float(cell) for cell in line] for line in re.findall(
            r"^ +(\d+) +(\d+) +(\S+) +(\d\.\d\d)(?: .*)?$", self.text, re.M)]

    def batch(self):
        lines = dict(re.findall(r"^#SBATCH --([a-z-]+)=(.+)$", self.text, re.M))
        check(list(lines) == list(BATCH), f"{self.outcome.command}: batch lines {lines}")
        for key, pattern in BATCH.items():
            check(re.fullmatch(pattern, lines.get(key, "")), f"--{key}={lines.get(key)}")
        return lines


def lengths(job):
    axes = {}

    def flatten(table, prefix=""):
        for key, value in table.items():
            if isinstance(value, list):
                axes[prefix + key] = len(value)
            elif "points" in value:
                axes[prefix + key] = value["points"]
            else:
                flatten(value, prefix + key + ".")
    flatten(tomllib.loads(job)["axes"])
    return axes


def every_job(nuloop):
    """Counts by hand: scenarios and rates from the axes alone."""
    statistical = {"exposure", "flux_uncertainty", "background_uncertainty",
                   "theory.hadronic_3_gamma_uncertainty", "theory.hadronic_gamma_gamma_uncertainty",
                   "flux_correlation", "flux_shape.uncorrelated_scale", "flux_shape.isotope_scale",
                   "flux_shape.common_scale", "flux_shape.covariance_scale", "flux_shape.free_scale",
                   "signal_uncertainties.scale", "response_uncertainties.scale",
                   "further_backgrounds.uncertainty_scale", "beta_decay_leak.uncertainty_scale",
                   "isotope_yields.scale", "energy_scale_uncertainty",
                   "resolution_uncertainty", "reactor_off.share", "lo.sin2_theta_w_uncertainty"}
    for path in sorted((nuloop.source / "jobs").rglob("*.toml")):
        plan = Plan(nuloop, path, "--threads", "1")
        # Only in a reach do all values of these share what a point costs.
        reach = tomllib.loads(path.read_text())["job"].get("kind", "reach") == "reach"
        inner = statistical if reach else set()
        axes = lengths(path.read_text())
        outer = inner_points = 1
        for key, length in axes.items():
            if key in inner:
                inner_points *= length
            else:
                outer *= length
        check(plan.number("scenarios") == outer * inner_points
              and plan.find(r": (\d+) sets of rates, (\d+) inner") == (str(outer), str(inner_points)),
              f"{path.name}: not {outer} sets of rates, {inner_points} inner points each")
        for key, length in axes.items():
            check(re.search(rf"^  {re.escape(key)} +{length} values{', inner' * (key in inner)}$",
                            plan.text, re.M), f"{path.name}: no {key} with {length} values")
        check(1 <= plan.number("tasks") <= outer, f"{path.name}: {plan.number('tasks')} tasks")
        batch = plan.batch()
        check(batch["job-name"] == tomllib.loads(path.read_text())["job"]["name"],
              f"{path.name}: --job-name={batch['job-name']}")
        scaling = plan.scaling()
        check(scaling and scaling[0][0] == 1 and scaling[0][3] == 1.0, f"{path.name}: {scaling}")
        check(all(wall > 0 and 0 <= efficiency <= 1.0 for _, _, wall, efficiency in scaling),
              f"{path.name}: {scaling}")


def as_run(nuloop):
    """Tasks and bytes are those of the run."""
    for name, words in SMALL.items():
        for lean in ((), ("--set", "job.store_rates=false")):
            job = nuloop.source / "jobs" / f"{name}.toml"
            if lean and name in ("fig4", "fig6", "toys-5sigma/pulls"):
                continue
            result = Path(f"{Path(name).name}.h5")
            nuloop.good("run", job, "-o", result, "--force", *words, *lean)
            plan = Plan(nuloop, job, *words, *lean)
            record = json.loads(Path(f"{result}.run.json").read_text())
            check(plan.number("tasks") == record["tasks"],
                  f"{name}: plans {plan.number('tasks')} tasks, runs {record['tasks']}")
            size = result.stat().st_size
            # Three digits are printed; what describes a dataset is known to some bytes each.
            check(abs(plan.bytes() - size) < 0.005 * size + 6e3,
                  f"{name} {lean}: plans {plan.bytes():.0f} bytes, writes {size}")
    sets = Plan(nuloop, nuloop.source / "jobs" / "influences" / "bin-width.toml")
    check(sets.number("sets of integrals") == 8, "bin-width: a set of integrals for each width")
    check(Plan(nuloop, nuloop.fig7).number("sets of integrals") == 1, "fig7: sets of integrals")
    check(Plan(nuloop, nuloop.source / "jobs" / "fig4.toml").number("sets of integrals") == 0,
          "fig4: sets of integrals")


def asked_for(nuloop):
    fig7 = nuloop.fig7
    job = ("--set", "axes.lo.sin2_theta_w={from=0.23, to=0.24, points=200}", "--set", "settings={}")
    for words, ranks, threads in ((("--ranks", "3", "--threads", "2"), "3", "2"),
                                  (("--ranks", "1"), "1", "1"), (("--ranks", "12"), "12", "1")):
        plan = Plan(nuloop, fig7, *job, *words, threads=1)
        batch = plan.batch()
        check((batch["ntasks"], batch["cpus-per-task"]) == (ranks, threads),
              f"{words}: {batch['ntasks']} ranks of {batch['cpus-per-task']} threads")
        check(all(cores == line_ranks * int(threads) for line_ranks, cores, *_ in plan.scaling()),
              f"{words}: {plan.scaling()}")
        check(float(ranks) in [line[0] for line in plan.scaling()], f"{words}: no line for them")
        check(f"measured here with {threads} threads" in plan.text, f"{words}: threads")
    check(Plan(nuloop, fig7, threads=3).batch()["cpus-per-task"] == "3", "OMP_NUM_THREADS is ignored")
    check(Plan(nuloop, fig7, "--set", "job.name=other").batch()["job-name"] == "other", "--set")


def zipped(nuloop):
    axis = '"detector.baseline, background"'
    plan = Plan(nuloop, nuloop.fig7, "--set", f'axes.{axis}=[["30 m", "none"], ["44 m", "tao-10mwe"]]')
    check(plan.find(r"^  detector.baseline, background +(\d+) values$") == ("2",), "a zipped axis")
    check(plan.number("scenarios") == 5 * 2 * 2 * 120 * 2, "scenarios of a zipped axis")


def errors(nuloop):
    for status, words in ((2, ()), (3, (nuloop.fig7, "--ranks", "0")), (2, (nuloop.fig7, "--ranks", "1.5")),
                          (2, (nuloop.fig7, "--threads", "many")), (3, (nuloop.fig7, "--ranks", "1e9")),
                          (2, (nuloop.fig7, nuloop.fig7)), (2, (nuloop.fig7, "--rank")),
                          (3, ("nothing.toml",)), (3, (nuloop.source,)),
                          (3, (nuloop.fig7, "--set", "settings.flx=huber"))):
        outcome = nuloop("plan", *words)
        check(outcome.status == status and len(outcome.messages()) == 1,
              f"{outcome.command}: status {outcome.status}, wants {status}\n{outcome.err}")
    check("--ranks" in nuloop.good("plan", "--help").out, "plan --help")
    os.environ["TMPDIR"] = "/nonexistent"
    check(nuloop("plan", nuloop.fig7).status == 3, "no folder for temporary files")
    del os.environ["TMPDIR"]


def test(nuloop):
    every_job(nuloop)
    as_run(nuloop)
    asked_for(nuloop)
    zipped(nuloop)
    errors(nuloop)


main(test)
