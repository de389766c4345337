# What is started on an allocation: more ranks than tasks, CPUs that are made up, nodes too small.
# SPDX-License-Identifier: GPL-3.0-or-later
import csv
from pathlib import Path

from cluster import Cluster, nodes_find_each_other
from harness import check, main


def profile(launcher, binding="auto"):
    """A profile without figures."""
    path = Path(f"{launcher}.sh")
    path.write_text(f"nuloop_launcher={launcher}\nnuloop_binding={binding}\nnuloop_python=/nowhere\n")
    return f"./{path}"


def more_ranks_than_tasks(cluster):
    """The scaling study puts as many ranks on an allocation as it has CPUs."""
    path = Path("figures.sh")
    path.write_text("nuloop_launcher=mpirun\n")
    number = cluster.submit("scaling.sbatch", options=("--ntasks=1", "--cpus-per-task=2"),
                            NULOOP_SITE=f"./{path}", NULOOP_SCALING_QUICK="1")
    cluster.wait(number, exit_code="0:0")
    with open("results/scaling/runs.csv", encoding="utf-8") as file:
        runs = {(int(row["ranks"]), int(row["threads"])) for row in csv.DictReader(file)}
    check(runs == {(1, 1), (2, 1), (1, 2)}, f"scaling ran on {runs}\n{cluster.log(number)}")


def made_up_cpus(cluster):
    """Four CPUs, which this machine may not have: the binding is chosen so that it works."""
    for launcher in cluster.launchers():
        number = cluster.submit("fig7.sbatch", options=("--ntasks=2", "--cpus-per-task=2"),
                                NULOOP_SITE=profile(launcher), NULOOP_RESULT=launcher)
        cluster.wait(number, exit_code="0:0")
        cluster.check_same(f"results/{launcher}.h5", "fig7.h5", number)


def too_small(cluster):
    """Where --cpus-per-task divides no node, Slurm 22.05 allocates too little, later ones do not."""
    three = ("--ntasks=3", "--cpus-per-task=3")
    for launcher in cluster.launchers():
        site = profile(launcher, binding="none")
        number = cluster.submit("fig7.sbatch", options=three, NULOOP_SITE=site, NULOOP_RESULT="any")
        job = cluster.wait(number, ("COMPLETED", "FAILED"))
        log = cluster.log(number)
        if job.state == "FAILED":
            check(job.exit_code == "2:0" and "--ntasks-per-node=N" in log, f"{vars(job)}\n{log}")
        name = f"one-{launcher}"
        number = cluster.submit("fig7.sbatch", options=(*three, "--ntasks-per-node=1"),
                                NULOOP_SITE=site, NULOOP_RESULT=name)
        cluster.wait(number, exit_code="0:0")
        cluster.check_same(f"results/{name}.h5", "fig7.h5", number)


def test(nuloop):
    nuloop.good("run", nuloop.fig7, "-o", "fig7.h5")
    with Cluster(nuloop, nodes=3, cpus=4) as cluster:
        more_ranks_than_tasks(cluster)
        made_up_cpus(cluster)
        if nodes_find_each_other():
            too_small(cluster)
        else:
            print("skipped: several nodes: Open MPI 6 finds no way between nodes at one address")


main(test)
