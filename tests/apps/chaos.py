# A run that is killed at any moment, or whose disk fails, is continued to the same bytes, and
# nothing that was done is computed again. `chaos.py PROGRAM SOURCE --long N [SEED]` kills N times.
# SPDX-License-Identifier: GPL-3.0-or-later
import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness import PATIENCE, check, main, own_lines, preloaded, process_state, sha256, skip

try:
    import h5py
    import numpy as np
except ImportError as missing:
    skip(missing)

# 5166 outer points in 41 groups of three tasks: one for each experiment.
JOB = """
[job]
name = "chaos"
title = "To be killed"
[axes]
experiment = ["tao-30m", "cloud-25mwe", "cloud-surface"]
model = ["lo+cr", "nlo"]
"lo.sin2_theta_w" = { from = 0.230, to = 0.240, points = 21 }
"window.low" = { from = "1 MeV", to = "2 MeV", points = 41 }
flux_uncertainty = [0.005, 0.01]
exposure = { from = "1 yr", to = "10 yr", points = 10 }
[settings]
observable = "electron"
"window.bin_width" = "0.1 MeV"
"""
GROUPS, TASKS = 41, 123

SMALL_JOB = """
[job]
name = "small"
title = "Few writes"
[axes]
"window.low" = ["1 MeV", "2 MeV"]
"lo.sin2_theta_w" = [0.232, 0.234]
flux_uncertainty = [0.005, 0.01]
exposure = { from = "1 yr", to = "10 yr", points = 3 }
[settings]
experiment = "tao-30m"
model = "nlo"
"window.bin_width" = "2 MeV"
"""

OUTER = (3, 2, 21, GROUPS)
STARTS_ANEW = "h5.part: no task of the run that began it is finished; this run starts anew"

# Open MPI 4.1.4's mpirun may wait for a lock of its own for ever, in PMIx_server_finalize, when a rank
# has died while others were starting. One that has been without ranks for so many seconds is ended.
MPIRUN_ALONE = 60


def in_order(group, outer=OUTER):
    """The datasets of a group that run along the outer axes, as they were created."""
    names = []
    group.id.links.iterate(names.append, idx_type=h5py.h5.INDEX_CRT_ORDER)
    items = [group[name] for name in names]
    return [item[()] for item in items
            if isinstance(item, h5py.Dataset) and item.dtype == "f8"
            and item.shape[:len(outer)] == outer]


class File:
    """A result as the tasks see it."""

    def __init__(self, path):
        with h5py.File(path) as file:
            self.values = [*in_order(file), *in_order(file["rates"])]
            self.status = file["status"][()]
            self.checksums = file["integrity/checksum"][()]
        assert self.status.shape == OUTER and len(self.checksums) == TASKS
        assert len(self.values) >= 11

    def blocks(self, task):
        """What a task writes: its values in each dataset, then its status."""
        group, experiment = task // 3, task % 3
        return [array[experiment, :, :, group] for array in (*self.values, self.status)]

    def is_valid(self, task):
        crc = 0
        for block in self.blocks(task):
            crc = zlib.crc32(np.ascontiguousarray(block).tobytes(), crc)
        return self.checksums[task] == (crc or 1)

    def valid(self):
        return {task for task in range(TASKS) if self.is_valid(task)}


def environment(folder, **more):
    """Where killed ranks leave their segments is removed with the folder."""
    place = str(Path(folder).absolute())
    return {**os.environ, "OMP_NUM_THREADS": "1", "TMPDIR": place,
            "NULOOP_SHARED_MEMORY": place, **more}


def alive(pid):
    return process_state(pid) not in ("", "Z")


