# slurm/submit-array.sh: every run of a list, then the tables of all; nothing is collected if one fails.
# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

from cluster import SLOW, Cluster
from harness import Hold, check, main

SMALL = ("--ntasks=2", "--cpus-per-task=1", "--output=%A_%a.log")
MASSES = {"light": "1 t", "heavy": "10 t"}


def submit(cluster, source, **environment):
    """The numbers of the array and of the collecting job."""
    words = cluster(cluster.scripts / "submit-array.sh", source, *SMALL,
                    **environment).split()
    check(words[0::2] == ["array", "collect"], f"submit-array.sh prints {words}")
    return words[1], words[3]


def rows(path):
    header, *lines = Path(path).read_text().splitlines()
    return header.split(","), [line.split(",") for line in lines]


def collected(cluster, nuloop):
    job = nuloop.fig7
    Path("masses.txt").write_bytes(("# one run in each line\r\n\r\n" + "".join(
        f"{name} {job} --set 'settings.detector.mass={mass}'   # {mass}\r\n"
        for name, mass in MASSES.items())).encode())
    array, collect = submit(cluster, "masses.txt")
    cluster.wait(collect, exit_code="0:0")
    for line, (name, mass) in enumerate(MASSES.items(), 1):
        nuloop.good("run", job, "-o", f"{name}.h5", "--set", f"settings.detector.mass={mass}")
        cluster.check_same(f"results/masses/{name}.h5", f"{name}.h5", f"{array}_{line}")
        check("discovery time" in Path(f"results/masses/{name}.txt").read_text(), f"{name}.txt")
    header, lines = rows("results/masses.csv")
    single, points = rows("results/masses/light.csv")
    check(header == ["run", *single], f"results/masses.csv: {header}")
    check([line[0] for line in lines] == ["light"] * len(points) + ["heavy"] * len(points),
          "results/masses.csv: not the rows of both runs")


def failed(cluster, nuloop):
    Path("failing.txt").write_text(f"good {nuloop.fig7}\n"
                                   f"bad {nuloop.fig7} --set settings.flux=nowhere\n")
    array, collect = submit(cluster, "failing.txt")
    cluster.wait(collect, ("CANCELLED",))
    cluster.wait(f"{array}_1", exit_code="0:0")
    check(not Path("results/failing.csv").exists(), "collected after a failure")
    check("nowhere" in cluster.log(f"{array}_2"), cluster.log(f"{array}_2"))


def queued_again(cluster, nuloop):
    """A task of an array makes room and continues; the collecting job waits for it."""
    Path("slow.toml").write_text(SLOW)
    nuloop.good("run", "slow.toml", "-o", "slow.h5", ranks=2)
    Path("slow.txt").write_text("only slow.toml\n")
    output = "results/slow/only.h5"
    hold = Hold(nuloop, output)
    array, collect = submit(cluster, "slow.txt", **hold.environment)
    task = f"{array}_1"
    cluster.wait_for_run(task, output, hold)
    cluster.ask_for_room(task, output, hold)
    cluster.wait_for_requeue(task, 1)
    cluster.wait(collect, exit_code="0:0")
    cluster.check_same(output, "slow.h5", task)
    check(f"continuing {output}.part" in cluster.log(task), cluster.log(task))


def refused(cluster, nuloop):
    for text in ("a\n", f"../a {nuloop.fig7}\n", f"a {nuloop.fig7}\na {nuloop.fig7}\n",
                 "a nowhere.toml\n", "# none\n", f"a {nuloop.fig7} --set settings.flux=huber 'not closed\n"):
        Path("refused.txt").write_text(text)
        cluster(cluster.scripts / "submit-array.sh", "refused.txt", status=2)
    cluster(cluster.scripts / "submit-array.sh", "nowhere", status=2)
    check(cluster("squeue", "--noheader") == "", "a refused list was submitted")


def test(nuloop):
    with Cluster(nuloop, cpus=8) as cluster:
        refused(cluster, nuloop)
        collected(cluster, nuloop)
        failed(cluster, nuloop)
        queued_again(cluster, nuloop)


main(test)
