"""The numbers of a scaling study, from the records of its runs; as a script, the costs to simulate with."""
# SPDX-License-Identifier: GPL-3.0-or-later
import csv
import json
import sys
from pathlib import Path
from statistics import median

PHASES = ("plan", "start", "compute", "write", "wait")
COLUMNS = ("scan", "length", "ranks", "threads", "cores", "best_s", "median_s", "worst_s", "elapsed_s",
           "speed_up", "efficiency", "karp_flatt", "imbalance", "io_share",
           *(f"{phase}_s" for phase in PHASES), "rest_s", "load")


def speed_up(single_s, parallel_s, length=1):
    """Of a job `length` times as long as that of one core: how much sooner than one core it is done."""
    return length * single_s / parallel_s


def efficiency(gain, cores):
    return gain / cores


def karp_flatt(gain, cores):
    """The serial fraction that would explain the speed-up: A. H. Karp, H. P. Flatt,
    Commun. ACM 33 (1990) 539. None on one core."""
    return None if cores == 1 else (1 / gain - 1 / cores) / (1 - 1 / cores)


def imbalance(record):
    """Longest over mean time of computing on a rank."""
    compute = record["seconds"]["compute"]
    return compute["max"] / compute["mean"]


def io_share(record):
    """Reading inputs, creating the file and writing it, as a share of the ranks' time."""
    seconds = record["seconds"]
    return sum(seconds[phase]["mean"] for phase in ("plan", "start", "write")) / seconds["total"]["max"]


class Run:
    """One configuration: all its repetitions, of which the best one speaks."""

    def __init__(self, key, rows):
        self.length, self.ranks, self.threads = key
        self.cores = self.ranks * self.threads
        self.rows = sorted(rows, key=lambda row: row["total_s"])
        self.best = self.rows[0]

    def numbers(self, scan, single_s):
        record, totals = self.best["record"], [row["total_s"] for row in self.rows]
        gain = speed_up(single_s, totals[0], self.length)
        phases = {f"{phase}_s": record["seconds"][phase]["mean"] for phase in PHASES}
        return {"scan": scan, "length": self.length, "ranks": self.ranks, "threads": self.threads,
                "cores": self.cores, "best_s": totals[0], "median_s": median(totals),
                "worst_s": totals[-1], "elapsed_s": self.best["elapsed_s"], "speed_up": gain,
                "efficiency": efficiency(gain, self.cores),
                "karp_flatt": karp_flatt(gain, self.cores), "imbalance": imbalance(record),
                "io_share": io_share(record), **phases,
                "rest_s": totals[0] - sum(phases.values()), "load": self.best["load"]}


class Study:
    """The folder of a study; ends the program if results of the same job differ."""

    def __init__(self, folder):
        self.folder = Path(folder)
        groups, digests = {}, {}
        with open(self.folder / "runs.csv", newline="") as file:
            for row in csv.DictReader(file):
                key = tuple(int(row[name]) for name in ("length", "ranks", "threads"))
                record = json.loads((self.folder / row["record"]).read_text())
                if (record["ranks"], record["threads_per_rank"]) != key[1:]:
                    sys.exit(f"{row['record']}: ran on {record['ranks']} ranks of "
                             f"{record['threads_per_rank']} threads")
                digests.setdefault(key[0], set()).add(row["sha256"])
                groups.setdefault(key, []).append(
                    {"record": record, "total_s": record["seconds"]["total"]["max"],
                     "elapsed_s": float(row["elapsed_s"]), "load": float(row["load"])})
        different = [length for length, found in digests.items() if len(found) > 1]
        if different:
            sys.exit(f"{self.folder}: results of the same job differ, of length "
                     f"{', '.join(map(str, different))}")
        self.digests = {length: found.pop() for length, found in digests.items()}
        self.runs = {key: Run(key, rows) for key, rows in groups.items()}
        self.single = self.runs[1, 1, 1]
        self.cores = max(run.cores for run in self.runs.values())

    def scans(self):
        """Rows of numbers: strong by ranks and by threads, weak, and all ways to use all cores."""
        chosen = {
            "ranks": lambda run: run.length == 1 and run.threads == 1,
            "threads": lambda run: run.length == 1 and run.ranks == 1,
            "weak": lambda run: run.length == run.ranks and run.threads == 1,
            "hybrid": lambda run: run.length == 1 and run.cores == self.cores,
        }
        single_s = self.single.best["total_s"]
        return [run.numbers(scan, single_s) for scan, belongs in chosen.items()
                for run in sorted(self.runs.values(), key=lambda r: (r.cores, r.threads))
                if belongs(run)]

    def simulations(self):
        """What `nuloop plan` says: one job on more and more ranks, and jobs as long as the ranks."""
        def load(path):
            return json.loads(path.read_text())

        def entry(plan, run):
            busy_s = run["master_busy"] * run["wall_s"]
            return {"ranks": run["ranks"], "points": plan["outer_points"], "tasks": plan["tasks"],
                    "wall_s": run["wall_s"], "requests": run["requests"],
                    "request_s": plan["request_s"], "master_busy": run["master_busy"],
                    "longest_wait_s": run["longest_wait_s"],
                    # At this time per request the master would do nothing else.
                    "saturating_request_s": run["wall_s"] / run["requests"] if busy_s else None}

        plan = load(self.folder / "plan-strong.json")
        strong = [{**entry(plan, run), "efficiency": run["efficiency"]} for run in plan["simulated"]]
        weak = []
        for path in self.folder.glob("plan-weak-*.json"):
            ranks, plan = int(path.stem.rsplit("-", 1)[1]), load(path)
            weak += [entry(plan, run) for run in plan["simulated"] if run["ranks"] == ranks]
        weak.sort(key=lambda run: run["ranks"])
        for run in weak:
            run["efficiency"] = weak[0]["wall_s"] / run["wall_s"]
        return {"strong": strong, "weak": weak}

    def costs(self):
        """The record of the best run on one core, with the master's time for a request from the runs
        on several ranks: the median of their medians."""
        answers = [row["record"]["requests"]["median_s"] for run in self.runs.values()
                   for row in run.rows if row["record"]["requests"]["count"] > 0]
        record = dict(self.single.best["record"])
        if answers:
            record["requests"] = {"count": len(answers), "median_s": median(answers)}
        return record


def main():
    if len(sys.argv) != 2:
        sys.exit(f"usage: {Path(sys.argv[0]).name} FOLDER, that of the records")
    study = Study(sys.argv[1])
    (study.folder / "costs.run.json").write_text(json.dumps(study.costs(), indent=2) + "\n")


if __name__ == "__main__":
    main()
