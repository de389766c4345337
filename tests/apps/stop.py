# Every way to ask a run to stop ends it in good order, and what follows gives the bytes of a run that
# was left alone. What is no request is not taken for one, and not touched.
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import os
import signal
import subprocess
import time
from pathlib import Path

from harness import check, main, sha256

# Some seconds of work in a hundred tasks.
JOB = """
[job]
name = "long"
title = "To be stopped"
[axes]
experiment = ["tao-30m", "cloud-25mwe", "cloud-surface"]
"lo.sin2_theta_w" = { from = 0.230, to = 0.240, points = 101 }
"window.low" = { from = "1 MeV", to = "2 MeV", points = 41 }
flux_uncertainty = [0.005, 0.01]
exposure = { from = "1 yr", to = "10 yr", points = 10 }
[settings]
model = "nlo"
observable = "electron"
"window.bin_width" = "0.1 MeV"
"""
PATIENCE = 240  # seconds, for a machine with much else to do
RESULT, PART, REQUEST = Path("x.h5"), Path("x.h5.part"), Path("x.h5.stop")


def progress():
    try:
        return json.loads(Path("x.h5.progress.json").read_text())
    except FileNotFoundError:
        return {"process": None}


def wait_for(what, condition, run):
    """Until it holds while the run lasts; whether it did."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if not check(run.poll() is None and time.monotonic() < end,
                     f"{what} does not come; the run's status is {run.poll()}"):
            return False
        time.sleep(0.005)
    return True


class Run:
    """One that goes on with x.h5, from when it has begun with its tasks."""

    def __init__(self, nuloop, ranks=None):
        words = [nuloop.program, "run", "job.toml", "-o", RESULT, "--resume"]
        if ranks is not None:
            words = [*nuloop.launcher(ranks), *words]
        before = progress()["process"]
        self.log = open("log.txt", "w+")
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=self.log,
                                        stderr=self.log, env=dict(os.environ, OMP_NUM_THREADS="1"))
        wait_for("the first task", lambda: progress()["process"] not in (None, before), self.process)

    def said(self):
        return Path("log.txt").read_text()

    def ends(self, what, statuses=(75,)):
        status = self.process.wait(PATIENCE)
        check(status in statuses, f"{what}: exit status {status}\n{self.said()}")
        check(not RESULT.exists() and PART.exists(), f"{what}: {sorted(os.listdir())}")
        if status == 75:
            check("stopped on request" in self.said(), f"{what}: {self.said()}")
            check(progress()["state"] == "stopped", f"{what}: {progress()}")
        self.log.close()
        return status


def by_request(nuloop, ranks):
    what = f"nuloop stop, {ranks} ranks"
    run = Run(nuloop, ranks)
    stop = nuloop.good("stop", RESULT)
    # The run has ended, but for its last lines.
    done = f"{progress()['tasks_done']} of {progress()['tasks']} tasks"
    check("x.h5.part: stopped" in stop.err and done in stop.err, f"{what}: {stop.err}")
    run.ends(what)
    check(not REQUEST.exists(), f"{what}: the request is left")


def without_waiting(nuloop):
    run = Run(nuloop)
    stop = nuloop.good("stop", RESULT, "--no-wait")
    check(len(stop.messages()) == 1, f"--no-wait: {stop.err}")
    run.ends("--no-wait")
    check(not REQUEST.exists(), "--no-wait: the request is left")


def left_over(nuloop):
    """A request that nobody took does not stop the next run."""
    REQUEST.touch()
    run = Run(nuloop, 2)
    check(not REQUEST.exists(), "a request of an earlier run is left")
    first = progress()["tasks_done"]
    wait_for("a task in spite of it", lambda: progress()["tasks_done"] > first, run.process)
    run.process.send_signal(signal.SIGUSR1)
    run.ends("SIGUSR1 to the launcher")


def of_others(nuloop):
    """What is called so and is none stays, is named, and stops nothing."""
    Path("target").write_text("")
    kinds = {"folder": REQUEST.mkdir, "link": lambda: REQUEST.symlink_to("target"),
             "text": lambda: REQUEST.write_text("a list of stops\n")}
    for kind, make in kinds.items():
        make()
        run = Run(nuloop)
        wait_for("a warning", lambda: "x.h5.stop" in run.said(), run.process)
        stop = nuloop("stop", RESULT)
        check(stop.status == 3 and "x.h5.stop" in stop.err, f"{kind}: {stop.status} {stop.err}")
        first = progress()["tasks_done"]
        wait_for(f"a task beside a {kind}", lambda: progress()["tasks_done"] > first, run.process)
        run.process.send_signal(signal.SIGINT)
        run.ends(f"SIGINT beside a {kind}")
        if kind == "folder":
            check(REQUEST.is_dir(), "the folder is gone")
            REQUEST.rmdir()
        else:
            check(REQUEST.is_symlink() == (kind == "link") and REQUEST.exists(), f"{kind}: is gone")
            REQUEST.unlink()
    check(Path("target").exists(), "the link's target is gone")


def catches(pid, number):
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except FileNotFoundError:
        return False
    caught = next((int(line.split()[1], 16) for line in lines if line.startswith("SigCgt:")), 0)
    return caught >> (number - 1) & 1


def twice(nuloop):
    """The second Ctrl-C is not caught: it ends the run at once, unless the first already has."""
    run = Run(nuloop)
    pid = run.process.pid
    check(catches(pid, signal.SIGINT) or run.process.poll() is not None, "SIGINT is not caught")
    run.process.send_signal(signal.SIGINT)
    end = time.monotonic() + PATIENCE
    while catches(pid, signal.SIGINT) and time.monotonic() < end:
        time.sleep(0.001)
    run.process.send_signal(signal.SIGINT)
    run.ends("SIGINT twice", (-signal.SIGINT, 75))
    check(not catches(pid, signal.SIGINT), "SIGINT twice: both are caught")


def ignored(nuloop):
    """Behind a script's & SIGINT is meant for others."""
    words = ["sh", "-c", 'trap "" INT; exec "$@"', "sh", nuloop.program, "run", "job.toml", "-o", RESULT,
             "--resume"]
    before = progress()["process"]
    with open("log.txt", "w") as log:
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    if wait_for("the first task", lambda: progress()["process"] not in (None, before), process):
        process.send_signal(signal.SIGINT)
        first = progress()["tasks_done"]
        wait_for("a task after it", lambda: progress()["tasks_done"] > first, process)
        process.send_signal(signal.SIGTERM)
        check(process.wait(PATIENCE) == 75, f"SIGTERM: {Path('log.txt').read_text()}")


