"""Report and figure of a scaling study, from the folder of its records: see jobs/scaling.sh."""
# SPDX-License-Identifier: GPL-3.0-or-later
import csv
import json
import sys
from pathlib import Path

from scaling_numbers import COLUMNS, PHASES, Study
from style import plt

SCANS = {
    "ranks": "Strong scaling by ranks: the same job, one thread per rank",
    "threads": "Strong scaling by threads: the same job, one rank",
    "weak": "Weak scaling: a job as long as there are ranks, one thread per rank",
    "hybrid": "Hybrid: the same job, all cores as ranks x threads",
}
PHASE_COLOURS = {"plan": "#7f7f7f", "start": "#4a94d2", "compute": "#0b3c8c", "write": "#b88a00",
                 "wait": "#b2161e"}
# What a person reads: heading, column, format.
SHOWN = (("ranks", "ranks", "{:d}"), ("threads", "threads", "{:d}"), ("best (s)", "best_s", "{:.3f}"),
         ("median", "median_s", "{:.3f}"), ("worst", "worst_s", "{:.3f}"),
         ("speed-up", "speed_up", "{:.2f}"), ("efficiency", "efficiency", "{:.3f}"),
         ("Karp-Flatt", "karp_flatt", "{:.4f}"), ("imbalance", "imbalance", "{:.3f}"),
         ("I/O share", "io_share", "{:.4f}"), ("plan", "plan_s", "{:.3f}"),
         ("start", "start_s", "{:.3f}"), ("compute", "compute_s", "{:.3f}"),
         ("write", "write_s", "{:.3f}"), ("wait", "wait_s", "{:.3f}"), ("rest", "rest_s", "{:.3f}"),
         ("load", "load", "{:.2f}"))
SIMULATED = (("ranks", "ranks", "{:d}"), ("sets of rates", "points", "{:d}"), ("tasks", "tasks", "{:d}"),
             ("wall (s)", "wall_s", "{:.4g}"), ("efficiency", "efficiency", "{:.3f}"),
             ("requests", "requests", "{:d}"), ("master busy", "master_busy", "{:.4f}"),
             ("longest wait (s)", "longest_wait_s", "{:.3g}"),
             ("saturating (us)", "saturating_us", "{:.3g}"))
BOTTLENECK = 0.5  # of the master's time


def write_rows(file, columns, rows):
    cells = [[heading for heading, _, _ in columns]]
    cells += [["-" if row[name] is None else form.format(row[name]) for _, name, form in columns]
              for row in rows]
    widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
    for line in cells:
        print("  " + "  ".join(cell.rjust(width) for cell, width in zip(line, widths)), file=file)


def bottleneck(runs):
    """In words: where the master stops being quick enough."""
    for run in runs:
        if run["master_busy"] > BOTTLENECK:
            return (f"The master spends more than {100 * BOTTLENECK:.0f} % of its time on messages from "
                    f"{run['ranks']} ranks on.")
    busiest = max(runs, key=lambda run: run["master_busy"])
    return (f"The master spends at most {100 * busiest['master_busy']:.2g} % of its time on messages, at "
            f"{busiest['ranks']} ranks: it is no bottleneck up to {runs[-1]['ranks']}.")


def write_report(file, study, rows, simulations):
    record = study.single.best["record"]
    before = float((study.folder / "load-before").read_text())
    loads = [row["load"] for run in study.runs.values() for row in run.rows]
    repetitions = len(study.single.rows)
    print(f"Scaling of jobs/{record['job']}.toml, nuloop {record['version']} ({record['git_revision']}), "
          f"{record['started']}, on {', '.join(sorted(set(record['hosts'])))}.\n"
          f"{record['outer_points']} sets of rates, {record['integrals']['count']} sets of integrals, "
          f"{record['tasks']} tasks. Best of {repetitions}; phases are those of the best run, means over "
          f"ranks.\nLoad average {before:g} before the first run, {min(loads):g} to {max(loads):g} before "
          "the others, of which the run before it is a part.\n"
          "Results of the same job are the same bytes on all ranks and threads.", file=file)
    for scan, title in SCANS.items():
        print(f"\n{title}", file=file)
        write_rows(file, SHOWN, [row for row in rows if row["scan"] == scan])
    for kind, title in (("strong", "the same job"), ("weak", "a job as long as there are ranks")):
        runs = [{**run, "saturating_us": run["saturating_request_s"] and 1e6 * run["saturating_request_s"]}
                for run in simulations[kind]]
        print(f"\nSIMULATION, not measured: the run's scheduler on {title}, costs of the run on one core,\n"
              f"{1e6 * runs[0]['request_s']:.3g} us per request; no network, no file system, no start of "
              "MPI", file=file)
        write_rows(file, SIMULATED, runs)
        print(f"  {bottleneck(runs)}", file=file)
    longest_s = record["integrals"]["seconds"]["max"] * record["threads_per_rank"]
    print(f"\nThe longest set of integrals of the job takes {longest_s:.3g} s on one core; where ranks would wait "
          f"for it,\nthey compute it together.", file=file)


