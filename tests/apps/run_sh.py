# jobs/run.sh: Ctrl-C and SIGTERM end it in good order and the same command goes on to the same bytes;
# what it takes for a job, for a number of ranks, and what it says before it installs anything.
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import pty
import select
import signal
import subprocess
import time
from pathlib import Path

from harness import PATIENCE, Hold, check, has_signal, main, sha256

# A second of work; a run is held in the midst of it while it is asked to stop.
JOB = """
[job]
name = "other-name"
title = "To be stopped"
[axes]
experiment = ["tao-30m", "cloud-25mwe"]
"lo.sin2_theta_w" = { from = 0.230, to = 0.240, points = 21 }
"window.low" = { from = "1 MeV", to = "2 MeV", points = 41 }
flux_uncertainty = [0.005, 0.01]
exposure = { from = "1 yr", to = "10 yr", points = 10 }
[settings]
model = "nlo"
flux = "summation"
observable = "electron"
"window.bin_width" = "0.1 MeV"
"""
CTRL_C = b"\x03"


def environment(nuloop, **more):
    return {**os.environ, "NULOOP_PROGRAM": str(nuloop.program), "NULOOP_RESULTS": str(Path.cwd()), **more}


class Terminal:
    """jobs/run.sh on a terminal of its own, as a user starts it."""

    def __init__(self, nuloop, *words, **more):
        self.said = ""
        self.pid, self.screen = pty.fork()
        if self.pid == 0:
            script = str(nuloop.source / "jobs" / "run.sh")
            os.execve(script, [script, *map(str, words)], environment(nuloop, **more))

    def read(self):
        """What there is; whether the terminal is still in use."""
        if select.select([self.screen], [], [], 0.02)[0]:
            try:
                self.said += os.read(self.screen, 4096).decode(errors="replace")
            except OSError:
                return False
        return True

    def wait_for(self, condition, what):
        end = time.monotonic() + PATIENCE
        while not condition():
            if not check(self.read() and time.monotonic() < end, f"{what} does not come:\n{self.said}"):
                return

    def press(self, key):
        os.write(self.screen, key)

    def ends(self):
        end = time.monotonic() + PATIENCE
        while self.read() and time.monotonic() < end:
            pass
        os.close(self.screen)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def stopped(nuloop, name, how):
    """A run that is interrupted and gone on with."""
    hold = Hold(nuloop, f"{name}.h5", write=nuloop.writes // 10)
    again = ("job.toml",), {"NULOOP_RANKS": "2", "NULOOP_RESULT": name}
    terminal = Terminal(nuloop, *again[0], **again[1], **hold.environment)
    terminal.wait_for(hold.processes, "the first tasks")
    how(terminal, hold)
    status = terminal.ends()
    check(status == 75, f"{name}: exit status {status}\n{terminal.said}")
    check("the same command goes on" in terminal.said, f"{name}: says no way to go on:\n{terminal.said}")
    check(Path(f"{name}.h5.part").exists() and not Path(f"{name}.h5").exists(), f"{name}: {os.listdir()}")
    going_on = Terminal(nuloop, *again[0], **again[1])
    status = going_on.ends()
    check(status == 0, f"{name}: going on: {status}\n{going_on.said}")
    check(sha256(f"{name}.h5") == sha256("whole.h5"), f"{name}: other bytes")
    check("discovery" in Path(f"{name}.txt").read_text(), f"{name}: no report")
    return terminal.said


def has_been_asked(pid):
    return has_signal(pid, signal.SIGUSR1, "ShdPnd")


def once(terminal, hold):
    terminal.press(CTRL_C)
    terminal.wait_for(lambda: any(map(has_been_asked, hold.processes())), "a rank that was asked")
    hold.let_go()


def terminated(terminal, hold):
    os.kill(terminal.pid, signal.SIGTERM)
    terminal.wait_for(lambda: any(map(has_been_asked, hold.processes())), "a rank that was asked")
    hold.let_go()


def twice(terminal, hold):
    """Ranks that do not get round to stopping are ended."""
    terminal.press(CTRL_C)
    terminal.wait_for(lambda: any(map(has_been_asked, hold.processes())), "a rank that was asked")
    terminal.press(CTRL_C)
    terminal.wait_for(lambda: not hold.processes(), "the end of the ranks")
    hold.end()


def interruptions(nuloop):
    Path("job.toml").write_text(JOB)
    whole = Hold(nuloop, "whole.h5").environment  # which counts, too
    whole |= {"FAIL_AT": "0", "FAIL_COUNT": str(Path("count").absolute())}
    nuloop.good("run", Path("job.toml").absolute(), "-o", "whole.h5", environment=whole)
    nuloop.writes = Path("count").stat().st_size
    for name, how in (("once", once), ("terminated", terminated)):
        said = stopped(nuloop, name, how)
        # It is the ranks that stopped, and not their death.
        check("stopped on request with" in said, f"{name}: {said}")
    stopped(nuloop, "twice", twice)


def script(nuloop, *words, **more):
    return subprocess.run([nuloop.source / "jobs" / "run.sh", *words], capture_output=True, text=True,
                          env=environment(nuloop, **more), stdin=subprocess.DEVNULL, timeout=PATIENCE)


def folder(nuloop):
    """A folder of jobs ends with the one that is stopped; what is complete is not begun anew."""
    fake = Path("fake").absolute()
    fake.write_text('#!/bin/bash\n[[ $1 == run ]] || { echo a report; exit; }\n'
                    'echo "$*" >>calls\n[[ ! -e ${4##*/}.stops ]] || exit 75\ntouch "$4"\n'
                    .replace(">>calls", f">>{Path.cwd()}/calls").replace("${4##*/}", f"{Path.cwd()}/${{4##*/}}"))
    fake.chmod(0o755)
    jobs = sorted(path.stem for path in (nuloop.source / "jobs" / "landscape").glob("*.toml"))
    Path(f"{jobs[1]}.h5.stops").touch()
    for stops in (True, False):
        done = script(nuloop, "landscape", NULOOP_PROGRAM=str(fake), NULOOP_RANKS="1", NULOOP_RESULT="all")
        calls = Path("calls").read_text().splitlines()
        Path("calls").unlink()
        ran = [call.split()[1].removeprefix("jobs/landscape/").removesuffix(".toml") for call in calls]
        if stops:
            check(done.returncode == 75 and ran == jobs[:2], f"folder: {done.returncode} {ran}\n{done.stderr}")
            check("the same command goes on" in done.stderr, f"folder: {done.stderr}")
            check(all(call.endswith("--force") for call in calls), f"folder: {calls}")
            Path(f"{jobs[1]}.h5.stops").unlink()
        else:  # the figure finds no real results
            check(ran == jobs and all(call.endswith("--resume") for call in calls), f"folder: {calls}")
    script(nuloop, "landscape", NULOOP_PROGRAM=str(fake), NULOOP_RANKS="1", NULOOP_RESULT="all")
    calls = Path("calls").read_text().splitlines()
    check(all(call.endswith("--force") for call in calls), f"folder, once complete: {calls}")


def refusals(nuloop):
    def refused(parts, *words, lines=1, **more):
        done = script(nuloop, *words, **more)
        said = done.stderr.splitlines()
        check(done.returncode == 2 and (lines is None or len(said) == lines),
              f"{words} {more}: {done.returncode}\n{done.stderr}")
        for part in parts:
            check(part in said[0], f"{words} {more}: {part!r} is not in {said[0]!r}")

    for name in ("NULOOP_RANKS", "NULOOP_THREADS"):
        for value in ("0", "abc", "-1", "1.5", " 2", "08", "9999999", "a[$(touch hit)]"):
            refused([name, value], "fig7", **{name: value})
    check(not Path("hit").exists(), "a value was evaluated")
    refused(["fig8"], "fig8", lines=None)
    refused(["none/fig7.toml"], "none/fig7.toml")
    refused(["usage"], lines=None)
    refused(["NULOOP_MPI", "lam"], "fig7", NULOOP_MPI="lam")


def ranks(nuloop):
    """On n cores n ranks of one thread; one number gives the other."""
    fake = Path("fake").absolute()
    fake.write_text("#!/bin/bash\n[[ $1 == run ]] || exit 0\ntouch \"$4\"\n")
    cores = len(os.sched_getaffinity(0))
    for more, wanted in (({}, (cores, 1)), ({"NULOOP_THREADS": str(cores)}, (1, cores)),
                         ({"NULOOP_RANKS": "1"}, (1, cores)), ({"NULOOP_THREADS": "999"}, (1, 999)),
                         ({"NULOOP_RANKS": "3", "NULOOP_THREADS": "2"}, (3, 2))):
        done = script(nuloop, "job.toml", NULOOP_PROGRAM=str(fake), NULOOP_RESULT="r", **more)
        check(f"on {wanted[0]} ranks x {wanted[1]} threads" in done.stderr, f"{more}: {done.stderr}")


def packages(nuloop):
    """It says what it installs and what for, before it does; and nothing is installed that must not be."""
    Path("bin").mkdir()
    for name, text in (("dpkg-query", "echo installed bash"), ("apt-get", 'echo "apt-get $*" >&2'),
                       ("sudo", '"$@"'), ("cmake", "echo cmake; exit 1")):
        Path(f"bin/{name}").write_text(f"#!/bin/bash\n{text}\n")
        Path(f"bin/{name}").chmod(0o755)
    path = f"{Path.cwd()}/bin:{os.environ['PATH']}"
    for words, more, installs in (((), {}, True), (("--no-install",), {}, False),
                                  ((), {"NULOOP_INSTALL": "no"}, False), ((), {"NULOOP_MPI": "mpich"}, True)):
        mpi = "libhdf5-mpich-dev" if "NULOOP_MPI" in more else "libhdf5-openmpi-dev"
        done = script(nuloop, "fig7", *words, NULOOP_PROGRAM="", PATH=path, **more)
        check(done.returncode == 1, f"{words} {more}: {done.returncode}\n{done.stderr}")
        before = done.stderr.split("apt-get")[0]
        for part in (mpi, "ranks", "python3-h5py", "figures"):
            check(part in before, f"{words} {more}: {part!r} is not said before:\n{done.stderr}")
        check(("apt-get -qq" in done.stderr) == installs, f"{words} {more}:\n{done.stderr}")
        check(not installs or f" {mpi} " in done.stderr.split("install -y")[1],
              f"{words} {more}: not installed:\n{done.stderr}")


def test(nuloop):
    interruptions(nuloop)
    folder(nuloop)
    ranks(nuloop)
    refusals(nuloop)
    packages(nuloop)


main(test)
