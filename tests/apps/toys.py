# Pseudo-experiments: the same bytes on any ranks and threads, in one run or in several; what is refused.
# SPDX-License-Identifier: GPL-3.0-or-later
import csv
import io
import json
import math
import shutil
import signal
from pathlib import Path

from harness import check, main, sha256, skip

try:
    import h5py
    import numpy as np
except ImportError as missing:
    skip(missing)

# Plain and importance sampling; two groups of several tasks.
JOB = """
[job]
name = "toys"
title = "A few pseudo-experiments"
kind = "toys"
[axes]
experiment = ["tao-30m", "cloud-surface"]
"window.low" = ["1 MeV", "2 MeV"]
"toys.tail" = [0, 5]
exposure = ["1 yr", "5 yr"]
[settings]
model = "nlo"
flux_uncertainty = 0.005
"window.bin_width" = "3 MeV"
"toys.count" = 15000
"""
COUNT = '"toys.count" = 15000'


def write(name, *changes):
    """JOB with some of its text replaced; its path, and the line of the last change."""
    text, line = JOB, 0
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} is not there exactly once"
        line = text[:text.index(old)].count("\n") + 1
        text = text.replace(old, new)
    path = Path(f"{name}.toml")
    path.write_text(text)
    return path, line


def count(number):
    return "--set", f'settings."toys.count"={number}'


def same_bytes(nuloop, job, whole):
    for ranks, threads in ((1, 2), (2, 1), (2, 3), (3, 2)):
        nuloop.good("run", job, "-o", "other.h5", "--force", ranks=ranks, threads=threads)
        check(sha256("other.h5") == whole, f"{ranks} ranks x {threads} threads: other bytes")
    nuloop.good("run", job, "-o", "seed.h5", "--set", 'settings."toys.seed"=2')
    with h5py.File("seed.h5") as other, h5py.File("whole.h5") as file:
        same = other["toys/histogram"][:] == file["toys/histogram"][:]
        check(not same.all(axis=-1).any(), "another seed gives the same pseudo-experiments")
        check(np.array_equal(other["toys/significance"], file["toys/significance"]), "the seed changes chi2")


def registers(nuloop):
    """The same bytes in registers of every width that the processor has, electron spectra, closed form and fits, on 1 to 4 ranks."""
    # The last window leaves single events in its bins.
    job, _ = write("registers", ('"window.low" = ["1 MeV", "2 MeV"]', 'statistic = ["reference", "poisson"]'),
                   ('exposure = ["1 yr", "5 yr"]', '"window.low" = ["1 MeV", "7 MeV"]'),
                   ("[settings]\n", '[settings]\nexposure = "2 d"\nobservable = "electron"\n'), ("15000", "5000"))
    digests = {}
    for ranks, name in enumerate(("baseline", "avx2", "avx512", ""), start=1):
        run = nuloop("run", job, "-o", "registers.h5", "--force", ranks=ranks, environment={"NULOOP_REGISTERS": name})
        if run.status == 3 and "cannot be used here" in run.err:
            continue
        check(run.status == 0, f"{name}: exit status {run.status}\n{run.err}")
        digests[name] = sha256("registers.h5")
    check({"baseline", ""} <= set(digests) and len(set(digests.values())) == 1,
          f"registers of different width, other bytes: {digests}")


def independent_points(nuloop):
    """No two points have the same random numbers, as far as histograms can tell."""
    nuloop.good("run", write("same", ('"tao-30m", "cloud-surface"', '"tao-30m"'), ("[0, 5]", "[0]"),
                             ('exposure = ["1 yr", "5 yr"]', 'background = ["paper-25mwe", "flat-25mwe"]'),
                             ('[settings]\n', '[settings]\nexposure = "1 yr"\nbackground.muon_flux = "88.3 /m2/s"\n'))[0],
                "-o", "same.h5")
    with h5py.File("same.h5") as file:
        histograms = file["toys/histogram"][:].reshape(4, -1)
    check(len(np.unique(histograms, axis=0)) == 4, "two points have the same pseudo-experiments")


