# A run without a launcher starts no MPI and gives the bytes of one with it; whatever becomes of
# libraries while they are taken down, the exit status is that of the work.
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import subprocess
from pathlib import Path

from harness import PATIENCE, check, main, preloaded, sha256

SMALL = ("--set", "settings.window.bin_width=2 MeV")
FAULTS = ("crash in finalize", "abort in finalize", "abort at exit")


class Taken:
    """Runs with a library in front that counts calls of MPI and makes a fault at the end."""

    def __init__(self, nuloop):
        self.nuloop = nuloop
        self.library = preloaded(nuloop.source / "tests" / "apps" / "taken_down.c")

    def __call__(self, *words, ranks=None, fault="", **environment):
        """Exit status, how often MPI was started and finalised, standard error."""
        log = Path("calls.txt").absolute()
        log.write_text("")
        outcome = self.nuloop(*words, ranks=ranks, environment={
            "LD_PRELOAD": self.library, "TAKEN_DOWN_LOG": str(log), "TAKEN_DOWN_FAULT": fault,
            **environment})
        calls = log.read_text().split()
        return outcome.status, calls, outcome.err


def starts_no_mpi(nuloop, taken):
    """The library sees MPI where it is started: under mpirun, and where it is asked for."""
    for ranks, environment, count in ((None, {}, 0), (1, {}, 1), (2, {}, 2),
                                      (None, {"NULOOP_START_MPI": "yes"}, 1),
                                      (1, {"NULOOP_START_MPI": "no"}, 0)):
        status, calls, err = taken("run", nuloop.fig7, "-o", "x.h5", "--force", *SMALL, ranks=ranks,
                                   **environment)
        what = f"ranks {ranks}, {environment}"
        check(status == 0, f"{what}: exit status {status}\n{err}")
        check(sorted(calls) == ["finalized"] * count + ["started"] * count, f"{what}: {calls}")
        check(sha256("x.h5") == sha256("whole.h5"), f"{what}: other bytes")
        Path("x.h5").unlink()

    # An allocation of a batch system is no launcher.
    status, calls, err = taken("run", nuloop.fig7, "-o", "x.h5", *SMALL, SLURM_JOB_ID="7",
                               SLURM_PROCID="0", SLURM_NTASKS="4", SLURM_NNODES="2")
    check(status == 0 and not calls, f"in an allocation: {status}, {calls}, {err}")

    status, calls, err = taken("run", nuloop.fig7, "-o", "y.h5", *SMALL, NULOOP_START_MPI="maybe")
    check(status == 3 and not calls and "NULOOP_START_MPI" in err and not Path("y.h5").exists(),
          f"NULOOP_START_MPI=maybe: {status}, {calls}, {err}")


def separate_runs(nuloop):
    """Ranks that do not know of each other do not write into each other's result."""
    outcome = nuloop("run", nuloop.fig7, "-o", "both.h5", ranks=2,
                     environment={"NULOOP_START_MPI": "no"})
    refusals = [line for line in outcome.messages() if "both.h5" in line and ": " in line[8:]]
    check(outcome.status == 3 and len(refusals) == 1
          and ("NULOOP_START_MPI=yes" in refusals[0] or "exists" in refusals[0]
               or "has just finished" in refusals[0]),
          f"{outcome.command}: {outcome.status}\n{outcome.err}")


def status_stays(nuloop, taken):
    """0 of a result, 3 of a refusal, whichever library crashes behind it, and how."""
    for ranks in (None, 1, 2):
        for fault in FAULTS:
            for words, wanted in ((("--force",), 0), ((), 3)):
                status, _, err = taken("run", nuloop.fig7, "-o", "z.h5", *SMALL, *words, ranks=ranks,
                                       fault=fault)
                check(status == wanted, f"{fault}, ranks {ranks}, {words}: exit status {status}, "
                                        f"not {wanted}\n{err}")
                check(sha256("z.h5") == sha256("whole.h5"), f"{fault}: other bytes")
    status, _, err = taken("report", "z.h5", fault="abort at exit")
    check(status == 0, f"report: exit status {status}\n{err}")

    # A fault before the work is done is told as ever.
    died = subprocess.run([nuloop.program, "run", nuloop.fig7, "-o", "z.h5", "--force"],
                          env={**os.environ, "LD_PRELOAD": taken.library,
                               "TAKEN_DOWN_FAULT": "abort at start"},
                          capture_output=True, timeout=PATIENCE)
    check(died.returncode < 0, f"a fault at the start gives {died.returncode}")


def test(nuloop):
    nuloop.good("run", nuloop.fig7, "-o", "whole.h5", *SMALL, ranks=2)
    taken = Taken(nuloop)
    starts_no_mpi(nuloop, taken)
    separate_runs(nuloop)
    status_stays(nuloop, taken)


main(test)
