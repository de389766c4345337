# A Slurm of slurm/sandbox.sh for a test: submitting jobs, waiting for them, reading their logs.
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "apps"))
import harness  # noqa: E402
from harness import PATIENCE, check, skip  # noqa: E402

CANNOT_RUN = 3
POLL_S = 0.1

# As many integrals as points, which takes seconds: time to interrupt it. 20 tasks.
SLOW = """
[job]
name = "slow"
title = "twenty sets of integrals"
[axes]
"resolution.stochastic" = { from = 0.02, to = 0.2, points = 20 }
[settings]
experiment = "tao-30m"
model = "nlo"
flux_uncertainty = 0.005
exposure = "1 yr"
"window.bin_width" = "3 MeV"
"""


class Job:
    """What Slurm knows of a job."""

    def __init__(self, text):
        fields = dict(word.split("=", 1) for word in text.split() if "=" in word)
        self.state = fields["JobState"]
        self.reason = fields["Reason"]
        self.exit_code = fields["ExitCode"]
        self.restarts = int(fields["Restarts"])


def nodes_find_each_other():
    """Whether ranks on several of the sandbox's nodes, which have one address, can talk: with Open
    MPI 4 and 5 they can, with 6.0.0rc2 only ranks of one node."""
    version = subprocess.run(["mpirun", "--version"], text=True, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT).stdout
    return "(Open MPI) 6." not in version


