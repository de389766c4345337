"""The page of what was measured: page.py FOLDER BUILD writes FOLDER.md and FOLDER.json from the files that
timing, side_by_side.py, peers.py, counts.py and memory.py left in FOLDER; with a README as a third word it puts the page there
between its markers.
"""
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import os
import platform
import re
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path
from statistics import median

BEGIN, END = "<!-- begin measured -->", "<!-- end measured -->"
# Tasks that are one of a series: what grows.
SERIES = ("bins", "experiments", "scenarios", "points", "ranks")
# The least that a dilogarithm takes: its argument is mapped to [0, 1/2] with one logarithm, and the series in
# -ln(1 - x), another one, needs a dozen terms for double precision.
DILOGARITHM = {"logarithms": 2, "multiplications and additions": 28}
BUSY = 0.5  # a load from which on times are not to be trusted


def digits(value, count=3):
    """That many significant digits without an exponent."""
    if value == 0:
        return "0"
    rounded = float(f"{value:.{count}g}")
    return f"{rounded:.12f}".rstrip("0").rstrip(".") if abs(rounded) < 1 else f"{rounded:,.12g}"


def scaled(value, units):
    """In the unit that leaves a number of 1 to 1000."""
    for factor, unit in units:
        if value >= factor:
            break
    return f"{digits(value / factor)} {unit}"


def duration(seconds):
    return scaled(seconds, ((1, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns")))


def amount(value):
    return scaled(value, ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1, ""))).strip()


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows])


def command_output(*words):
    done = subprocess.run(words, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else "unknown"


def machine(build, folder):
    load, timed = ((folder / name).read_text().strip() for name in ("load", "timed"))
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())
    cache = (build / "CMakeCache.txt").read_text()
    compiler = re.search(r"CMAKE_CXX_COMPILER:\w+=(.*)", cache)[1]
    commands = json.loads((build / "compile_commands.json").read_text())
    flags = next(entry["command"] for entry in commands if "/nuloop_physics.dir/" in entry["command"])
    words = [word for word in flags.split() if re.match(r"-(O|DNDEBUG|m|f|std|W|g)", word)]
    return {"CPU": cpu[1] if cpu else platform.machine(), "cores": os.cpu_count(),
            "memory": f"{int(memory[1]) / 2**20:.0f} GiB",
            "load at the start": load, "each task timed": timed, "system": f"{platform.system()} {platform.release()}",
            "compiler": command_output(compiler, "--version").splitlines()[0], "flags": " ".join(words),
            "date": datetime.now(timezone.utc).strftime("%Y-%m-%d"),
            "program": command_output(build / "bin" / "nuloop", "--version")}


def timings(path):
    """Name -> seconds of an item in each repetition, bytes per second of the best one, what an item is."""
    found = {}
    runs = json.loads(path.read_text())["benchmarks"]
    for run in sorted(runs, key=lambda run: run["family_index"]):  # they were made in random order
        if run.get("error_occurred"):
            sys.exit(f"{run['run_name']}: {run['error_message']}")
        if run["run_type"] != "iteration":
            continue
        entry = found.setdefault(run["run_name"].removesuffix("/real_time"), {"item": run["label"], "seconds": []})
        entry["seconds"].append(1 / run["items_per_second"])
        entry["items"] = run["items"]
        if "bytes_per_second" in run:
            entry["bytes_per_second"] = max(entry.get("bytes_per_second", 0), run["bytes_per_second"])
    for entry in found.values():
        entry["best_s"], entry["median_s"] = min(entry["seconds"]), median(entry["seconds"])
    return found


def work_table(times):
    rows = []
    for name, entry in times.items():
        rate = (f"{amount(entry['bytes_per_second'])}B" if "bytes_per_second" in entry
                else amount(1 / entry["best_s"]))
        rows.append((f"`{name}`", entry["item"], duration(entry["best_s"]), duration(entry["median_s"]), rate))
    return table(("task", "one", "best", "median", "per second"), rows)


