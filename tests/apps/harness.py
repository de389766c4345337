# What the tests that drive the program from outside share: a temporary folder, running, checking.
# SPDX-License-Identifier: GPL-3.0-or-later
import hashlib
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

SKIPPED = 77

_failures = 0


def check(condition, message):
    """Counts and prints a failure; the test goes on, to show all of them."""
    global _failures
    if not condition:
        _failures += 1
        print(f"FAILED: {message}")
    return bool(condition)


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def sha256(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


class Outcome:
    """What one run of the program left: exit status, standard output, standard error."""

    def __init__(self, words, status, out, err):
        self.command = shlex.join(map(str, words))
        self.status = status
        self.out = out
        self.err = err

    def messages(self):
        """The program's own lines on standard error, without what mpirun has to say."""
        return [line for line in self.err.splitlines() if line.startswith("nuloop: ")]

    def rows(self):
        """Standard output as CSV: a list of dicts of text."""
        header, *lines = self.out.splitlines()
        return [dict(zip(header.split(","), line.split(","), strict=True)) for line in lines]


class Nuloop:
    def __init__(self, program, source):
        self.program = Path(program).absolute()
        self.source = Path(source).absolute()
        self.fig7 = self.source / "jobs" / "fig7.toml"

    def launcher(self, ranks, threads=1):
        """The words in front of the program that start so many ranks."""
        return [self.source / "jobs" / "launch.sh", str(ranks), str(threads)]

    def __call__(self, *words, ranks=None, threads=1, folder=".", configs=None, program=None,
                 stdout=subprocess.PIPE):
        """Runs the program; under mpirun if ranks are given."""
        command = [program or self.program, *words]
        if ranks is not None:
            command = [*self.launcher(ranks, threads), *command]
        environment = dict(os.environ, OMP_NUM_THREADS=str(threads))
        environment.pop("NULOOP_CONFIGS", None)
        if configs is not None:
            environment["NULOOP_CONFIGS"] = str(configs)
        done = subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                              stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=250)
        return Outcome(command, done.returncode, done.stdout or "", done.stderr)

    def good(self, *words, **how):
        """The same for what must succeed."""
        outcome = self(*words, **how)
        check(outcome.status == 0,
              f"{outcome.command}: exit status {outcome.status}\n{outcome.err}")
        return outcome

    def write_job(self, path, *changes):
        """jobs/fig7.toml with some of its text replaced; returns the line of the last change."""
        text = self.fig7.read_text()
        line = 0
        for old, new in changes:
            assert text.count(old) == 1, f"jobs/fig7.toml: {old!r} is not there exactly once"
            line = text[:text.index(old)].count("\n") + 1
            text = text.replace(old, new)
        Path(path).write_text(text)
        return line


def main(test):
    """Calls test(nuloop) in a temporary folder and ends the process as ctest wants it."""
    nuloop = Nuloop(*sys.argv[1:3])
    with tempfile.TemporaryDirectory(prefix="nuloop-") as folder:
        os.chdir(folder)
        test(nuloop)
        os.chdir("/")
    sys.exit(1 if _failures else 0)
