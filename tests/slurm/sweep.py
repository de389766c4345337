# slurm/sweep.sbatch survives what ends a job: warned of its time limit, asked to make room, cancelled,
# killed; continues each time and gives the bytes of a run that was left alone.
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cluster import SLOW, Cluster
from harness import Hold, check, main, preloaded

SMALL = ("--ntasks=2", "--cpus-per-task=1")


class Sweep:
    """A sweep whose result is results/NAME.h5; so many of its runs are held at their first task."""

    def __init__(self, cluster, name, *options, held=1, **environment):
        self.cluster, self.output = cluster, f"results/{name}.h5"
        self.hold = Hold(cluster.nuloop, self.output, runs=held)
        self.number = cluster.submit("sweep.sbatch", "slow.toml", options=(*SMALL, *options),
                                     NULOOP_RESULT=name, **self.hold.environment, **environment)

    def log(self):
        return self.cluster.log(self.number)

    def wait_for_run(self):
        self.cluster.wait_for_run(self.number, self.output, self.hold)

    def ask_for_room(self):
        self.cluster.ask_for_room(self.number, self.output, self.hold)

    def check_done(self, restarts):
        job = self.cluster.wait(self.number, exit_code="0:0")
        check(job.restarts == restarts, f"{job.restarts} restarts, not {restarts}\n{self.log()}")
        self.cluster.check_same(self.output, "plain.h5", self.number)
        if restarts > 0:
            check(f"restart {restarts} of at most 20" in self.log(), self.log())

    def check_resumed(self):
        """What was done before an interruption was not done again."""
        check("continuing " + self.output in self.log(), self.log())
        lines = [line for line in self.log().splitlines() if "tasks, " in line]
        check(lines and lines[-1].startswith("nuloop: 20/20"), self.log())


def time_limit(cluster):
    """Slurm looks at time limits twice a minute; the run is held until then. The limit is near when the run is
    held, and at no other time: however long it takes, it is warned once and not ended."""
    sweep = Sweep(cluster, "limited", "--time=120", "--signal=B:USR1@3600")
    sweep.wait_for_run()
    cluster("scontrol", "update", f"jobid={sweep.number}", "TimeLimit=50")
    cluster.wait_for_warning(sweep.number, sweep.output, sweep.hold)
    cluster("scontrol", "update", f"jobid={sweep.number}", "TimeLimit=120")
    sweep.hold.let_go()
    check("asked to make room" in sweep.log(), sweep.log())
    cluster.wait_for_requeue(sweep.number, 1)
    sweep.check_done(1)
    sweep.check_resumed()


def on_request(cluster):
    """Warned twice."""
    sweep = Sweep(cluster, "request", held=2)
    for restart in (1, 2):
        sweep.wait_for_run()
        sweep.ask_for_room()
        cluster.wait_for_requeue(sweep.number, restart)
    sweep.check_done(2)
    sweep.check_resumed()


def under_mpirun(cluster):
    """mpirun hands the warning on as srun does."""
    Path("mpirun.sh").write_text("nuloop_launcher=mpirun\nnuloop_binding=none\n")
    sweep = Sweep(cluster, "mpirun", NULOOP_SITE="./mpirun.sh")
    sweep.wait_for_run()
    sweep.ask_for_room()
    cluster.wait_for_requeue(sweep.number, 1)
    sweep.check_done(1)
    sweep.check_resumed()
    check("by mpirun" in sweep.log(), sweep.log())


def once_too_often(cluster):
    sweep = Sweep(cluster, "bounded", NULOOP_MAX_RESTARTS="0")
    sweep.wait_for_run()
    sweep.ask_for_room()
    cluster.wait(sweep.number, ("FAILED",), exit_code="75:0")
    check("stopped after 0 restarts" in sweep.log(), sweep.log())


def cancelled(cluster):
    """A cancelled job stays so; the same sbatch continues it."""
    sweep = Sweep(cluster, "cancelled")
    sweep.wait_for_run()
    sweep.hold.end()
    cluster("scancel", sweep.number)
    job = cluster.wait(sweep.number, ("CANCELLED",))
    check(job.restarts == 0 and "ended by Slurm" in sweep.log(), sweep.log())
    check(Path(sweep.output + ".part").exists() and not Path(sweep.output).exists(), sweep.log())
    sweep = Sweep(cluster, "cancelled", held=0)
    sweep.check_done(0)
    sweep.check_resumed()

    sweep = Sweep(cluster, "cancelled", held=0)  # complete: nothing to do
    sweep.check_done(0)
    check("nuloop: 20/20" not in sweep.log(), sweep.log())


def killed(cluster):
    """kill -9 of a rank ends the job with a message; the file is whole."""
    sweep = Sweep(cluster, "killed")
    sweep.wait_for_run()
    os.kill(cluster.master(sweep.output, sweep.hold), signal.SIGKILL)
    sweep.hold.end()
    cluster.wait(sweep.number, ("FAILED",))
    check("the same sbatch continues it" in sweep.log(), sweep.log())
    sweep = Sweep(cluster, "killed", held=0)
    sweep.check_done(0)
    sweep.check_resumed()


def bad_job(cluster):
    """What no repetition would mend is not repeated."""
    Path("bad.toml").write_text(SLOW.replace("tao-30m", "nowhere"))
    number = cluster.submit("sweep.sbatch", "bad.toml", options=SMALL)
    job = cluster.wait(number, ("FAILED",), exit_code="3:0")
    check(job.restarts == 0 and "nowhere" in cluster.log(number), cluster.log(number))


def test(nuloop):
    Path("slow.toml").write_text(SLOW)
    nuloop.good("run", "slow.toml", "-o", "plain.h5", ranks=2)
    preloaded(nuloop.source / "tests" / "apps" / "failing_writes.c")  # before threads ask for it
    scenarios = [time_limit, on_request, under_mpirun, once_too_often, cancelled, killed, bad_job]
    with Cluster(nuloop, cpus=14) as cluster, ThreadPoolExecutor(len(scenarios)) as pool:
        for done in [pool.submit(scenario, cluster) for scenario in scenarios]:
            done.result()


main(test)
