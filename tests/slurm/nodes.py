# Several nodes: ranks on two give the bytes of one; a sweep survives the loss of a node.
# SPDX-License-Identifier: GPL-3.0-or-later
import contextlib
import os
import signal
import subprocess
from pathlib import Path

from cluster import SLOW, Cluster, nodes_find_each_other, record
from harness import Hold, check, main, skip

BOTH = ("--nodes=2", "--ntasks=4", "--ntasks-per-node=2", "--cpus-per-task=1")


def nodes_have_names():
    """As the sandbox decides: root, and not in a chroot."""
    return os.geteuid() == 0 and subprocess.run(["unshare", "--uts", "--mount", "true"],
                                                stderr=subprocess.DEVNULL).returncode == 0


def spread(cluster, launcher):
    profile = Path(f"{launcher}.sh")
    profile.write_text(f"nuloop_launcher={launcher}\nnuloop_binding=none\nnuloop_python=none\n")
    number = cluster.submit("fig7.sbatch", options=BOTH, NULOOP_SITE=f"./{profile}",
                            NULOOP_RESULT=launcher)
    cluster.wait(number, exit_code="0:0")
    cluster.check_same(f"results/{launcher}.h5", "fig7.h5", number)
    run = record(f"results/{launcher}.h5")
    check(run["ranks"] == 4, f"{launcher}: ran as {run}")
    check("4 ranks x 1 thread on 2 hosts" in cluster.log(number), cluster.log(number))
    if nodes_have_names():
        check(run["hosts"] == ["n1", "n1", "n2", "n2"], f"{launcher}: ran on {run['hosts']}")


def kill(processes):
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def lost_node(cluster, nuloop):
    hold = Hold(nuloop, "results/slow.h5")
    number = cluster.submit("sweep.sbatch", "slow.toml", options=BOTH, **hold.environment)
    cluster.wait_for_run(number, "results/slow.h5", hold)
    ranks, daemons = cluster.freeze("n2")
    try:
        # As Slurm does of itself when a node has not answered for SlurmdTimeout, five minutes.
        hold.end()
        cluster("scontrol", "update", "NodeName=n2", "State=DOWN", "Reason=test")
        cluster.wait_for_requeue(number, 1)
        # Open MPI 5 locks what it writes. A file server drops the locks of a node that is lost.
        kill(ranks)
        cluster.wait(number, exit_code="0:0")
    finally:
        kill(ranks | daemons)
    cluster.check_same("results/slow.h5", "slow.h5", number)
    check(record("results/slow.h5")["hosts"][2:] != ["n2", "n2"],
          "ran on the lost node")
    check("restart 1 of at most 20" in cluster.log(number), cluster.log(number))


def test(nuloop):
    if not nodes_find_each_other():
        skip("Open MPI 6 finds no way between nodes at one address")
    Path("slow.toml").write_text(SLOW)
    nuloop.good("run", nuloop.fig7, "-o", "fig7.h5", ranks=2)
    nuloop.good("run", "slow.toml", "-o", "slow.h5", ranks=2)
    with Cluster(nuloop, nodes=3) as cluster:
        for launcher in cluster.launchers():
            spread(cluster, launcher)
        lost_node(cluster, nuloop)


main(test)
