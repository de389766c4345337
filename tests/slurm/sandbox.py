# slurm/sandbox.sh starts once, hands on a command's status, and leaves neither processes nor files.
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import signal
import subprocess
from pathlib import Path

from cluster import Cluster
from harness import PATIENCE, check, main, wait_until


def name_of(pid):
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def processes(folder):
    """Those that have to do with a sandbox: they name its folder or have it in their environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            text = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue
        if int(process.name) != os.getpid() and folder.encode() in text:
            found.append((process.name, (process / "comm").read_text().strip()))
    return found


def test(nuloop):
    script = nuloop.source / "slurm" / "sandbox.sh"
    with Cluster(nuloop) as cluster:
        folder = cluster.folder
        inside = dict(os.environ, NULOOP_SANDBOX=folder)

        def run(*words, **how):
            return subprocess.run([script, *map(str, words)], env=inside, capture_output=True,
                                  text=True, timeout=PATIENCE, **how)

        before = (Path(folder) / "processes").read_text()
        check(before.count("\n") == 3, f"not three daemons: {before}")
        again = run("up", *cluster.shape)
        check(again.returncode == 0 and "up already" in again.stderr, again.stderr)
        check((Path(folder) / "processes").read_text() == before, "a second up starts daemons")
        other = run("up", "--nodes", 3)
        check(other.returncode == 2, f"another sandbox in one's place: {other.stderr}")
        other = run("run", "--nodes", 3, "true")
        check(other.returncode == 2, f"a command in a sandbox of another shape: {other.stderr}")
        used = run("run", *cluster.shape, "squeue", "--noheader")
        check(used.returncode == 0 and used.stdout == "", f"run in one that is up: {used}")
        check((Path(folder) / "processes").read_text() == before, "run took it down")

        # Brought down with a job that would stay for an hour.
        number = cluster("sbatch", "--parsable", "--output=/dev/null", "--wrap", "exec sleep 3600")
        cluster.wait_for("start", lambda: cluster.job(number).state == "RUNNING", number)
    check(not processes(folder), f"down leaves {processes(folder)}")

    check(run("down").returncode == 0, "down of nothing fails")
    for port in ("2300x", "80", "70000"):
        refused = subprocess.run([script, "up"], env=inside | {"NULOOP_SANDBOX_PORT": port},
                                 capture_output=True, text=True, timeout=PATIENCE)
        check(refused.returncode == 2 and port in refused.stderr and not processes(folder),
              f"port {port}: {refused}, {processes(folder)}")
    check(run("sideways").returncode == 2 and run("up", "--nodes", "x").returncode == 2, "usage")
    status = run("run", "bash", "-c", "srun hostname && exit 7")
    check(status.returncode == 7 and status.stdout.count("\n") == 1, f"run: {status}")
    check(not Path(folder).exists() and not processes(folder), "run leaves something")

    # Interrupted, as by Ctrl-C: the whole group gets the signal.
    interrupted = subprocess.Popen([script, "run", "sleep", "60"], env=inside, text=True,
                                   stderr=subprocess.PIPE, start_new_session=True)
    for line in interrupted.stderr:
        if "up, nodes" in line:
            break
    children = Path(f"/proc/{interrupted.pid}/task/{interrupted.pid}/children")
    wait_until(lambda: "sleep" in map(name_of, children.read_text().split()), "the command")
    os.killpg(interrupted.pid, signal.SIGINT)
    interrupted.wait(PATIENCE)
    check(not Path(folder).exists() and not processes(folder), "an interrupted run leaves something")


main(test)