def more_toys(nuloop, job):
    """More of them added give the bytes of all at once."""
    nuloop.good("run", job, "-o", "start.h5", *count(5000), ranks=2)
    nuloop.good("run", job, "-o", "middle.h5", *count(10000), "--extend", "start.h5", threads=2)
    start, middle = sha256("start.h5"), sha256("middle.h5")
    nuloop.good("run", job, "-o", "end.h5", "--extend", "middle.h5", ranks=3)
    nuloop.good("run", job, "-o", "end-at-once.h5", "--extend", "start.h5", ranks=2, threads=2)
    for name in ("end.h5", "end-at-once.h5"):
        check(sha256(name) == sha256("whole.h5"), f"{name}: not what one run gives")
    nuloop.good("run", job, "-o", "nothing-more.h5", "--extend", "whole.h5")
    check(sha256("nothing-more.h5") == sha256("whole.h5"), "no more toys change the bytes")
    check((sha256("start.h5"), sha256("middle.h5")) == (start, middle), "extending changes the earlier file")
    shutil.copy("start.h5", "place.h5")
    nuloop.good("run", job, "-o", "place.h5", "--extend", "place.h5", "--force")
    check(sha256("place.h5") == sha256("whole.h5"), "extended in place: other bytes")
    # Title and name are the new job's, and no reason to refuse.
    other, _ = write("renamed", ('"A few pseudo-experiments"', '"More"'), ('"toys"\ntitle', '"more"\ntitle'))
    nuloop.good("run", other, "-o", "renamed.h5")
    nuloop.good("run", other, "-o", "renamed-extended.h5", "--extend", "start.h5")
    check(sha256("renamed-extended.h5") == sha256("renamed.h5"), "a new title: not what one run gives")


def interrupted(nuloop, job):
    """Stopped and killed runs go on to the same bytes, extensions as well."""
    long = ("--set", 'axes.exposure={ from = "1 yr", to = "5 yr", points = 40 }')
    nuloop.good("run", job, "-o", "long.h5", *long, threads=2)
    nuloop.good("run", job, "-o", "long-start.h5", *long, *count(5000), threads=2)
    for name, more in ((signal.SIGUSR1, ()), (signal.SIGKILL, ()),
                       (signal.SIGKILL, ("--extend", "long-start.h5"))):
        path = Path(f"{name.name}{len(more)}.h5")
        part = Path(f"{path}.part")
        status = nuloop.interrupted(name, 40, "run", job, *long, *more, output=path)
        wanted = 75 if name == signal.SIGUSR1 else -signal.SIGKILL
        if not check(status == wanted and part.exists() and not path.exists(),
                     f"{name.name} {more}: status {status}, {sorted(Path().glob(f'{path}*'))}"):
            continue
        nuloop.good("run", job, "-o", path, *long, *more, "--resume", ranks=2)
        check(sha256(path) == sha256("long.h5"), f"after {name.name} {more}: other bytes")
        record = json.loads(Path(f"{path}.run.json").read_text())
        check(record["tasks_before"] < record["tasks"], f"after {name.name} {more}: nothing was left to do")


