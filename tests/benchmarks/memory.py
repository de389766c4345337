"""Memory of a rank and seconds of starting and working: memory.py PROGRAM SOURCE OUTPUT.json [REPETITIONS].
The jobs are Fig. 7 and a sweep of a million scenarios without spectra in its result.
"""
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# 5 experiments x 2 models x 50 masses x 20 mixing angles, each with 5 uncertainties and 20 exposures.
MILLION = """
[job]
name = "million"
title = "A million scenarios"
store_rates = false
[axes]
experiment = ["cloud-surface", "cloud-25mwe", "cloud-300mwe", "tao-30m", "tao-44m"]
model = ["lo+cr", "nlo"]
"detector.mass" = { from = "1 t", to = "20 t", points = 50 }
"lo.sin2_theta_w" = { from = 0.230, to = 0.240, points = 20 }
flux_uncertainty = [0.005, 0.006, 0.007, 0.008, 0.010]
exposure = { from = "1 month", to = "10 yr", points = 20 }
"""
ENVIRONMENT = dict(os.environ, OMP_NUM_THREADS="1")


def alone(command):
    """Seconds and peak memory (MB of 2^20 bytes, as in the record of a run) of a process."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    if status != 0:
        sys.exit(f"{command}: status {status}")
    return seconds, usage.ru_maxrss / 1024


def launcher(source, ranks, program):
    """The words in front of the program, without the time that it takes to find them."""
    words = [source / "jobs" / "launch.sh", "--print", str(ranks), "1", program]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()


def run(launch, program, job, ranks, repetitions):
    """The best of the repetitions, by its whole time; memory is the largest of all."""
    result = Path("result.h5").absolute()
    rows = []
    for _ in range(repetitions):
        seconds, _ = alone([*launch, program, "run", job, "-o", result, "--force"])
        record = json.loads(Path(f"{result}.run.json").read_text())
        rows.append({"elapsed_s": seconds,
                     "total_s": record["seconds"]["total"]["max"],
                     "phases_s": {name: value["mean"] for name, value in record["seconds"].items()},
                     "memory_MB": record["memory_MB"]["max"]})
    best = min(rows, key=lambda row: row["elapsed_s"])
    return {**best, "memory_MB": max(row["memory_MB"] for row in rows), "ranks": ranks,
            "file_MB": result.stat().st_size / 1e6}


def main():
    if len(sys.argv) not in (4, 5):
        sys.exit("usage: memory.py PROGRAM SOURCE OUTPUT.json [REPETITIONS]")
    program, source, output = (Path(word).absolute() for word in sys.argv[1:4])
    repetitions = int(sys.argv[4]) if len(sys.argv) == 5 else 5
    cores = os.cpu_count()
    with tempfile.TemporaryDirectory(prefix="nuloop-") as folder:
        os.chdir(folder)
        Path("million.toml").write_text(MILLION)
        lists = [alone([program, "list", "models"]) for _ in range(repetitions)]
        report = {
            "list": {"elapsed_s": min(lists)[0], "memory_MB": max(memory for _, memory in lists)},
            "mpirun_s": min(alone([*launcher(source, 1, program), "true"])[0] for _ in range(repetitions)),
            "runs": {name: [run(launcher(source, ranks, program), program, job, ranks, times)
                            for ranks in sorted({1, 2, cores})]
                     for name, job, times in (("fig7", source / "jobs" / "fig7.toml", repetitions),
                                              ("million", "million.toml", 2))},
        }
        os.chdir("/")
    output.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
