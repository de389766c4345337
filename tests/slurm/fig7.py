# slurm/fig7.sbatch gives what mpirun gives, by srun and by mpirun; what it says when it cannot run.
# SPDX-License-Identifier: GPL-3.0-or-later
import os
from pathlib import Path

from cluster import Cluster, record
from harness import check, main

FALLBACK = """
nuloop_launcher=auto
nuloop_mpi_plugin=of-no-slurm
nuloop_binding=none
nuloop_python=/nowhere
"""


def cpus(text):
    numbers = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        numbers |= set(range(int(first), int(last or first) + 1))
    return numbers


def as_packaged(cluster):
    """With Debian's profile, by srun if that can start ranks."""
    number = cluster.submit("fig7.sbatch")
    cluster.wait(number, exit_code="0:0")
    cluster.check_same("results/fig7.h5", "plain.h5", number)
    run = record("results/fig7.h5")
    check((run["ranks"], run["threads_per_rank"]) == (2, 2), f"ran as {run}")
    check("tao-30m" in Path("results/fig7.txt").read_text(), "results/fig7.txt: no table")
    check(Path("results/fig7.png").is_file(), f"no figure\n{cluster.log(number)}")
    log = cluster.log(number)
    launcher = cluster.launchers()[0]
    check(f"2 ranks x 2 threads by {launcher}" in log and "complete: results/fig7.h5" in log, log)
    if len(os.sched_getaffinity(0)) >= 4:
        first, second = map(cpus, run["cpus"])
        check(len(first) == len(second) == 2 and not first & second,
              f"ranks are not bound to CPUs of their own: {run['cpus']}")
        check("warning" not in log, log)


def again(cluster):
    """A finished result is replaced."""
    before = Path("results/fig7.h5").stat().st_ino
    Path("plain.sh").write_text("nuloop_python=/nowhere\n")
    number = cluster.submit("fig7.sbatch", NULOOP_SITE="./plain.sh")
    cluster.wait(number, exit_code="0:0")
    check(Path("results/fig7.h5").stat().st_ino != before, "fig7.h5 is not computed anew")


def by_mpirun(cluster):
    Path("fallback.sh").write_text(FALLBACK)
    number = cluster.submit("fig7.sbatch", NULOOP_SITE="./fallback.sh", NULOOP_RESULT="other")
    cluster.wait(number, exit_code="0:0")
    cluster.check_same("results/other.h5", "plain.h5", number)
    log = cluster.log(number)
    check("no MPI plugin of-no-slurm" in log and "by mpirun" in log and "no figure" in log, log)
    check(record("results/other.h5")["ranks"] == 2, "mpirun started other than 2 ranks")


def refusals(cluster):
    cases = (({"NULOOP_PROGRAM": "/nowhere/nuloop"}, "cmake --build build --target nuloop"),
             ({"NULOOP_PROGRAM": "/bin/false"}, "does not start"),
             ({"NULOOP_SITE": "nowhere"}, "profiles/nowhere.sh"),
             ({"NULOOP_ROOT": "/tmp"}, "is no clone of nuloop"))
    submitted = [(cluster.submit("fig7.sbatch", **environment), text)
                 for environment, text in cases]
    submitted.append((cluster.submit("fig7.sbatch", "-o", "elsewhere.h5"), "NULOOP_RESULT"))
    for number, text in submitted:
        cluster.wait(number, ("FAILED",), exit_code="2:0")
        check(text in cluster.log(number), f"{text!r} is not in {cluster.log(number)!r}")


def test(nuloop):
    nuloop.good("run", nuloop.fig7, "-o", "plain.h5", ranks=2, threads=2)
    with Cluster(nuloop) as cluster:
        as_packaged(cluster)
        again(cluster)
        by_mpirun(cluster)
        refusals(cluster)


main(test)