def refusals(nuloop, job):
    def refused(words, parts, earlier="start.h5"):
        before = sha256(earlier) if Path(earlier).exists() else None
        outcome = nuloop("run", job, "-o", "refused.h5", "--extend", earlier, *words)
        check(outcome.status == 3 and len(outcome.messages()) == 1
              and all(part in outcome.messages()[0] for part in parts),
              f"{outcome.command}: status {outcome.status}, wants {parts}\n{outcome.err}")
        check(not list(Path().glob("refused*")), f"{outcome.command}: leaves something behind")
        check(before is None or sha256(earlier) == before, f"{outcome.command}: changes {earlier}")

    refused(("--set", 'settings."toys.seed"=2'), ["cannot be extended", 'settings."toys.seed" is 1.0 there and 2.0'])
    refused(("--set", "settings.flux=huber"), ["cannot be extended", "settings.flux"])
    refused(("--set", 'settings."toys.pulls"=nominal'), ["cannot be extended", "toys.pulls"])
    refused(("--set", 'axes.exposure=["1 yr", "6 yr"]'), ["cannot be extended", "axes.exposure"])
    refused(("--set", 'axes."toys.tail"=[0, 4]'), ["cannot be extended", "toys.tail"])
    refused(count(10000), ["15000 pseudo-experiments, more than 10000"], "whole.h5")
    refused(("--set", 'axes."toys.pulls"=["thrown"]'), ["cannot be extended", "toys.pulls"])
    refused((), ["no such file"], "nothing.h5")

    axis, _ = write("counts", (COUNT, ""), ('"toys.tail" = [0, 5]', '"toys.count" = [5000, 10000]'))
    nuloop.good("run", axis, "-o", "counts.h5")
    outcome = nuloop("run", axis, "-o", "refused.h5", "--extend", "counts.h5")
    check(outcome.status == 3 and "toys.count is an axis" in outcome.err, f"{outcome.command}:\n{outcome.err}")

    nuloop.good("run", nuloop.source / "jobs" / "fig6.toml", "-o", "rates.h5", "--set",
                "settings.window.bin_width=3 MeV")
    refused((), ["rates.h5", "no pseudo-experiments"], "rates.h5")
    outcome = nuloop("run", nuloop.fig7, "-o", "refused.h5", "--extend", "start.h5")
    check(outcome.status == 3 and 'only results of kind "reach"' in outcome.err, f"{outcome.command}:\n{outcome.err}")
    shutil.copy("start.h5", "unfinished.h5")
    with h5py.File("unfinished.h5", "r+") as file:
        file["status"][0, 0, 0, 0] = 0
    refused((), ["unfinished.h5: is not complete"], "unfinished.h5")
    shutil.copy("start.h5", "damaged.h5")
    with h5py.File("damaged.h5", "r+") as file:
        file["toys/histogram"][0, 0, 0, 0, 400] += 1
    refused((), ["damaged.h5: 1 tasks are damaged; the first is task 0"], "damaged.h5")


def bad_input(nuloop):
    cases = [
        (COUNT, '"toys.count" = 5001', ["toys.count", "5001", "multiple of 5000"]),
        (COUNT, '"toys.count" = 0', ["toys.count", "out of range"]),
        (COUNT, '"toys.count" = 2e12', ["toys.count", "out of range"]),
        (COUNT, "", ["toys.count"]),
        (COUNT, COUNT + '\n"toys.seed" = 1.5', ["toys.seed", "whole number"]),
        (COUNT, COUNT + '\n"toys.seed" = -1', ["toys.seed", "out of range"]),
        (COUNT, COUNT + f'\n"toys.seed" = {2**53 + 1}', ["toys.seed", "out of range"]),  # 2**53 as a double
        ("[0, 5]", "[0, -5]", ["toys.tail", "-5", "out of range"]),
        ("[0, 5]", "[0, 31]", ["toys.tail", "31", "out of range"]),
        (COUNT, COUNT + '\n"toys.truth" = "lo-cr"', ["toys.truth", '"lo-cr"', 'did you mean "lo+cr"']),
        (COUNT, COUNT + '\n"toys.tested" = "nlo"', ["toys.tested", '"nlo"', "model, reference"]),
        (COUNT, COUNT + '\n"toys.pulls" = "throne"', ["toys.pulls", 'did you mean "thrown"']),
        (COUNT, COUNT + '\n"toys.sed" = 3', ["toys.sed", "unknown key"]),
        (COUNT, COUNT + '\n"discovery.significance" = 3', ["discovery.significance"]),
        ('kind = "toys"', 'kind = "reach"', ["toys.tail"]),
        ('kind = "toys"', 'kind = "toy"', ["job.kind", 'did you mean "toys"']),
    ]
    for number, (old, new, parts) in enumerate(cases):
        path, line = write(f"bad-{number}", (old, new))
        outcome = nuloop("run", path, "-o", "bad.h5")
        messages = outcome.messages()
        count = 2 if new == 'kind = "reach"' else 1  # an axis and a setting that it does not take
        check(outcome.status == 3 and len(messages) == count and all(part in messages[0] for part in parts),
              f"{new!r}: status {outcome.status}, wants {parts}\n{outcome.err}")
        # A key that is missing, or on a line of its own, is elsewhere.
        place = f"{path}:{line + new.count(chr(10))}:"
        check("kind" in old or not new or place in outcome.err, f"{new!r}: not at {place}: {outcome.err}")
        check(not list(Path().glob("bad.h5*")), f"{new!r}: leaves something behind")
    # A hypothesis is compared with itself: every point fails, with its reason.
    path, _ = write("itself", ('model = "nlo"', 'model = "lo"'))
    outcome = nuloop("run", path, "-o", "itself.h5")
    check(outcome.status == 4 and "tested hypothesis and alternative are the same" in outcome.err,
          f"{outcome.command}: status {outcome.status}\n{outcome.err}")
    listed = json.loads(nuloop.good("report", "itself.h5.part", "--format", "json").out)["rows"]
    check(listed and all(row["failed"] is True and row["significance"] is row["toys_sigma"] is None
                         for row in listed),
          f"failed points in JSON: {listed[:1]}")