def nothing_to_stop(nuloop):
    for path in ("x.h5", "whole.h5", "none.h5", "nowhere/none.h5"):
        before = sorted(os.listdir())
        stop = nuloop("stop", path)
        check(stop.status == 3 and "no run is writing it" in stop.err and path in stop.err,
              f"{stop.command}: {stop.status} {stop.err}")
        check(sorted(os.listdir()) == before, f"{stop.command}: {sorted(os.listdir())}")
    stop = nuloop("stop")
    check(stop.status == 2, f"{stop.command}: {stop.status}")


def test(nuloop):
    Path("job.toml").write_text(JOB)
    nuloop.good("run", "job.toml", "-o", "whole.h5", ranks=2)
    by_request(nuloop, 2)
    nothing_to_stop(nuloop)  # with x.h5.part there
    by_request(nuloop, None)
    without_waiting(nuloop)
    left_over(nuloop)
    of_others(nuloop)
    twice(nuloop)
    ignored(nuloop)
    nuloop.good("run", "job.toml", "-o", RESULT, "--resume", ranks=2)
    check(sha256(RESULT) == sha256("whole.h5"), "stopped and continued: other bytes")
    left = sorted(path.name for path in Path().glob("x.h5*"))
    check(left == ["x.h5", "x.h5.run.json"], f"left beside the result: {left}")


main(test)