def draw(path, study, rows, simulations):
    figure, panels = plt.subplots(2, 3, figsize=(12.5, 7.2))

    def scan(name):
        return [row for row in rows if row["scan"] == name]

    def columns(table, *names):
        return [[row[name] for row in table] for name in names]

    strong, weak, hybrid, phases, far_weak, master = panels.flat
    most = study.cores
    strong.plot([1, most], [1, most], color="0.6", linewidth=0.9, label="ideal")
    for name, colour, mark in (("ranks", "#0b3c8c", "o-"), ("threads", "#e8700f", "s--")):
        strong.plot(*columns(scan(name), "cores", "speed_up"), mark, color=colour, label=name,
                    markersize=5)
    strong.set(xscale="log", yscale="log", xlabel="cores", ylabel="speed-up", title="Strong scaling")
    strong.legend(frameon=False)

    weak.axhline(1, color="0.6", linewidth=0.9)
    weak.plot(*columns(scan("weak"), "cores", "efficiency"), "o-", color="#0b3c8c", markersize=5)
    weak.set(xscale="log", ylim=(0, 1.1), xlabel="ranks", ylabel="efficiency", title="Weak scaling")
    for axes in (strong, weak):
        ticks = [2**n for n in range(most.bit_length())]
        axes.set_xticks(ticks, ticks)
        axes.set_xticks([], minor=True)
    strong.set_yticks(ticks, ticks)
    strong.set_yticks([], minor=True)

    names = [f"{row['ranks']} x {row['threads']}" for row in scan("hybrid")]
    hybrid.bar(names, *columns(scan("hybrid"), "efficiency"), color="#4a94d2", width=0.6)
    hybrid.axhline(1, color="0.6", linewidth=0.9)
    hybrid.set(ylim=(0, 1.1), xlabel="ranks x threads", ylabel="efficiency", title="Hybrid")

    measured = {(row["length"], row["ranks"], row["threads"]): row for row in rows}
    labels = [(f"{length} x " if length > 1 else "") + f"{ranks} x {threads}"
              for length, ranks, threads in measured]
    left = [0.0] * len(measured)
    for phase in PHASES:
        shares = [row[f"{phase}_s"] / row["best_s"] for row in measured.values()]
        phases.barh(labels, shares, left=left, color=PHASE_COLOURS[phase], label=phase, height=0.7)
        left = [a + b for a, b in zip(left, shares)]
    phases.invert_yaxis()
    phases.set(xlim=(0, 1), xlabel="share of the time, mean over ranks",
               title="Phases (length x ranks x threads)")
    phases.legend(frameon=False, ncols=5, fontsize=7, loc="upper center", bbox_to_anchor=(0.5, -0.14),
                  columnspacing=1.0, handlelength=1.2)

    for kind, colour, mark in (("weak", "#0b3c8c", "o-"), ("strong", "#b2161e", "s--")):
        far_weak.plot(*columns(simulations[kind], "ranks", "efficiency"), mark, color=colour,
                      markersize=3.5, label=kind)
        master.plot(*columns(simulations[kind], "ranks", "master_busy"), mark, color=colour,
                    markersize=3.5, label=kind)
    far_weak.axhline(1, color="0.6", linewidth=0.9)
    far_weak.set(xscale="log", ylim=(0, 1.1), xlabel="ranks", ylabel="efficiency",
                 title="SIMULATED: efficiency")
    master.axhline(BOTTLENECK, color="0.6", linewidth=0.9)
    master.set(xscale="log", ylim=(0, 1.05), xlabel="ranks", ylabel="share of time spent on messages",
               title="SIMULATED: the master")
    far_weak.legend(frameon=False)
    master.legend(frameon=False)
    figure.subplots_adjust(left=0.06, right=0.985, bottom=0.11, top=0.95, wspace=0.27, hspace=0.36)
    save(figure, path)


def save(figure, path):
    """NAME.png and NAME.pdf, the PDF without a date, so that it is reproducible."""
    figure.savefig(path.with_suffix(".png"), dpi=200)
    figure.savefig(path.with_suffix(".pdf"), metadata={"CreationDate": None})
    print(f"{path.with_suffix('.png')}, {path.with_suffix('.pdf')}", file=sys.stderr)


def main():
    if len(sys.argv) == 2 and sys.argv[1].endswith(".h5"):  # of jobs/run.sh scaling
        print("No figure of one run: jobs/scaling.sh makes a study of many", file=sys.stderr)
        return
    if len(sys.argv) != 2 or not (Path(sys.argv[1]) / "runs.csv").is_file():
        sys.exit(f"usage: {Path(sys.argv[0]).name} FOLDER, the one that jobs/scaling.sh wrote")
    study = Study(sys.argv[1])
    rows, simulations = study.scans(), study.simulations()
    target = study.folder.parent / (study.folder.name + ".h5")
    with open(target.with_suffix(".txt"), "w") as file:
        write_report(file, study, rows, simulations)
    with open(target.with_suffix(".csv"), "w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    report = {"measured": rows, "simulated": simulations,
              "sha256": {str(length): digest for length, digest in study.digests.items()}}
    target.with_suffix(".json").write_text(json.dumps(report, indent=2) + "\n")
    draw(target, study, rows, simulations)


if __name__ == "__main__":
    main()