def side_table(times, side):
    def ratio(python_s, nuloop_s):
        return f"{python_s / nuloop_s:,.0f}"

    work, process = times["fig7/in_memory"]["best_s"], side["nuloop_process_s"]
    rows = [("Fig. 7, inputs to results in memory", duration(side["python_work_s"]), duration(work),
             ratio(side["python_work_s"], work)),
            ("Fig. 7, whole process (nuloop: `mpirun -n 1`, with the result file)", duration(side["python_process_s"]),
             duration(process), ratio(side["python_process_s"], process))]
    for name, seconds in side["python_evaluation_s"].items():
        best = times[f"cross_section/{name}"]["best_s"]
        rows.append((f"NLO evaluation, {name}", duration(seconds), duration(best), ratio(seconds, best)))
    text = table(("one core each", "plain Python", "nuloop", "ratio"), rows)
    phases = side["nuloop_phases_s"]
    return (f"{text}\n\nOf nuloop's process the run is {duration(phases['total'])}, of which computing is "
            f"{duration(phases['compute'])}; the rest is starting and ending it. Largest relative difference of the "
            f"{side['chi2_values']} chi2 {side['chi2_difference']:.0e}, of the {side['discovery_times']} discovery times "
            f"{side['discovery_time_difference']:.0e}.")


def peer_table(peers, times):
    """nuloop beside programs that are written for speed."""
    def row(name, peer, python_s, nuloop_s):
        return name, peer, duration(python_s), duration(nuloop_s), digits(python_s / nuloop_s, 2)

    sweep, toys = peers["sweep"], peers["toys"]
    rows = [row("Fig. 7, inputs to results in memory", "numpy, fixed nodes", peers["fig7"]["python_s"],
                times["fig7/in_memory"]["best_s"]),
            row(f"a sweep of {sweep['points']:,} masses and angles", "numpy, all points in arrays", sweep["python_s"],
                sweep["nuloop_s"]),
            row("a pseudo-experiment, closed form", "numpy, Philox, thousands in an array", toys["python_s"],
                toys["nuloop_s"])]
    if "fits" in peers:
        rows.append(row("a pseudo-experiment, Poisson fit with two pulls", "iminuit with gradient",
                        peers["fits"]["python_s"], peers["fits"]["nuloop_s"]))
    differences = ", ".join(f"{found['difference']:.0e} ({name})" for name, found in peers.items()
                            if "difference" in found)
    text = table(("one core each", "peer", "peer's time", "nuloop", "ratio"), rows)
    return f"{text}\n\nLargest relative difference of chi2, times and z: {differences}."


def floor_s(operations, times):
    """Seconds of a formula's logarithms, multiplications and additions at the machine's own throughput; divisions and
    all else free. A multiplication and an addition are done together."""
    done = {name: operations[name] + operations["dilogarithms"] * DILOGARITHM[name] for name in DILOGARITHM}
    return (done["logarithms"] * times["logarithm"]["best_s"]
            + done["multiplications and additions"] / 2 * times["multiply_add"]["best_s"])


def count_table(counts, times):
    rows = []
    for name, entry in counts.items():
        if name.split("/")[0] in SERIES:
            continue
        per_item = entry["instructions"] / entry["items"]
        rows.append((f"`{name}`", entry["item"], amount(per_item), digits(per_item / times[name]["best_s"] / 1e9)))
    text = table(("task", "one", "instructions", "per ns"), rows)

    def per_item(name):
        return counts[name]["instructions"] / counts[name]["items"]

    worth = ", ".join(f"{per_item(f'spectrum/{name}/mueller') / per_item(f'basis_at_recoil/{work}'):,.0f} of "
                      f"`basis_at_recoil/{work}` ({name})"
                      for name, work in (("electron", "electron"), ("electromagnetic", "radiative_tail")))
    return f"{text}\n\nA spectrum takes as many instructions as {worth}."


