# The result of a job has the same bytes however many ranks and threads compute it, and wherever.
# SPDX-License-Identifier: GPL-3.0-or-later
import json
from pathlib import Path

from harness import check, main, sha256

SHORT = ("--set", "axes.exposure.points=5")

# 9840 outer points in three groups, in tasks whose points do not divide the last axis.
MANY_POINTS = """
[job]
name = "many"
title = "more outer points than tasks"
[axes]
experiment = ["cloud-300mwe", "tao-30m"]
exposure = ["1 yr", "3 yr"]
model = ["lo+cr", "nlo"]
"window.bin_width" = ["0.5 MeV", "2 MeV", "1.3 MeV"]
"detector.mass" = { from = "1 t", to = "20 t", points = 20 }
flux_uncertainty = [0.005, 0.010]
"lo.sin2_theta_w" = { from = 0.230, to = 0.240, points = 41 }
"""

# Seven tasks, not a multiple of the ranks.
FEW_POINTS = """
[job]
name = "few"
title = "fewer points than tasks"
[axes]
exposure = { from = "1 month", to = "10 yr", points = 4, spacing = "log" }
"lo.sin2_theta_w" = { from = 0.230, to = 0.240, points = 7 }
[settings]
experiment = "tao-30m"
model = "nlo"
flux_uncertainty = 0.005
"""


# A set of integrals for each job, which all ranks compute together: of electrons and of both energies under a
# tabulated flux, with a resolution, with shifted energies, and of inverse beta decays.
ONE_SET = """
[job]
name = "one-set"
title = "one set of integrals"
[axes]
exposure = ["1 yr", "3 yr"]
flux_uncertainty = [0.005, 0.010]
[settings]
experiment = "tao-30m"
model = "nlo"
flux = "summation"
"""
ONE_SETS = (
    ("settings.observable=electron", "settings.resolution.stochastic=0.03"),
    ("settings.observable=electromagnetic", "settings.resolution.stochastic=0.03"),
    ("settings.observable=electromagnetic", "settings.window.bin_width=0.02 MeV"),
    ("settings.flux=mueller", "settings.resolution.stochastic=0.03", "settings.resolution_uncertainty=0.05"),
)


def compute(nuloop, job, name, *words, ranks=None, threads=1, folder="."):
    """Runs a job; the digest of its result."""
    run = nuloop.good("run", job, "-o", name, *words, ranks=ranks, threads=threads, folder=folder)
    result = Path(folder) / name
    if not check(result.is_file(), f"{run.command}: no result\n{run.err}"):
        return None
    check(not result.with_name(result.name + ".part").exists(), f"{run.command}: leaves a .part")
    record = json.loads(result.with_name(result.name + ".run.json").read_text())
    # Otherwise mpirun may have started as many separate runs, which would agree as well.
    check(record["ranks"] == (ranks or 1), f"{run.command}: ran on {record['ranks']} ranks")
    check(record["threads_per_rank"] == threads,
          f"{run.command}: ran on {record['threads_per_rank']} threads")
    return sha256(result)


def same_for_all(nuloop, job, words, combinations):
    alone = compute(nuloop, job, "alone.h5", "--force", *words)
    for ranks, threads in combinations:
        digest = compute(nuloop, job, f"r{ranks}t{threads}.h5", "--force", *words, ranks=ranks,
                         threads=threads)
        check(digest == alone, f"{Path(job).name}: {ranks} ranks x {threads} threads differ "
                               "from the program alone")
    return alone


def test(nuloop):
    Path("many.toml").write_text(MANY_POINTS)
    Path("few.toml").write_text(FEW_POINTS)

    short = same_for_all(nuloop, nuloop.fig7, SHORT,
                         [(ranks, threads) for ranks in (1, 2, 3, 4) for threads in (1, 2)])
    full = same_for_all(nuloop, nuloop.fig7, (), [(3, 2)])
    same_for_all(nuloop, "many.toml", (), [(1, 2), (2, 1), (3, 2), (4, 1)])
    same_for_all(nuloop, "few.toml", (), [(3, 1), (4, 2)])
    same_for_all(nuloop, nuloop.source / "jobs" / "impacts.toml", (), [(1, 2), (2, 1)])

    Path("one.toml").write_text(ONE_SET)
    for settings in ONE_SETS:
        words = [word for setting in settings for word in ("--set", setting)]
        same_for_all(nuloop, "one.toml", words, [(2, 1), (3, 1), (4, 1), (2, 2)])
        shared = [json.loads(Path(f"r{ranks}t1.h5.run.json").read_text())["integrals"]["count"]
                  for ranks in (2, 3, 4)]
        check(shared == [1, 1, 1], f"{settings}: {shared} sets of integrals, and none was shared")

    check(compute(nuloop, nuloop.fig7, "threads.h5", *SHORT, threads=3) == short,
          "three threads without mpirun differ from one")
    other = compute(nuloop, nuloop.fig7, "huber.h5", *SHORT, "--set", "settings.flux=huber")
    check(len({short, full, other}) == 3, "different jobs give the same bytes")

    # Neither the working folder nor the spelling of the paths enters the result.
    Path("deep/er").mkdir(parents=True)
    Path("job").mkdir()
    Path("job/fig7.toml").symlink_to(nuloop.fig7)
    check(compute(nuloop, "../../job/fig7.toml", "x.h5", *SHORT, folder="deep/er") == short,
          "another working folder changes the result")
    check(compute(nuloop, nuloop.fig7, Path("deep").absolute() / "y.h5", *SHORT, ranks=2) == short,
          "an absolute path of the result changes it")

    # Over an existing result of the same job, and of another, longer one.
    check(compute(nuloop, nuloop.fig7, "alone.h5", "--force", *SHORT, ranks=2) == short,
          "a run over another result differs")
    check(compute(nuloop, nuloop.fig7, "alone.h5", "--force", *SHORT) == short,
          "a second run over the same result differs")


main(test)