def reports(nuloop):
    with h5py.File("whole.h5") as file:
        significance = file["toys/significance"][:].ravel()
        median = file["toys/quantile"][..., 2].ravel()
        p = file["toys/p_value"][..., list(file["toys/threshold"]).index(3)].ravel()
    table = nuloop.good("report", "whole.h5").out.splitlines()
    check(table[0] == "A few pseudo-experiments" and len(table) == 5 + len(significance), f"report: {table}")
    for word in ("toys.tail", "sqrt(chi2)", "z median", "p(3)/Gauss", "asymptotic"):
        check(word in table[3], f"report: no {word} in {table[3]}")
    text = nuloop.good("report", "whole.h5", "--format", "csv").out
    rows = list(csv.DictReader(io.StringIO(text)))
    listed = json.loads(nuloop.good("report", "whole.h5", "--format", "json").out)["rows"]
    check(len(rows) == len(listed) == len(significance), "report: other numbers of rows")
    gaussian = math.erfc(3 / math.sqrt(2))  # truth is what is tested: z is expected at 0
    for row, entry, chi, z, tail in zip(rows, listed, significance, median, p):
        for shown in (row, entry):
            check(float(shown["significance"]) == chi and float(shown["z_median"]) == z,
                  f"report: {shown} is not {chi}, {z}")
            # A division and erfc of two libraries.
            check(math.isclose(float(shown["tail_3_over_gaussian"]), tail / gaussian, rel_tol=1e-13, abs_tol=0),
                  f"report: {shown} has not p(3) = {tail}")
        check((row["experiment"], float(row["exposure"])) == (entry["experiment"], entry["exposure"]),
              f"report: {row} {entry}")
    verified = nuloop.good("verify", "whole.h5")
    check("complete" in verified.out + verified.err, f"verify: {verified.out}{verified.err}")
    nuloop.good("verify", "whole.h5", "end.h5")
    different = nuloop("verify", "whole.h5", "seed.h5")
    check(different.status == 3, f"verify of another seed: status {different.status}")


def plans(nuloop, job):
    """A plan counts as a run does, and takes no longer for more pseudo-experiments."""
    def plan(*words):
        return json.loads(nuloop.good("plan", job, "--format", "json", "--threads", "1", *words).out)

    small, large = plan(*count(100000)), plan(*count("1e9"))
    tasks = json.loads(Path("whole.h5.run.json").read_text())["tasks"]
    check(small["tasks"] == large["tasks"] == tasks, f"plan: {small['tasks']} and {large['tasks']} tasks, not {tasks}")
    check(small["outer_points"] == 16 and small["inner_points"] == 1, f"plan: {small}")
    check(abs(small["result_bytes"] / Path("whole.h5").stat().st_size - 1) < 0.2,
          f"plan: {small['result_bytes']} bytes, there are {Path('whole.h5').stat().st_size}")
    # Were they not scaled, it would be 1. A busy machine makes times longer: the least of some is the nearest.
    least = {toys: min(plan(*count(toys))["point_s"] for _ in range(5)) for toys in (100000, "1e9")}
    ratio = least["1e9"] / least[100000] / 1e4
    check(0.1 < ratio < 10, f"plan: 1e4 times as many toys take {ratio} of 1e4 times as long")


def test(nuloop):
    job, _ = write("job")
    nuloop.good("run", job, "-o", "whole.h5")
    whole = sha256("whole.h5")
    same_bytes(nuloop, job, whole)
    registers(nuloop)
    independent_points(nuloop)
    more_toys(nuloop, job)
    interrupted(nuloop, job)
    refusals(nuloop, job)
    bad_input(nuloop)
    reports(nuloop)
    plans(nuloop, job)
    check(sha256("whole.h5") == whole, "the first result has changed")


main(test)
