# Two or more builds of the program, for different processors or with other instructions: each verifies,
# resumes and extends the others' results of every kind. What one makes must be what another makes within
# the error bounds that both files carry. The last output is a table of how far apart they are.
#   exchange.py SOURCE-FOLDER NAME=COMMAND NAME=COMMAND...
# SPDX-License-Identifier: GPL-3.0-or-later
import itertools
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import h5py
import numpy as np

# A job of every kind, small enough for a processor that is emulated, and of several tasks.
JOBS = {
    "reach": ("fig7", "axes.exposure.points=12"),
    "logarithmic axes": ("fig7", 'axes.experiment=["tao-30m"]',
                         'axes.exposure={from="1 month",to="10 yr",points=12,spacing="log"}',
                         'axes."resolution.stochastic"={from=0.01,to=0.1,points=3,spacing="log"}'),
    "test statistics": ("toys-5sigma/times",),
    "systematics": ("influences/flux-shape",),
    "rates": ("fig6", "settings.window.bin_width=1.5 MeV"),
    "cross section": ("fig4", "axes.energy.points=101"),
    "impacts": ("impacts", 'axes.experiment=["cloud-surface", "tao-30m"]'),
    "measurement": ("measure-couplings/sin2-theta-w", "axes.exposure.points=5"),
    "charge radius": ("measure-charge-radius/intervals", "axes.exposure.points=3"),
    "toys": ("toys-5sigma/pulls", "settings.toys.count=5000"),
    "weighted toys": ("toys-5sigma/tails", "settings.toys.count=5000"),
    "toys, likelihoods": ("toys-5sigma/statistics", "settings.toys.count=5000",
                          "axes.exposure.points=3", 'axes.experiment=["tao-30m"]'),
}
# The same with more points, for those that can be extended.
LONGER = {
    "reach": "axes.exposure.points=23",
    "logarithmic axes": 'axes."resolution.stochastic".points=5',
    "toys": "settings.toys.count=10000",
    "weighted toys": "settings.toys.count=10000",
}
# Distances of two results that are not in units of what the error bounds allow.
SAME_BITS = -1.0
SAME_NUMBERS = 0.0  # error bounds or axes alone differ, as far as they may
DIFFERENT = np.inf


def in_words(distance):
    if distance == SAME_BITS:
        return "to the last bit"
    if distance == SAME_NUMBERS:
        return "numbers to the last bit"
    return f"{distance:.2g} of the bounds" if np.isfinite(distance) else "DIFFERENT"


class Findings:
    """What failed, and the largest distance of each kind between two builds, whatever was done."""

    def __init__(self):
        self.failures = 0
        self.table = {}

    def fail(self, text):
        self.failures += 1
        print(f"FAILED: {text}", flush=True)

    def add(self, kind, maker, other, done, distance):
        print(f"{kind}: {maker.name}'s {done} by {other.name}: {in_words(distance)}", flush=True)
        row = self.table.setdefault(kind, {})
        pair = frozenset((maker.name, other.name))
        row[pair] = max(distance, row.get(pair, SAME_BITS))

    def print(self, builds):
        pairs = list(itertools.combinations([build.name for build in builds], 2))
        print("\n| |", *(f"{a} and {b} |" for a, b in pairs))
        print("|---|" + "---|" * len(pairs))
        for kind, row in self.table.items():
            distances = [row.get(frozenset(pair), DIFFERENT) for pair in pairs]
            print(f"| {kind} |", *(f"{in_words(distance)} |" for distance in distances))


class Build:
    def __init__(self, words, source, findings):
        self.name, _, command = words.partition("=")
        self.command = [str(Path(word).absolute()) if Path(word).exists() else word
                        for word in shlex.split(command)]
        self.source = source
        self.findings = findings
        self.environment = dict(os.environ, OMP_NUM_THREADS="1", NULOOP_CONFIGS=str(source / "configs"))

    def job(self, kind, longer=False):
        name, *changes = JOBS[kind]
        changes += [LONGER[kind]] if longer else []
        return [self.source / "jobs" / f"{name}.toml",
                *(word for change in changes for word in ("--set", change))]

    def __call__(self, *words):
        return subprocess.run([*self.command, *map(str, words)], env=self.environment, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=1200, check=False)

    def good(self, what, *words):
        """Runs it; whether it ended with 0."""
        done = self(*words)
        if done.returncode != 0:
            self.findings.fail(f"{self.name}, {what}: status {done.returncode}\n  "
                               f"{shlex.join(map(str, words))}\n  {done.stdout.strip()}")
        return done.returncode == 0

    def distance(self, what, file, other):
        """Verifies a file beside another; how far they are apart."""
        done = self("verify", file, other)
        said = re.search(rf"^{re.escape(str(other))}: the same (.*)$", done.stdout, re.M)
        if done.returncode != 0 or not said:
            self.findings.fail(f"{self.name}, {what}: status {done.returncode}\n  {done.stdout.strip()}")
            return DIFFERENT
        if "within error bounds" not in said[1]:
            return SAME_BITS
        worst = re.search(r"(\S+) of what the error bounds allow", done.stdout)
        return float(worst[1]) if worst else SAME_NUMBERS


