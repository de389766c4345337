"""What ranks gain where a job has one heavy set of integrals: one_set.py PROGRAM SOURCE OUTPUT.json [MOST].
Instructions under callgrind do not depend on what else the machine does. The time of a job is that of the rank
with most of them, if each has a core of its own.
"""
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

# A detector with a resolution, under a tabulated flux: one point, and nearly all work is its integrals.
JOB = """
[job]
name = "one-set"
title = "One heavy set of integrals"
[axes]
exposure = ["1 yr", "3 yr"]
[settings]
experiment = "tao-30m"
model = "nlo"
flux_uncertainty = 0.005
flux = "summation"
observable = "OBSERVABLE"
"resolution.stochastic" = 0.03
"window.bin_width" = "BINS"
"""
JOBS = {"electron": ("electron", "0.5 MeV"), "electromagnetic": ("electromagnetic", "0.5 MeV")}
ENVIRONMENT = dict(os.environ, OMP_NUM_THREADS="1", NULOOP_REGISTERS="baseline")


def launcher(source, ranks, program):
    words = [source / "jobs" / "launch.sh", "--print", str(ranks), "1", program]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()


def instructions(source, program, job, ranks):
    """Of each rank, most first."""
    for old in Path().glob("callgrind.*"):
        old.unlink()
    subprocess.run([*launcher(source, ranks, program), "valgrind", "--tool=callgrind",
                    "--callgrind-out-file=callgrind.%p", program, "run", job, "-o", "result.h5", "--force"],
                   check=True, env=ENVIRONMENT, capture_output=True)
    return sorted((int(re.search(r"^(?:totals|summary): (\d+)", path.read_text(), re.MULTILINE)[1])
                   for path in Path().glob("callgrind.*")), reverse=True)


def main():
    if len(sys.argv) not in (4, 5):
        sys.exit("usage: one_set.py PROGRAM SOURCE OUTPUT.json [MOST]")
    program, source, output = (Path(word).absolute() for word in sys.argv[1:4])
    most = int(sys.argv[4]) if len(sys.argv) == 5 else 4
    report = {}
    with tempfile.TemporaryDirectory(prefix="nuloop-") as folder:
        os.chdir(folder)
        # What every run takes besides: MPI, reading, the file.
        Path("little.toml").write_text(JOB.replace("OBSERVABLE", "electromagnetic").replace("BINS", "9 MeV")
                                       .replace("0.03", "0.0").replace("summation", "mueller"))
        for name, (observable, bins) in JOBS.items():
            Path("job.toml").write_text(JOB.replace("OBSERVABLE", observable).replace("BINS", bins))
            report[name] = {ranks: {"all": instructions(source, program, "job.toml", ranks),
                                    "little": instructions(source, program, "little.toml", ranks)}
                            for ranks in range(1, most + 1)}
        os.chdir("/")
    output.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