def floor_table(side, times):
    rows = []
    for name, operations in side["operations"].items():
        floor, best = floor_s(operations, times), times[f"cross_section/{name}"]["best_s"]
        rows.append((name, operations["logarithms"], operations["dilogarithms"],
                     operations["multiplications and additions"], duration(floor), duration(best),
                     digits(best / floor, 2)))
    return table(("evaluation", "logarithms", "dilogarithms", "multiplications and additions", "floor",
                  "measured", "ratio"), rows)


# What is left of the electron spectrum at fixed T, in lib/physics/electron_photonic.cpp: functions of the energy.
BATCH = {"logarithm": 5, "log1p": 2, "dilogarithm": 4}


def batch_table(times):
    floor = sum(number * times[f"batch/{name}"]["best_s"] for name, number in BATCH.items())
    best = times["batch/electron"]["best_s"]
    one = times["basis_at_recoil/electron"]["best_s"]
    return table(("at fixed T, in batches", "logarithms", "ln(1 + x)", "dilogarithms", "floor", "measured", "ratio",
                  "one by one"),
                 [("electron", *BATCH.values(), duration(floor), duration(best),
                   digits(best / floor, 2), duration(one))])


def growth_table(counts):
    rows = []
    for series in SERIES:
        entries = [(name, entry) for name, entry in counts.items() if name.startswith(f"{series}/")]
        first = entries[0][1]["instructions"] / entries[0][1]["items"]
        for name, entry in entries:
            per_item = entry["instructions"] / entry["items"]
            rows.append((series, f"{entry['items']:,.0f}", amount(entry["instructions"]), amount(per_item),
                         digits(per_item / first, 2)))
    return table(("of", "number", "instructions", "for each", "against the first"), rows)


def memory_table(memory):
    rows = []
    for job, runs in memory["runs"].items():
        for run in runs:
            phases = run["phases_s"]
            rows.append((job, run["ranks"], digits(run["memory_MB"]), digits(run["file_MB"]),
                         duration(run["elapsed_s"]), duration(run["elapsed_s"] - run["total_s"]),
                         duration(phases["plan"]), duration(phases["start"]), duration(phases["compute"]),
                         duration(phases["write"])))
    text = table(("job", "ranks", "MiB per rank", "file, MB", "elapsed", "process and MPI", "reading", "file",
                  "computing", "writing"), rows)
    listing = memory["list"]
    return (f"{text}\n\nBefore any work: `nuloop list` takes {duration(listing['elapsed_s'])} and "
            f"{digits(listing['memory_MB'])} MiB, `mpirun -n 1 true` {duration(memory['mpirun_s'])}.")


def page(data):
    times, side, peers, counts, memory = (
        data[name] for name in ("timings", "side_by_side", "peers", "counts", "memory"))
    busy = float(data["machine"]["load at the start"].split()[0]) > BUSY
    return "\n\n".join((
        table(("measured on", ""), data["machine"].items()),
        *(["The machine was busy: the times below are too long, and their ratios rough."] if busy else []),
        "### Time, on one core", work_table(times),
        "### Beside plain Python", side_table(times, side),
        "### Beside programs written for speed", peer_table(peers, times),
        "### Instructions", count_table(counts, times), floor_table(side, times), batch_table(times),
        "### Growth", growth_table(counts),
        "### Memory and start-up", memory_table(memory)))


def update(readme, text):
    before, rest = readme.read_text().split(BEGIN)
    readme.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.split(END)[1]}")


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit("usage: page.py FOLDER BUILD [README]")
    folder, build = map(Path, sys.argv[1:3])
    data = {"machine": machine(build, folder),
            "timings": timings(folder / "timings.json")}
    for name in ("side_by_side", "peers", "counts", "memory"):
        data[name] = json.loads((folder / f"{name}.json").read_text())
    text = page(data)
    folder.with_suffix(".json").write_text(json.dumps(data, indent=2) + "\n")
    folder.with_suffix(".md").write_text(f"# Benchmarks\n\n{text}\n")
    if len(sys.argv) == 4:
        update(Path(sys.argv[3]), text)


if __name__ == "__main__":
    main()
