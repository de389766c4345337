"""Instructions of the tasks of nuloop_count under callgrind: the difference of two runs that repeat a task a
different number of times, so that start-up cancels.

counts.py NULOOP_COUNT measure OUTPUT.json [JOBS]   all tasks
counts.py NULOOP_COUNT check BOUNDS.csv [JOBS]      fails if a task of the table takes more than its bound
counts.py NULOOP_COUNT bounds BOUNDS.csv [JOBS]     writes such a table anew, for the tasks it has
"""
# SPDX-License-Identifier: GPL-3.0-or-later
import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SKIPPED = 77
# Start-up differs by thousands of instructions from run to run.
SIGNIFICANT = 2e6
MOST_REPETITIONS = 2000
ALLOWANCE = 2  # a bound is that many times what was measured


def list_tasks(program):
    """Name -> what the task consists of and how many of it."""
    text = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    return {row["task"]: {"item": row["item"], "items": float(row["items"])}
            for row in csv.DictReader(io.StringIO(text))}


def collected(program, task, repetitions):
    done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, task,
                           str(repetitions)], capture_output=True, text=True,
                          env=dict(os.environ, OMP_NUM_THREADS="1", NULOOP_REGISTERS="baseline"))
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not found:
        sys.exit(f"{task}: valgrind ended with {done.returncode}\n{done.stderr}")
    return int(found[1])


def instructions(program, task):
    """Of one repetition, the first one apart, which may prepare what others use."""
    one = collected(program, task, 1)
    difference = max(collected(program, task, 2) - one, 1)
    if difference >= SIGNIFICANT:
        return float(difference)
    more = min(MOST_REPETITIONS, int(SIGNIFICANT / difference) + 1)
    return (collected(program, task, 1 + more) - one) / more


def measure(program, tasks, jobs):
    with ThreadPoolExecutor(jobs) as pool:
        return dict(zip(tasks, pool.map(lambda task: instructions(program, task), tasks)))


def read_bounds(path):
    lines = [line for line in Path(path).read_text().splitlines() if not line.startswith("#")]
    return {row["task"]: float(row["instructions"]) for row in csv.DictReader(lines)}


def check(program, path, jobs):
    bounds = read_bounds(path)
    unknown = set(bounds) - set(list_tasks(program))
    if unknown:
        sys.exit(f"{path}: there are no tasks {', '.join(sorted(unknown))}")
    found = measure(program, list(bounds), jobs)
    for task, bound in bounds.items():
        verdict = "" if found[task] <= bound else "  TOO MANY"
        print(f"{task:40} {found[task]:14.0f} of {bound:14.0f}{verdict}")
    return 1 if any(found[task] > bound for task, bound in bounds.items()) else 0


def write_bounds(program, path, jobs):
    comments = [line for line in Path(path).read_text().splitlines() if line.startswith("#")]
    found = measure(program, list(read_bounds(path)), jobs)
    rows = [f"{task},{float(f'{ALLOWANCE * value:.2g}'):.0f}" for task, value in found.items()]
    Path(path).write_text("\n".join([*comments, "task,instructions", *rows]) + "\n")
    return 0


def write_all(program, path, jobs):
    tasks = list_tasks(program)
    found = measure(program, list(tasks), jobs)
    report = {task: {**about, "instructions": found[task]} for task, about in tasks.items()}
    Path(path).write_text(json.dumps(report, indent=2) + "\n")
    return 0


def main():
    actions = {"measure": write_all, "check": check, "bounds": write_bounds}
    if len(sys.argv) not in (4, 5) or sys.argv[2] not in actions:
        sys.exit(__doc__)
    if shutil.which("valgrind") is None:
        print("skipped: instructions are counted with valgrind, which is not installed")
        sys.exit(SKIPPED)
    jobs = int(sys.argv[4]) if len(sys.argv) == 5 else 2
    sys.exit(actions[sys.argv[2]](Path(sys.argv[1]).absolute(), sys.argv[3], jobs))


if __name__ == "__main__":
    main()
