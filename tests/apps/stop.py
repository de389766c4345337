# Every way to ask a run to stop ends it in good order, and what follows gives the bytes of a run that
# was left alone. What is no request is not taken for one, and not touched.
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import os
import signal
import subprocess
import time
from pathlib import Path

from harness import PATIENCE, Hold, check, has_signal, main, sha256, wait_until

# Seconds of work in 181 tasks: runs go on with one result in turn, and each looks for requests four times a second.
# It is held in the midst of its work while it is asked to stop.
JOB = """
[job]
name = "long"
title = "To be stopped"
[axes]
experiment = ["tao-30m", "cloud-25mwe", "cloud-surface"]
"lo.sin2_theta_w" = { from = 0.230, to = 0.240, points = 21 }
"window.low" = { from = "1 MeV", to = "2 MeV", points = 181 }
flux_uncertainty = [0.005, 0.01]
exposure = { from = "1 yr", to = "10 yr", points = 10 }
[settings]
model = "nlo"
flux = "summation"
observable = "electron"
"window.bin_width" = "0.1 MeV"
"""
TASKS = 181
RESULT, PART, REQUEST = Path("x.h5"), Path("x.h5.part"), Path("x.h5.stop")
PROGRESS = Path("x.h5.progress.json")


def progress():
    return json.loads(PROGRESS.read_text())


class Run:
    """One that goes on with x.h5 and is held in its third task."""

    def __init__(self, nuloop, ranks=None, before=()):
        PROGRESS.unlink(missing_ok=True)
        self.hold = Hold(nuloop, RESULT, write=5 * nuloop.writes // (2 * TASKS))
        words = [*before, nuloop.program, "run", "job.toml", "-o", RESULT, "--resume"]
        if ranks is not None:
            words = [*nuloop.launcher(ranks), *words]
        with open("log.txt", "w") as log:
            self.process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=dict(os.environ, OMP_NUM_THREADS="1", **self.hold.environment))
        wait_until(lambda: self.hold.processes() or self.process.poll() is not None, "its third task")
        check(self.process.poll() is None, f"ended before it was asked: {self.said()}")

    def said(self):
        return Path("log.txt").read_text()

    def ends(self, what, statuses=(75,)):
        """After it was asked to stop."""
        self.hold.let_go()
        status = self.process.wait(PATIENCE)
        check(status in statuses, f"{what}: exit status {status}\n{self.said()}")
        check(not RESULT.exists() and PART.exists(), f"{what}: {sorted(os.listdir())}")
        if status >= 0:
            check("stopped on request" in self.said(), f"{what}: {self.said()}")
            check(progress()["state"] == "stopped" and progress()["tasks_done"] < TASKS,
                  f"{what}: {progress()}")


def by_request(nuloop, ranks):
    what = f"nuloop stop, {ranks} ranks"
    run = Run(nuloop, ranks)
    stop = subprocess.Popen([nuloop.program, "stop", RESULT], stderr=subprocess.PIPE, text=True)
    wait_until(REQUEST.exists, "the request")
    check(stop.poll() is None, f"{what}: does not wait")
    run.ends(what)
    said = stop.communicate(timeout=PATIENCE)[1]
    done = f"{progress()['tasks_done']} of {TASKS} tasks"
    check(stop.returncode == 0 and "x.h5.part: stopped" in said and done in said, f"{what}: {said}")
    check(not REQUEST.exists(), f"{what}: the request is left")


def without_waiting(nuloop):
    run = Run(nuloop)
    stop = nuloop.good("stop", RESULT, "--no-wait")
    check(len(stop.messages()) == 1 and REQUEST.exists(), f"--no-wait: {stop.err}")
    again = nuloop.good("stop", RESULT, "--no-wait")  # it is there already
    check(again.err == stop.err, f"--no-wait, twice: {again.err}")
    run.ends("--no-wait")
    check(not REQUEST.exists(), "--no-wait: the request is left")


def is_mpich(nuloop):
    launch, ranks, threads = nuloop.launcher(2)
    words = subprocess.run([launch, "--print", ranks, threads, nuloop.program], check=True,
                           capture_output=True, text=True).stdout.splitlines()
    version = subprocess.run([words[0], "--version"], capture_output=True, text=True).stdout
    return "HYDRA" in version