class Cluster:
    def __init__(self, nuloop, nodes=1, cpus=4):
        self.nuloop = nuloop
        self.scripts = nuloop.source / "slurm"
        self.shape = ["--nodes", str(nodes), "--cpus", str(cpus)]
        # Names of sockets are short: TMPDIR may be too deep for them.
        self.folder = tempfile.mkdtemp(prefix="nuloop-slurm-", dir="/tmp")
        os.rmdir(self.folder)

    def __enter__(self):
        outside = dict(os.environ, NULOOP_SANDBOX=self.folder)
        up = subprocess.run([self.scripts / "sandbox.sh", "up", *self.shape], env=outside,
                            capture_output=True, text=True, timeout=PATIENCE)
        if up.returncode == CANNOT_RUN:
            skip(up.stderr.strip())
        if up.returncode != 0:
            sys.exit(f"FAILED: sandbox.sh up: {up.stderr}")
        # The scripts are to find the launcher and the binding, not the tests' settings for mpirun.
        for name in [name for name in outside if name.startswith(("OMPI_MCA_", "OMP_"))]:
            del outside[name]
        listing = subprocess.run(["bash", "-c", f"source {self.folder}/env.sh && env -0"],
                                 env=outside, capture_output=True, text=True, check=True).stdout
        self.environment = dict(line.split("=", 1) for line in listing.split("\0") if line)
        self.environment |= {"NULOOP_ROOT": str(self.nuloop.source),
                             "NULOOP_PROGRAM": str(self.nuloop.program)}
        return self

    def __exit__(self, *error):
        if error[0] or harness._failures:
            for path in Path(self.folder).glob("log/slurm*.log"):
                print(f"--- {path.name}\n" + "\n".join(path.read_text().splitlines()[-40:]))
        down = subprocess.run([self.scripts / "sandbox.sh", "down"],
                              env=dict(os.environ, NULOOP_SANDBOX=self.folder),
                              capture_output=True, text=True, timeout=PATIENCE)
        check(down.returncode == 0 and not Path(self.folder).exists(),
              f"sandbox.sh down leaves {self.folder}: {down.stderr}")

    def __call__(self, *words, status=0, **environment):
        """Runs a command of Slurm; its standard output."""
        done = subprocess.run([str(word) for word in words], env=self.environment | environment,
                              capture_output=True, text=True, timeout=PATIENCE)
        check(done.returncode == status,
              f"{words}: exit status {done.returncode}, {done.stderr.strip()}")
        return done.stdout.strip()

    def launchers(self):
        """What starts ranks here. srun needs a plugin that not every Slurm has."""
        listed = subprocess.run(["srun", "--mpi=list"], env=self.environment, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout
        if "pmix" in listed.split():
            return ["srun", "mpirun"]
        print("skipped: srun: this Slurm has no MPI plugin pmix")
        return ["mpirun"]

    def submit(self, script, *words, options=(), **environment):
        """Submits slurm/SCRIPT; the job's number."""
        return self("sbatch", "--parsable", "--open-mode=append", "--output=%j.log", *options,
                    self.scripts / script, *words, **environment)

    def job(self, number):
        return Job(self("scontrol", "--oneliner", "show", "job", number))

    def log(self, number):
        path = Path(f"{number}.log")
        return path.read_text() if path.exists() else ""

    def wait_for(self, what, condition, number, seconds=PATIENCE):
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                job = vars(self.job(number))
                sys.exit(f"FAILED: job {number}: no {what} in {seconds} s: {job}\n"
                         f"{self.log(number)}")
            time.sleep(POLL_S)

    def wait(self, number, states=("COMPLETED",), exit_code=None):
        """Waits until a job has ended; checks how."""
        # Others pass, such as SIGNALING while a warning is on its way.
        ended = ("BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL",
                 "OUT_OF_MEMORY", "PREEMPTED", "TIMEOUT")
        self.wait_for("end", lambda: self.job(number).state in ended, number)
        job = self.job(number)
        check(job.state in states and exit_code in (None, job.exit_code),
              f"job {number}: {vars(job)}\n{self.log(number)}")
        return job

    def wait_for_requeue(self, number, restart):
        """Waits until a job is in the queue again, where Slurm would hold it for two minutes."""
        def is_queued():
            job = self.job(number)
            return job.restarts == restart and job.state in ("PENDING", "RUNNING", "COMPLETED")
        self.wait_for("requeue", is_queued, number)
        # A node takes a restart of the second in which the first run ended for part of that.
        time.sleep(2)
        while self.job(number).state == "PENDING":  # or it has started since
            if subprocess.run(["scontrol", "update", f"jobid={number}", "StartTime=now"],
                              env=self.environment, capture_output=True).returncode == 0:
                break
            time.sleep(POLL_S)

    def progress(self, output):
        """What an unfinished run says of itself."""
        path = Path(f"{output}.progress.json")
        return json.loads(path.read_text()) if path.exists() else {"process": None}

    def master(self, output, hold):
        """The process of a run's first rank if it is held, else None."""
        process = self.progress(output)["process"]
        return process if process in hold.processes() else None

    def freeze(self, node):
        """A node falls silent, as if it had lost its power; the ranks and the daemons it had."""
        started = dict(line.split()[:2] for line in
                       (Path(self.folder) / "processes").read_text().splitlines())
        ranks, daemons = set(), {int(started[f"slurmd-{node}"])}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                environment = (folder / "environ").read_bytes().split(b"\0")
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:  # ended meanwhile, or another user's
                continue
            if (f"SLURM_CONF={self.folder}/slurm.conf".encode() in environment
                    and f"SLURMD_NODENAME={node}".encode() in environment):
                ranks.add(int(folder.name))
                daemons.add(parent)  # the step's
        for process in ranks | daemons:
            os.kill(process, signal.SIGSTOP)
        return ranks, daemons

    def wait_for_run(self, number, output, hold):
        """Waits until a run is held at its first task."""
        self.wait_for("run", lambda: self.master(output, hold), number)

    def wait_for_warning(self, number, output, hold):
        """Waits until a run that is held has been asked to make room."""
        status = Path(f"/proc/{self.master(output, hold)}/status")
        def is_asked():
            pending = status.read_text().split("ShdPnd:")[1].split()[0]
            return int(pending, 16) >> (signal.SIGUSR1 - 1) & 1
        self.wait_for("warning", is_asked, number)

    def ask_for_room(self, number, output, hold):
        """Warns a job whose run is held, which makes room and is queued again."""
        self("scancel", "--batch", "--signal=USR1", number)
        self.wait_for_warning(number, output, hold)
        hold.let_go()

    def check_same(self, output, reference, number):
        """The result is there, whole, and has the bytes of another."""
        output = Path(output)
        check(output.is_file() and output.read_bytes() == Path(reference).read_bytes(),
              f"{output} is not what mpirun gives\n{self.log(number)}")
        check(not Path(f"{output}.part").exists(), f"{output}.part is left")


def record(output):
    return json.loads(Path(f"{output}.run.json").read_text())
