# The scaling study runs, and its report says what follows from the records of its runs.
# SPDX-License-Identifier: GPL-3.0-or-later
import csv
import json
import os
import subprocess
import sys
from pathlib import Path

from harness import PATIENCE, check, main, skip

try:
    import h5py  # noqa: F401
    from matplotlib.image import imread
except ImportError as missing:
    skip(missing)

PHASES = ("plan", "start", "compute", "write", "wait")
# A sum or quotient of a few numbers that went through decimal texts and back.
ROUNDING = 1e-12


def close(a, b):
    return abs(a - b) <= ROUNDING * max(abs(a), abs(b), 1.0)


def study(nuloop, **more):
    return subprocess.run([nuloop.source / "jobs" / "scaling.sh"], capture_output=True, text=True,
                          timeout=PATIENCE, stdin=subprocess.DEVNULL,
                          env=dict(os.environ, NULOOP_SCALING_QUICK="1", NULOOP_RESULTS=str(Path.cwd()),
                                   NULOOP_PROGRAM=str(nuloop.program), **more))


def records():
    """(length, ranks, threads) -> the record of the only run."""
    with open("scaling/runs.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    found = {tuple(int(row[name]) for name in ("length", "ranks", "threads")):
             json.loads((Path("scaling") / row["record"]).read_text()) for row in rows}
    check(set(found) == {(1, 1, 1), (1, 2, 1), (1, 1, 2), (2, 2, 1)}, f"runs: {sorted(found)}")
    check(len(rows) == len(found), "a run was done twice")
    for (length, ranks, threads), record in found.items():
        check((record["ranks"], record["threads_per_rank"]) == (ranks, threads),
              f"{length}, {ranks} x {threads}: the record says {record['ranks']} x "
              f"{record['threads_per_rank']}")
    by_length = {}
    for row in rows:
        by_length.setdefault(row["length"], set()).add(row["sha256"])
    check(all(len(digests) == 1 for digests in by_length.values()), "results differ")
    check(by_length["1"] != by_length["2"], "jobs of different length give the same bytes")
    return found


def record_adds_up(name, record):
    seconds = record["seconds"]
    for phase, value in seconds.items():
        check(0 <= value["min"] <= value["mean"] * (1 + ROUNDING) <= value["max"] * (1 + ROUNDING) ** 2,
              f"{name}: {phase} {value}")
    phases = sum(seconds[phase]["mean"] for phase in PHASES)
    check(phases <= seconds["total"]["max"], f"{name}: phases of {phases} s in {seconds['total']} s")
    check(record["points"]["count"] == record["outer_points"], f"{name}: {record['points']} points")
    pieces = sum(record[piece]["count"] * record[piece]["seconds"]["mean"]
                 for piece in ("integrals", "points"))
    compute = record["ranks"] * seconds["compute"]["mean"]
    check(close(pieces, compute), f"{name}: pieces take {pieces} s, computing {compute} s")
    check((record["requests"]["count"] > 0) == (record["ranks"] > 1),
          f"{name}: {record['requests']} requests")
    check(record["memory_MB"]["min"] > 1, f"{name}: {record['memory_MB']} MB")


def numbers(found):
    single = found[1, 1, 1]["seconds"]["total"]["max"]
    with open("scaling.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    expected = {("ranks", 1, 1, 1), ("ranks", 1, 2, 1), ("threads", 1, 1, 1), ("threads", 1, 1, 2),
                ("weak", 1, 1, 1), ("weak", 2, 2, 1), ("hybrid", 1, 2, 1), ("hybrid", 1, 1, 2)}
    keys = [(row["scan"], *(int(row[name]) for name in ("length", "ranks", "threads"))) for row in rows]
    check(sorted(keys) == sorted(expected), f"scaling.csv: {keys}")
    for (scan, *key), row in zip(keys, rows):
        record, (length, ranks, threads) = found[tuple(key)], key
        seconds = record["seconds"]
        total, cores = seconds["total"]["max"], ranks * threads
        wanted = {"cores": cores, "best_s": total, "median_s": total, "worst_s": total,
                  "speed_up": length * single / total, "efficiency": length * single / total / cores,
                  "imbalance": seconds["compute"]["max"] / seconds["compute"]["mean"],
                  "io_share": (seconds["plan"]["mean"] + seconds["start"]["mean"]
                               + seconds["write"]["mean"]) / total,
                  "rest_s": total - sum(seconds[phase]["mean"] for phase in PHASES),
                  **{f"{phase}_s": seconds[phase]["mean"] for phase in PHASES}}
        for name, value in wanted.items():
            check(close(float(row[name]), value), f"{scan} {key}: {name} {row[name]}, not {value}")
        check(float(row["elapsed_s"]) >= total, f"{scan} {key}: elapsed {row['elapsed_s']} s")
        if cores == 1:
            check(row["karp_flatt"] == "", f"{scan} {key}: Karp-Flatt {row['karp_flatt']} on a core")
        else:
            # With that serial fraction f, Amdahl's law gives the speed-up: 1/S = f + (1 - f)/p.
            serial = float(row["karp_flatt"])
            check(close(serial + (1 - serial) / cores, total / (length * single)),
                  f"{scan} {key}: Karp-Flatt {serial}")
    report = json.loads(Path("scaling.json").read_text())
    check([{name: "" if value is None else str(value) for name, value in row.items()}
           for row in report["measured"]] == rows, "scaling.json and scaling.csv differ")
    return report