def left_over(nuloop):
    """A request that nobody took does not stop the next run."""
    REQUEST.touch()
    run = Run(nuloop, 2)
    check(not REQUEST.exists(), "a request of an earlier run is left")
    run.process.send_signal(signal.SIGUSR1)
    wait_until(lambda: any(has_signal(pid, signal.SIGUSR1, "ShdPnd") for pid in run.hold.processes()),
               "SIGUSR1 at a rank")
    # MPICH's launcher forgets its ranks' status in one run of eight.
    run.ends("SIGUSR1 to the launcher", (75, 0) if is_mpich(nuloop) else (75,))


def of_others(nuloop):
    """What is called so and is none stays, is named, and stops nothing."""
    Path("target").write_text("")
    kinds = {"folder": REQUEST.mkdir, "link": lambda: REQUEST.symlink_to("target"),
             "text": lambda: REQUEST.write_text("a list of stops\n")}
    for kind, make in kinds.items():
        make()
        run = Run(nuloop)
        check("warning: x.h5.stop" in run.said(), f"{kind}: no warning: {run.said()}")
        stop = nuloop("stop", RESULT)
        check(stop.status == 3 and "x.h5.stop" in stop.err, f"{kind}: {stop.status} {stop.err}")
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
    return has_signal(pid, number, "SigCgt")


def twice(nuloop):
    """The second Ctrl-C is not caught: it ends the run at once, unless the first already has."""
    run = Run(nuloop)
    pid = run.process.pid
    check(catches(pid, signal.SIGINT), "SIGINT is not caught")
    run.process.send_signal(signal.SIGINT)
    os.kill(pid, signal.SIGCONT)
    end = time.monotonic() + PATIENCE
    while catches(pid, signal.SIGINT) and time.monotonic() < end:
        time.sleep(0.001)
    run.process.send_signal(signal.SIGINT)
    run.ends("SIGINT twice", (-signal.SIGINT, 75))


def ignored(nuloop):
    """Behind a script's & SIGINT is meant for others; this run goes on to the end."""
    run = Run(nuloop, before=["sh", "-c", 'trap "" INT; exec "$@"', "sh"])
    run.process.send_signal(signal.SIGINT)
    run.hold.let_go()
    check(run.process.wait(PATIENCE) == 0, f"SIGINT, ignored: {run.said()}")


def taken_away(nuloop):
    """A file that is no longer the one that the run wrote does not become its result."""
    def replace():
        PART.unlink()
        PART.write_text("notes\n")

    for what, change in (("removed", PART.unlink), ("replaced", replace)):
        kept = PART.read_bytes()
        run = Run(nuloop)
        change()
        run.hold.let_go()
        status = run.process.wait(PATIENCE)
        check(status == 3 and "moved, removed or replaced" in run.said() and not RESULT.exists(),
              f"{what} during the run: {status} {run.said()}")
        check(not PART.exists() or PART.read_text() == "notes\n", f"{what}: touched")
        PART.write_bytes(kept)
    run = Run(nuloop)
    RESULT.write_text("notes\n")
    run.hold.let_go()
    status = run.process.wait(PATIENCE)
    check(status == 3 and "not overwritten" in run.said() and RESULT.read_text() == "notes\n",
          f"a file in the way since the run began: {status} {run.said()}")
    RESULT.unlink()


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
    whole = Hold(nuloop, "whole.h5").environment  # which counts, too
    whole |= {"FAIL_AT": "0", "FAIL_COUNT": str(Path("count").absolute())}
    nuloop.good("run", "job.toml", "-o", "whole.h5", environment=whole)
    nuloop.writes = Path("count").stat().st_size
    check(nuloop.writes > 10 * TASKS, f"only {nuloop.writes} writes")
    by_request(nuloop, 2)
    nothing_to_stop(nuloop)  # with x.h5.part there
    by_request(nuloop, None)
    without_waiting(nuloop)
    left_over(nuloop)
    of_others(nuloop)
    twice(nuloop)
    taken_away(nuloop)
    nuloop.good("run", "job.toml", "-o", RESULT, "--resume")
    check(sha256(RESULT) == sha256("whole.h5"), "a file was in the way: other bytes")
    RESULT.unlink()
    by_request(nuloop, None)
    ignored(nuloop)
    check(sha256(RESULT) == sha256("whole.h5"), "stopped and continued: other bytes")
    left = sorted(path.name for path in Path().glob("x.h5*") if "held" not in path.name)
    check(left == ["x.h5", "x.h5.run.json"], f"left beside the result: {left}")


main(test)
