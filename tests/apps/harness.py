# What the tests that drive the program from outside share: a temporary folder, running, checking.
# SPDX-License-Identifier: GPL-3.0-or-later
import hashlib
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SKIPPED = 77
PATIENCE = 600  # seconds for what takes few, on a machine with much else to do

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


def seal(path):
    """Ends a result that a test has changed as nuloop ends one: no reader knows that it was changed."""
    with open(path, "ab") as file:
        file.write(b"\nnuloop-sha256 " + sha256(path).encode() + b"\n")


def wait_until(condition, what):
    """Waits for what stays true once it is; ends the test if it does not come."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"FAILED: {what}: not in {PATIENCE} s")
        time.sleep(0.02)


def process_state(pid):
    """As ps shows it: T is stopped, Z has ended; none if it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def has_signal(pid, number, which):
    """Whether /proc lists a signal of a process as `which`: ShdPnd waits for it, SigCgt is caught."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return False
    listed = next((int(line.split()[1], 16) for line in lines if line.startswith(f"{which}:")), 0)
    return bool(listed >> (number - 1) & 1)


def preloaded(source):
    """A shared library of tests/apps, for LD_PRELOAD, built in the test's folder."""
    library = Path(f"{Path(source).stem}.so").absolute()
    if not library.exists():
        done = subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, source],
                              capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"FAILED: cc {source}: {done.stderr}")
    return str(library)


class Hold:
    """A run into one result stops before a write, as SIGSTOP stops a process, until it is let go.

    Only writes of tasks count. `environment` is for the run; of a job of Slurm that is queued again,
    so many runs are held.
    """

    def __init__(self, nuloop, output, write=1, runs=1):
        name = Path(output).name
        self.lists = [Path(f"{name}.held{run}").absolute() for run in range(runs)]
        for path in self.lists:
            path.write_text("")
        self.environment = {
            "LD_PRELOAD": preloaded(nuloop.source / "tests" / "apps" / "failing_writes.c"),
            "FAIL_FILE": f"/{name}.part", "FAIL_AT": str(write), "FAIL_HOW": "hold",
            "FAIL_AFTER": str(Path(f"{output}.progress.json").absolute()),
            "FAIL_HOLD": str(Path(f"{name}.held").absolute())}

    def processes(self):
        """Those that are stopped now."""
        pids = [int(pid) for path in self.lists for pid in path.read_text().split()]
        return [pid for pid in pids if process_state(pid) == "T"]

    def end(self):
        """This run is held no more; what is stopped stays so."""
        self.lists.pop(0).unlink()

    def let_go(self):
        """It goes on."""
        held = self.processes()
        self.end()
        for pid in held:
            os.kill(pid, signal.SIGCONT)


def own_lines(err):
    """The program's lines on standard error. Open MPI 5 has a NUL behind its own texts, before a line."""
    return [line for line in err.replace("\0", "").splitlines() if line.startswith("nuloop: ")]


class Outcome:
    """What one run of the program left: exit status, standard output, standard error."""

    def __init__(self, words, status, out, err):
        self.command = shlex.join(map(str, words))
        self.status = status
        self.out = out
        self.err = err

    def messages(self):
        """The program's own lines on standard error, without what mpirun has to say."""
        return own_lines(self.err)

    def rows(self):
        """Standard output as CSV: a list of dicts of text."""
        header, *lines = self.out.splitlines()
        return [dict(zip(header.split(","), line.split(","), strict=True)) for line in lines]


class Nuloop:
    def __init__(self, program, source):
        self.program = Path(program).absolute()
        self.source = Path(source).absolute()
        self.fig7 = self.source / "jobs" / "fig7.toml"
        os.environ["NULOOP_PROGRAM"] = str(self.program)  # for scripts that are not started by `nuloop plot`

    def launcher(self, ranks, threads=1):
        """The words in front of the program that start so many ranks."""
        return [self.source / "jobs" / "launch.sh", str(ranks), str(threads)]

    def __call__(self, *words, ranks=None, threads=1, folder=".", configs=None, program=None,
                 stdout=subprocess.PIPE, environment=None):
        """Runs the program; under mpirun if ranks are given."""
        command = [program or self.program, *words]
        if ranks is not None:
            command = [*self.launcher(ranks, threads), *command]
        variables = dict(os.environ, OMP_NUM_THREADS=str(threads), **(environment or {}))
        variables.pop("NULOOP_CONFIGS", None)
        if configs is not None:
            variables["NULOOP_CONFIGS"] = str(configs)
        done = subprocess.run(command, cwd=folder, env=variables, stdin=subprocess.DEVNULL,
                              stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=PATIENCE)
        return Outcome(command, done.returncode, done.stdout or "", done.stderr)

    def good(self, *words, **how):
        """The same for what must succeed."""
        outcome = self(*words, **how)
        check(outcome.status == 0,
              f"{outcome.command}: exit status {outcome.status}\n{outcome.err}")
        return outcome

    def interrupted(self, number, write, *words, output):
        """The exit status of a run alone that gets a signal when it is at a write of its tasks."""
        hold = Hold(self, output, write)
        environment = dict(os.environ, OMP_NUM_THREADS="1", **hold.environment)
        process = subprocess.Popen([self.program, *words, "-o", output], env=environment,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        wait_until(lambda: hold.processes() or process.poll() is not None, f"write {write}")
        process.send_signal(number)
        hold.let_go()
        return process.wait(PATIENCE)

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