def simulations(report):
    weak, strong = report["simulated"]["weak"], report["simulated"]["strong"]
    check([run["ranks"] for run in weak] == [1, 16, 256], f"weak: {weak}")
    check([run["ranks"] for run in strong] == [2**n for n in range(15)], f"strong: {strong}")
    for run in weak:
        check(run["points"] == weak[0]["points"] * run["ranks"], f"weak: {run}")
        check(close(run["efficiency"], weak[0]["wall_s"] / run["wall_s"]), f"weak: {run}")
        check(run["ranks"] == 1 or run["requests"] >= run["ranks"] - 1, f"weak: {run}")
        check(close(run["master_busy"], run["requests"] * run["request_s"] / run["wall_s"]),
              f"weak: {run}")
    for run in strong:
        check(run["points"] == weak[0]["points"], f"strong: {run}")
        check(close(run["efficiency"], strong[0]["wall_s"] / run["wall_s"] / run["ranks"]),
              f"strong: {run}")


def shown():
    text = Path("scaling.txt").read_text()
    for heading in ("Strong scaling by ranks", "Strong scaling by threads", "Weak scaling", "Hybrid",
                    "speed-up", "efficiency", "Karp-Flatt", "imbalance", "I/O share", "compute", "wait",
                    "master busy", "longest wait (s)", "load"):
        check(heading in text, f"scaling.txt has no {heading}")
    check(text.count("SIMULATION, not measured") == 2, "scaling.txt: simulations are not marked")
    pixels = imread("scaling.png")[..., :3]
    check(0.01 < (pixels.min(axis=-1) < 0.9).mean() < 0.5, "scaling.png shows nothing")
    check(Path("scaling.pdf").read_bytes().startswith(b"%PDF-"), "scaling.pdf is no PDF")


def differing_results(nuloop):
    """A study one of whose results has other bytes is refused."""
    table = Path("scaling/runs.csv")
    header, first, *rest = table.read_text().splitlines()
    cells = first.split(",")
    cells[6] = "0" * 64
    table.write_text("\n".join([header, ",".join(cells), *rest]) + "\n")
    done = subprocess.run([sys.executable, nuloop.source / "apps" / "plots" / "scaling.py", "scaling"],
                          capture_output=True, text=True, timeout=PATIENCE)
    check(done.returncode != 0 and "differ" in done.stderr, f"differing results: {done.stderr}")


def costs(nuloop):
    """A plan takes the costs from a record, and says what is wrong with one."""
    job = nuloop.source / "jobs" / "scaling.toml"
    Path("bad.run.json").write_text("{}")
    for words in (("--costs", "bad.run.json"), ("--costs", "none.run.json")):
        outcome = nuloop("plan", job, *words)
        check(outcome.status == 3 and words[1] in outcome.err, f"{words}: {outcome.err}")
    outcome = nuloop("plan", job, "--costs", "scaling/costs.run.json", "--format", "xml")
    check(outcome.status == 2, f"--format xml: {outcome.status}")
    table = nuloop.good("plan", job, "--costs", "scaling/costs.run.json", "--ranks", "12").out
    check("#SBATCH --ntasks=12\n" in table, f"plan --costs:\n{table}")


def test(nuloop):
    done = study(nuloop)
    if not check(done.returncode == 0, f"scaling.sh: {done.returncode}\n{done.stdout}\n{done.stderr}"):
        return
    found = records()
    for key, record in found.items():
        record_adds_up(key, record)
    simulations(numbers(found))
    shown()
    costs(nuloop)
    differing_results(nuloop)


main(test)