def interrupted(file, part):
    """What a run that was killed half-way leaves: every second task was not written."""
    shutil.copy(file, part)
    with h5py.File(part, "r+") as result:
        sums = result["integrity/checksum"][:]
        pending = np.arange(len(sums)) % 2 == 1
        result["integrity/checksum"][:] = np.where(pending, 0, sums)
    return np.count_nonzero(pending)


def stopped(build, job, file):
    """Starts a run, asks it to stop as soon as it works, and returns whether it did."""
    process = subprocess.Popen([*build.command, "run", *map(str, job), "-o", file],
                               env=build.environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 600
    while (process.poll() is None and time.monotonic() < deadline
           and not Path(f"{file}.progress.json").exists()):
        time.sleep(0.001)
    process.send_signal(signal.SIGUSR1)
    return process.wait(timeout=600) == 75 and Path(f"{file}.part").exists()


def take_over(kind, maker, other, own, longer):
    """All that one build does with a result of another: own and longer have the files of each."""
    findings = maker.findings

    def compare(done, file, wanted):
        what = f"{kind}: {maker.name}'s {done}"
        findings.add(kind, maker, other, done, other.distance(what, wanted, file))

    compare("verified", own[maker], own[other])
    resumed = Path(f"resumed-{other.name}-{own[maker]}")
    if interrupted(own[maker], f"{resumed}.part") == 0:
        findings.fail(f"{kind}: has one task, nothing to resume")
    if other.good(f"{kind}: {maker.name}'s resumed", "run", *other.job(kind), "-o", resumed, "--resume"):
        compare("resumed", resumed, own[other])
    if kind in LONGER:
        extended = Path(f"extended-{other.name}-{own[maker]}")
        if other.good(f"{kind}: {maker.name}'s extended", "run", *other.job(kind, longer=True), "-o",
                      extended, "--extend", own[maker]):
            compare("extended", extended, longer[other])


def exchange(kind, builds):
    """All that is done with results of one kind."""
    own = {build: Path(f"{kind}-{build.name}.h5".replace(" ", "-")) for build in builds}
    longer = {build: Path(f"long-{own[build]}") for build in builds}
    made = [build.good(f"{kind}: run", "run", *build.job(kind), "-o", own[build]) for build in builds]
    if kind in LONGER:
        made += [build.good(f"{kind}: run", "run", *build.job(kind, longer=True), "-o", longer[build])
                 for build in builds]
    if all(made):
        for maker, other in itertools.permutations(builds, 2):
            take_over(kind, maker, other, own, longer)


MANY = """
[job]
name = "many"
title = "Enough points to be stopped in the middle"
[axes]
"window.low" = ["1 MeV", "2 MeV"]
"lo.sin2_theta_w" = { from = 0.230, to = 0.240, points = 4001 }
exposure = { from = "1 month", to = "10 yr", points = 30, spacing = "log" }
[settings]
experiment = "tao-30m"
model = "nlo"
flux_uncertainty = 0.005
"""


def stop_and_go_on(builds):
    """A run of each that was asked to stop goes on as each other."""
    findings = builds[0].findings
    Path("many.toml").write_text(MANY)
    whole = Path("many.h5")
    if not builds[0].good("many points: run", "run", "many.toml", "-o", whole):
        return
    for maker in builds:
        file = Path(f"stopped-{maker.name}.h5")
        if not stopped(maker, ["many.toml"], file):
            findings.fail(f"{maker.name}: a run that is asked to stop does not")
            continue
        for other in builds:
            if other is maker:
                continue
            resumed = Path(f"{other.name}-{file}")
            shutil.copy(f"{file}.part", f"{resumed}.part")
            unfinished = other("verify", f"{resumed}.part")
            if unfinished.returncode != 75:
                findings.fail(f"{other.name}, {resumed}.part: not taken for an unfinished result\n  "
                              f"{unfinished.stdout.strip()}")
            if other.good(f"{file} resumed", "run", "many.toml", "-o", resumed, "--resume"):
                findings.add("stopped and continued", maker, other, "continued",
                             maker.distance(f"{file} continued by {other.name}", whole, resumed))


def main(source, *words):
    source, findings = Path(source).absolute(), Findings()
    builds = [Build(word, source, findings) for word in words]
    with tempfile.TemporaryDirectory(prefix="nuloop-exchange-") as folder:
        os.chdir(folder)
        for kind in JOBS:
            exchange(kind, builds)
        stop_and_go_on(builds)
        os.chdir("/")
    findings.print(builds)
    print(f"{findings.failures} failures" if findings.failures else "all as it should be")
    sys.exit(1 if findings.failures else 0)


if len(sys.argv) < 4:
    sys.exit("exchange.py SOURCE-FOLDER NAME=COMMAND NAME=COMMAND...")
main(*sys.argv[1:])
