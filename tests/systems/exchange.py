# Two or more builds of the program, for different processors or with other instructions: each verifies,
# resumes and extends the others' results of every kind. What one makes must be what another makes within
# the error bounds that both files carry.
#   exchange.py SOURCE-FOLDER NAME=COMMAND NAME=COMMAND...
# SPDX-License-Identifier: GPL-3.0-or-later
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
    "logarithmic reach": ("toys-5sigma/times",),
    "systematics": ("influences/flux-shape",),
    "rates": ("fig6", "settings.window.bin_width=1.5 MeV"),
    "cross-section": ("fig4", "axes.energy.points=101"),
    "impacts": ("impacts", 'axes.experiment=["cloud-surface", "tao-30m"]'),
    "measurement": ("measure-couplings/sin2-theta-w", "axes.exposure.points=5"),
    "charge radius": ("measure-charge-radius/intervals", "axes.exposure.points=3"),
    "toys": ("toys-5sigma/pulls", "settings.toys.count=5000"),
    "weighted toys": ("toys-5sigma/tails", "settings.toys.count=5000"),
    "likelihoods": ("toys-5sigma/statistics", "settings.toys.count=5000", "axes.exposure.points=3",
                    'axes.experiment=["tao-30m"]'),
}
# The same with more points, for those that can be extended.
LONGER = {
    "reach": "axes.exposure.points=23",
    "toys": "settings.toys.count=10000",
    "weighted toys": "settings.toys.count=10000",
}

failures = 0


class Build:
    def __init__(self, words, source):
        self.name, _, command = words.partition("=")
        self.command = [str(Path(word).absolute()) if Path(word).exists() else word
                        for word in shlex.split(command)]
        self.source = source

    def job(self, kind, longer=False):
        name, *changes = JOBS[kind]
        changes += [LONGER[kind]] if longer else []
        return [self.source / "jobs" / f"{name}.toml",
                *(word for change in changes for word in ("--set", change))]

    def __call__(self, *words):
        environment = dict(os.environ, OMP_NUM_THREADS="1")
        environment["NULOOP_CONFIGS"] = str(self.source / "configs")
        return subprocess.run([*self.command, *map(str, words)], env=environment, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=1200, check=False)

    def good(self, what, *words):
        """Runs it; whether it ended with 0."""
        global failures
        done = self(*words)
        if done.returncode != 0:
            failures += 1
            print(f"FAILED: {self.name}, {what}: status {done.returncode}\n  "
                  f"{shlex.join(map(str, words))}\n  {done.stdout.strip()}", flush=True)
        return done.returncode == 0

    def verdict(self, what, file, other):
        """Verifies a file beside another; says how far they are apart."""
        global failures
        done = self("verify", file, other)
        said = re.search(rf"^{re.escape(str(other))}: the same .*$", done.stdout, re.M)
        worst = re.search(r"(\S+) of what the error bounds allow", done.stdout)
        if done.returncode != 0 or not said:
            failures += 1
            print(f"FAILED: {self.name}, {what}: status {done.returncode}\n  {done.stdout.strip()}",
                  flush=True)
            return "different"
        text = said[0].partition(": ")[2]
        return text + (f", at most {worst[1]} of the bounds" if worst else "")


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
    environment = dict(os.environ, OMP_NUM_THREADS="1", NULOOP_CONFIGS=str(build.source / "configs"))
    process = subprocess.Popen([*build.command, "run", *map(str, job), "-o", file], env=environment,
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 600
    while (process.poll() is None and time.monotonic() < deadline
           and not Path(f"{file}.progress.json").exists()):
        time.sleep(0.001)
    process.send_signal(signal.SIGUSR1)
    return process.wait(timeout=600) == 75 and Path(f"{file}.part").exists()


def exchange(kind, builds):
    """All that is done with results of one kind."""
    global failures
    own = {build: Path(f"{kind}-{build.name}.h5".replace(" ", "-")) for build in builds}
    longer = {build: Path(f"long-{own[build]}") for build in builds}
    made = [build.good(f"{kind}: run", "run", *build.job(kind), "-o", own[build]) for build in builds]
    if kind in LONGER:
        made += [build.good(f"{kind}: run", "run", *build.job(kind, longer=True), "-o", longer[build])
                 for build in builds]
    if not all(made):
        return
    for maker in builds:
        for other in builds:
            if maker is other:
                continue
            pair = f"{kind}: {maker.name}'s"
            print(f"{pair} beside {other.name}'s, by {other.name}: "
                  f"{other.verdict(f'{pair} verified', own[other], own[maker])}", flush=True)
            resumed = Path(f"resumed-{other.name}-{own[maker]}")
            if interrupted(own[maker], f"{resumed}.part") == 0:
                failures += 1
                print(f"FAILED: {kind}: has one task, nothing to resume")
            if other.good(f"{pair} resumed", "run", *other.job(kind), "-o", resumed, "--resume"):
                other.verdict(f"{pair} resumed", own[other], resumed)
            if kind in LONGER:
                extended = Path(f"extended-{other.name}-{own[maker]}")
                if other.good(f"{pair} extended", "run", *other.job(kind, longer=True), "-o",
                              extended, "--extend", own[maker]):
                    print(f"{pair} extended by {other.name}: "
                          f"{other.verdict(f'{pair} extended', longer[other], extended)}", flush=True)


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
    global failures
    Path("many.toml").write_text(MANY)
    for maker in builds:
        file = Path(f"stopped-{maker.name}.h5")
        if not stopped(maker, ["many.toml"], file):
            failures += 1
            print(f"FAILED: {maker.name}: a run that is asked to stop does not")
            continue
        for other in builds:
            if other is maker:
                continue
            resumed = Path(f"{other.name}-{file}")
            shutil.copy(f"{file}.part", f"{resumed}.part")
            if (other("verify", f"{resumed}.part").returncode == 75
                    and other.good(f"{file} resumed", "run", "many.toml", "-o", resumed, "--resume")
                    and maker.good(f"{file} resumed by {other.name}", "verify", resumed)):
                print(f"many points, begun by {maker.name}, ended by {other.name}: complete", flush=True)
            else:
                failures += 1


def main(source, *words):
    source = Path(source).absolute()
    builds = [Build(word, source) for word in words]
    with tempfile.TemporaryDirectory(prefix="nuloop-exchange-") as folder:
        os.chdir(folder)
        for kind in JOBS:
            exchange(kind, builds)
        stop_and_go_on(builds)
        os.chdir("/")
    print(f"{failures} failures" if failures else "all as it should be")
    sys.exit(1 if failures else 0)


if len(sys.argv) < 4:
    sys.exit("exchange.py SOURCE-FOLDER NAME=COMMAND NAME=COMMAND...")
main(*sys.argv[1:])