def send(number, processes):
    for pid in processes:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def ranks_of(run, program):
    """The processes of the program that mpirun started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, rest = stat.read_text().split("(", 1)[1].rsplit(")", 1)
        except (FileNotFoundError, ProcessLookupError):
            continue
        if name == program.name and int(rest.split()[1]) == run.pid:
            found.append(int(stat.parent.name))
    return found


class Chaos:
    """One result that is killed and continued until it is complete, again and again."""

    def __init__(self, nuloop, seed):
        self.nuloop = nuloop
        self.dice = random.Random(seed)
        nuloop.good("run", "chaos.toml", "-o", "whole.h5", threads=2)
        self.sha = sha256("whole.h5")
        self.whole = File("whole.h5")
        with h5py.File("whole.h5") as file:
            sums = file["integrity/checksum"]
            self.sums_at = sums.id.get_offset(), sums.id.get_storage_size()
        check(self.whole.valid() == set(range(TASKS)), "checksums are not what this test computes")
        begin = time.monotonic()
        nuloop.good("run", "chaos.toml", "-o", "ranks.h5", ranks=2)
        self.takes = time.monotonic() - begin  # by which a busy machine's kills are as late as its runs
        check(sha256("ranks.h5") == self.sha, "two ranks give other bytes")
        self.kills = self.completed = self.too_late = self.hung = 0
        self.clean()

    def clean(self):
        for path in Path().glob("x.h5*"):
            path.unlink()
        self.valid = set()

    def command(self, ranks, threads):
        words = [self.nuloop.program, "run", "chaos.toml", "-o", "x.h5", "--resume"]
        return [*self.nuloop.launcher(ranks, threads), *words]

    def kill(self):
        """Starts or continues the run and interrupts it; whether it came to its end all the same."""
        ranks, threads = self.dice.choice((1, 2, 3, 4, 7)), self.dice.choice((1, 2))
        how = self.dice.choice(("kill a rank", "kill all ranks", "kill mpirun", "TERM to mpirun",
                                "TERM to a rank", "USR1 to mpirun", "USR1 to a rank"))
        delay = self.takes * self.dice.uniform(0.15, 1.3)
        what = f"kill {self.kills}: {ranks} ranks x {threads} threads, {how} after {delay:.2f} s"
        with open("log.txt", "w") as log:
            run = subprocess.Popen(self.command(ranks, threads), env=environment("."),
                                   stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        time.sleep(delay)
        processes = ranks_of(run, self.nuloop.program)
        number = {"k": signal.SIGKILL, "T": signal.SIGTERM, "U": signal.SIGUSR1}[how[0]]
        if how.endswith("mpirun"):
            targets = [run.pid]
        else:
            targets = processes if "all" in how else processes and [self.dice.choice(processes)]
        send(number, targets)
        status, left = self.end_of(run, processes)
        if not check(not left, f"{what}: does not end: {left}"):
            send(signal.SIGKILL, left)
            run.wait()
        self.kills += 1
        complete = Path("x.h5").exists()
        # 75 means stopped in order; a signal before the program listens is as good as a kill.
        if status == 75:
            check(not complete and number != signal.SIGKILL, f"{what}: exit status 75")
            check("--resume" in Path("log.txt").read_text(), f"{what}: no word of --resume")
        elif status == 0:
            check(complete, f"{what}: exit status 0 without a result")
        self.look(what, status, processes)
        return complete

    def end_of(self, run, processes):
        """Waits for the launcher and its ranks: the launcher's status, and which of them are left."""
        end = time.monotonic() + PATIENCE
        seen = time.monotonic()  # when there were ranks
        while time.monotonic() < end:
            ranks = [pid for pid in {*processes, *ranks_of(run, self.nuloop.program)} if alive(pid)]
            if run.poll() is not None and not ranks:
                return run.returncode, []
            if ranks:
                seen = time.monotonic()
            elif time.monotonic() > seen + MPIRUN_ALONE:
                run.kill()
                self.hung += 1
                return run.wait(), []
            time.sleep(0.02)
        return None, [run.pid, *ranks]

    def unfinished(self, what):
        """What there is of a result; a run that was killed while it created the file leaves none."""
        part, progress = Path("x.h5.part"), Path("x.h5.progress.json")
        missing = "no HDF5 file"
        if h5py.is_hdf5(part):
            try:
                return File(part)
            except (OSError, RuntimeError, KeyError) as error:
                missing = error
        # Nobody has finished a task in it, or told of one, or has found one there before.
        begin, size = self.sums_at
        sums = part.read_bytes()[begin:begin + size] if part.exists() else b""
        told = json.loads(progress.read_text())["tasks_done"] if progress.exists() else 0
        check(not self.valid and not any(sums) and told == 0,
              f"{what}: {part} cannot be read ({missing}), with {len(self.valid)} tasks before, {told} told "
              f"of, checksums {sums.strip(bytes(1))}")
        return None

    def look(self, what, status, processes):
        """What is in the file after that."""
        before = self.valid
        if Path("x.h5").exists():
            self.valid = set(range(TASKS))
        elif (file := self.unfinished(what)) is not None:
            self.valid = file.valid()
            for task in self.valid:
                check(all(np.array_equal(ours, right, equal_nan=True) for ours, right
                          in zip(file.blocks(task), self.whole.blocks(task))),
                      f"{what}: task {task} has a right checksum and wrong values")
            # The status is written after the values.
            for task in set(range(TASKS)) - self.valid:
                *values, done = file.blocks(task)
                *rights, _ = self.whole.blocks(task)
                for value, right in zip(values, rights):
                    check(np.array_equal(value[done == 1], right[done == 1], equal_nan=True),
                          f"{what}: a point of task {task} is marked as done and is not")
        check(self.valid >= before, f"{what}: {len(before - self.valid)} tasks are lost")

        # Nothing that was there was computed again.
        told = []
        if status in (0, 75):
            record = json.loads(Path("x.h5.run.json" if status == 0 else "x.h5.part.run.json")
                                .read_text())
            told.append(("run record", record["tasks_before"]))
            check(record["tasks_done"] == len(self.valid),
                  f"{what}: {record['tasks_done']} tasks done are told, {len(self.valid)} are there")
        if Path("x.h5.progress.json").exists():
            progress = json.loads(Path("x.h5.progress.json").read_text())
            if progress["process"] in processes:
                told.append(("progress", progress["tasks_done"]
                             - progress["tasks_done_in_this_run"]))
                check(progress["tasks_done"] <= len(self.valid),
                      f"{what}: the progress is ahead of the file")
        for name, number in told:
            check(number == len(before),
                  f"{what}: began with {number} tasks ({name}), not with {len(before)}")
        print(f"{what}: exit status {status}, {len(before)} -> {len(self.valid)} tasks")

    def finish(self):
        """Continues what there is to the end."""
        ranks, threads = self.dice.choice((1, 2, 3, 4, 7)), self.dice.choice((1, 2))
        done = subprocess.run(self.command(ranks, threads), env=environment("."), timeout=PATIENCE,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        check(done.returncode == 0, f"--resume on {ranks} ranks: {done.returncode}\n{done.stderr}")
        self.look(f"end on {ranks} ranks x {threads} threads", done.returncode, [])
        return done.stderr

    def die_creating(self):
        """Deaths that leave no file, one that is no HDF5, or one of which HDF5 can read a part."""
        shim = preloaded(self.nuloop.source / "tests" / "apps" / "failing_writes.c")
        for write in (1, 2, 4, 6, 30):
            fault = {"LD_PRELOAD": shim, "FAIL_FILE": "/x.h5.part", "FAIL_AT": str(write),
                     "FAIL_HOW": "kill"}
            died = subprocess.run([self.nuloop.program, "run", "chaos.toml", "-o", "x.h5", "--resume"],
                                  env=environment(".", **fault), timeout=PATIENCE,
                                  stdin=subprocess.DEVNULL, capture_output=True)
            check(died.returncode == -signal.SIGKILL, f"creating, write {write}: {died.returncode}")
            self.look(f"creating, killed at write {write}", died.returncode, [])
            check(not self.valid, f"creating, write {write}: {self.valid} are there")
        said = self.finish()
        check(STARTS_ANEW in said, f"killed while creating: then {said}")
        check(sha256("x.h5") == self.sha, "killed while creating: other bytes")
        self.clean()

    def go(self, kills):
        while self.kills < kills:
            complete = self.kill()
            if complete or self.dice.random() < 0.25 or self.kills == kills:
                if not complete:
                    self.finish()
                self.too_late += complete
                self.completed += 1
                check(sha256("x.h5") == self.sha, f"after kill {self.kills}: other bytes")
                left = sorted(path.name for path in Path().glob("x.h5*"))
                # One that was killed behind the end leaves its progress.
                check("x.h5.part" not in left and (complete or "x.h5.progress.json" not in left),
                      f"left beside the result: {left}")
                self.clean()
        check(3 * self.hung <= self.kills, f"mpirun hung {self.hung} times of {self.kills}")
        print(f"{self.kills} kills, {self.completed} results, {self.too_late} of them in the end "
              f"by a run that was to be killed; {self.hung} times mpirun hung without ranks")


class Faults:
    """The small job on one rank or more, with a library before the C library's writes."""

    def __init__(self, nuloop):
        self.nuloop = nuloop
        self.early = self.marked = 0
        self.structure, self.first_marked = 0, None  # writes up to the structure's and the first task's
        self.shim = preloaded(nuloop.source / "tests" / "apps" / "failing_writes.c")
        nuloop.good("run", "small.toml", "-o", "small.h5")
        self.sha = sha256("small.h5")
        self.whole = self.values("small.h5")[0]
        Path("count").mkdir()
        self.run("count", 0, "", more={"FAIL_COUNT": str(Path("count.txt").absolute())})
        self.writes = len(Path("count.txt").read_bytes())
        check(self.writes > 50, f"only {self.writes} writes are seen")
        check(sha256("count/s.h5") == self.sha, "counting writes changes the bytes")

    @staticmethod
    def values(path):
        with h5py.File(path) as file:
            outer = file["status"].shape
            return [*in_order(file, outer), *in_order(file["rates"], outer)], file["status"][()]

    def run(self, folder, at, how, *words, ranks=None, more=None):
        """The run with a fault at that write."""
        command = [self.nuloop.program, "run", "small.toml", "-o", f"{folder}/s.h5", *words]
        if ranks is not None:
            command = [*self.nuloop.launcher(ranks), *command]
        fault = {"LD_PRELOAD": self.shim, "FAIL_FILE": "/s.h5.part", "FAIL_AT": str(at),
                 "FAIL_HOW": how} if how or more else {}
        return subprocess.run(command, env=environment(folder, **fault, **(more or {})),
                              timeout=PATIENCE, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True)

    def continues(self, what, folder, *words, ranks=None):
        done = self.run(folder, 0, "", *words, ranks=ranks)
        check(done.returncode == 0 and sha256(f"{folder}/s.h5") == self.sha,
              f"{what}: then {words} gives {done.returncode} or other bytes\n{done.stderr}")
        return done.stderr

    def crash(self, at, how):
        """Death at a write; before the structure is complete a plain run begins anew."""
        what = f"{how} at write {at}"
        folder = f"{how}{at}"
        Path(folder).mkdir()
        died = self.run(folder, at, how)
        if at > self.writes:
            return
        check(died.returncode == -signal.SIGKILL, f"{what}: exit status {died.returncode}")
        check(not Path(f"{folder}/s.h5").exists(), f"{what}: a result")
        anew = False
        try:
            values, status = self.values(f"{folder}/s.h5.part")
        except (OSError, RuntimeError, KeyError):  # its structure is not there, or no more
            values, status = self.whole, np.zeros(())
            self.early += 1
            anew = Path(f"{folder}/s.h5.part").stat().st_size > 0
            if how == "kill":
                self.structure = max(self.structure, at)
        check(all(np.array_equal(value[status == 1], right[status == 1], equal_nan=True)
                  for value, right in zip(values, self.whole)),
              f"{what}: points are marked as done and are not")
        if np.any(status == 1):
            self.marked += 1
            self.first_marked = min(at, self.first_marked or at)
        if at % 2 == 0:
            said = self.continues(what, folder, "--resume")
            check(not anew or STARTS_ANEW in said, f"{what}: then {said}")
        else:
            plain = self.run(folder, 0, "")
            if plain.returncode == 3:
                check("--resume" in plain.stderr, f"{what}: then {plain.stderr}")
                self.continues(what, folder, "--resume")
            else:
                check(plain.returncode == 0 and sha256(f"{folder}/s.h5") == self.sha,
                      f"{what}: a plain restart gives {plain.returncode}\n{plain.stderr}")
        shutil.rmtree(folder)

    def crashes(self, dice, kill, tear):
        """Deaths at every `kill`-th write, and at every `tear`-th one in the middle of it."""
        with ThreadPoolExecutor(2) as pool:
            jobs = [pool.submit(self.crash, at, how)
                    for how, step in (("kill", kill), ("tear", tear))
                    for at in range(1 + dice.randrange(step), self.writes + 1, step)]
            for job in jobs:
                job.result()
        check(self.marked > 60 // kill and self.early < len(jobs) - 60 // kill,
              f"{self.marked} {self.early}")
        print(f"{len(jobs)} deaths at writes, of {self.writes}; {self.early} before there was a "
              f"file, {self.marked} after points were done")

    def full(self, at, error, ranks):
        """Every write from one on fails; an earlier result is in the way."""
        what = f"errno {error} from write {at} on, ranks {ranks}"
        folder = f"full-{at}-{error}-{ranks}"
        Path(folder).mkdir()
        shutil.copy("small.h5", f"{folder}/s.h5")
        shutil.copy("small.h5", f"{folder}/other.h5")
        failed = self.run(folder, at, str(error), "--force", ranks=ranks)
        check(failed.returncode == 3, f"{what}: exit status {failed.returncode}\n{failed.stderr}")
        said = [line for line in own_lines(failed.stderr)
                if " tasks, " not in line and ": CPUs " not in line]
        check(len(said) == 1 and "s.h5.part" in said[0] and os.strerror(error) in said[0],
              f"{what}: says {said}\n{failed.stderr}")
        for name in ("s.h5", "other.h5"):
            check(sha256(f"{folder}/{name}") == self.sha, f"{what}: {name} has changed")
        Path(f"{folder}/s.h5").unlink()
        self.continues(what, folder, "--resume", ranks=ranks)
        shutil.rmtree(folder)

    def reason_is_heard(self):
        """A rank ends the others when its reason has been read, and not before, by however slow a reader."""
        heard = preloaded(self.nuloop.source / "tests" / "apps" / "taken_down.c")
        log = Path("aborted.txt").absolute()
        log.write_text("")
        Path("heard").mkdir()
        fault = {"LD_PRELOAD": f"{self.shim} {heard}", "FAIL_FILE": "/s.h5.part",
                 "FAIL_AT": str(self.structure), "FAIL_HOW": str(errno.ENOSPC),
                 "NULOOP_START_MPI": "yes", "TAKEN_DOWN_LOG": str(log)}
        with subprocess.Popen([self.nuloop.program, "run", "small.toml", "-o", "heard/s.h5"],
                              env=environment("heard", **fault), stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, bufsize=0) as run:
            text = b"".join(iter(lambda: run.stderr.read(1), b"")).decode()
        check(run.returncode == 3 and os.strerror(errno.ENOSPC) in text,
              f"a slow reader: {run.returncode}, {text}")
        check(log.read_text().split() == ["started", "aborted"], f"a slow reader: {log.read_text()}")
        shutil.rmtree("heard")

    def disk_faults(self, step):
        # Of two ranks the first one writes the structure and half of the NaN before the tasks, for sure.
        cases = [(at, error, None) for error in (28, 5) for at in range(1, self.writes + 1, step)]
        cases += [(at, error, 2) for error in (28, 5)
                  for at in (4, self.structure, (self.structure + self.first_marked) // 2 - 12)]
        with ThreadPoolExecutor(2) as pool:
            for job in [pool.submit(self.full, *case) for case in cases]:
                job.result()
        print(f"{len(cases)} disk faults")


def small_disk(nuloop):
    """A real file system that is too small, or that others fill."""
    Path("disk").mkdir()
    size = Path("whole.h5").stat().st_size
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size + 1_500_000}", "chaos", "disk"],
                          capture_output=True, text=True)
    if done.returncode != 0:
        print(f"no disk of its own to fill: {done.stderr.strip()}")
        return
    try:
        Path("disk/filler").write_bytes(bytes(size // 2))
        full = nuloop("run", "chaos.toml", "-o", "disk/x.h5")
        check(full.status == 3 and "disk/x.h5.part" in full.err and "GB" in full.err,
              f"{full.command}: {full.status}, {full.err}")
        check(os.listdir("disk") == ["filler"], f"a full disk: {os.listdir('disk')}")
        Path("disk/filler").unlink()

        with open("log.txt", "w") as log:
            run = subprocess.Popen([nuloop.program, "run", "chaos.toml", "-o", "disk/x.h5"],
                                   env=environment("."), stdout=log, stderr=log)
        while not Path("disk/x.h5.progress.json").exists() and run.poll() is None:
            time.sleep(0.01)
        try:
            with open("disk/filler", "wb", buffering=0) as filler:
                while True:
                    filler.write(bytes(4096))
        except OSError:
            pass
        status = run.wait(PATIENCE)
        text = Path("log.txt").read_text()
        # All room of the result was taken before; there may be none for the record beside it.
        check(status == 0 or status == 3 and "run.json" in text, f"a disk filled: {status}, {text}")
        check(sha256("disk/x.h5") == sha256("whole.h5"), "a disk that was filled changes the result")
        Path("disk/filler").unlink()
        nuloop.good("run", "chaos.toml", "-o", "disk/x.h5", "--resume")
    finally:
        subprocess.run(["umount", "disk"], check=True)


def test(nuloop):
    Path("chaos.toml").write_text(JOB)
    Path("small.toml").write_text(SMALL_JOB)
    long = sys.argv[3:4] == ["--long"]
    seed = int(sys.argv[5]) if len(sys.argv) > 5 else random.randrange(10**6)
    print(f"seed {seed}", flush=True)
    chaos = Chaos(nuloop, seed)
    chaos.die_creating()
    chaos.go(int(sys.argv[4]) if long else 10)
    faults = Faults(nuloop)
    faults.crashes(chaos.dice, *((1, 1) if long else (3, 8)))
    faults.disk_faults(3 if long else 13)
    faults.reason_is_heard()
    small_disk(nuloop)


main(test)
