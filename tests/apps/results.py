# The tables of jobs/RESULTS.md are those of the program. Tables of pseudo-experiments are left out: they
# take minutes.
# SPDX-License-Identifier: GPL-3.0-or-later
import importlib.util
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from harness import check, main, skip

if importlib.util.find_spec("h5py") is None:
    skip("No module named 'h5py'")


def script(source):
    """jobs/results.py as a module."""
    spec = importlib.util.spec_from_file_location("results", source / "jobs" / "results.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def is_quick(source, job):
    settings = tomllib.loads((source / "jobs" / f"{job}.toml").read_text())
    return settings["job"].get("kind") != "toys"


def rows(table):
    """Cells of a table of Markdown, by column."""
    header, _, *lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()]
    return [dict(zip(header, line, strict=True)) for line in lines]


def is_shown(cell, number):
    """Whether a cell with three digits shows this number."""
    number = float(number)
    return cell == "never" if number == float("inf") else abs(float(cell) - number) <= 0.0051 * number


def against_verbs(nuloop, page):
    """Some cells by another way: the times that nuloop prints."""
    printed = nuloop.good("report", "results/fig7.h5", "--format", "csv").rows()
    times = {row["experiment"]: row for row in rows(page["discovery-times"])}
    check(len(printed) == 4 * len(times), f"discovery-times has {len(times)} experiments")
    for row in printed:
        column = f"{row['model'].upper()}, {100 * float(row['flux_uncertainty']):g} %"
        check(is_shown(times[row["experiment"]][column], row["discovery_time_yr"]),
              f"discovery-times: {row['experiment']}, {column}: not {row['discovery_time_yr']}")
    by_setting = {row["what is set"]: row for row in rows(page["systematics"])}
    for label, *settings in (
            ("nothing: the paper's chi2",),
            ("`flux_shape.common_scale` = 0.1", "settings.flux_shape.common_scale=0.1"),
            ("`isotope_yields.scale` = 1, `reactor_off.share` = 0.1", "settings.isotope_yields.scale=1",
             "settings.reactor_off.share=0.1")):
        words = [word for setting in settings for word in ("--set", setting)]
        for experiment in ("tao-30m", "cloud-surface"):
            row, = nuloop.good("reach", "--experiment", experiment, "--model", "nlo", "--flux-uncertainty",
                               "0.005", *words).rows()
            check(is_shown(by_setting[label][experiment], row["discovery_time_yr"]),
                  f"systematics: {label}, {experiment}: not {row['discovery_time_yr']}")


def run_script(*words):
    done = subprocess.run([sys.executable, "jobs/results.py", *words], capture_output=True, text=True)
    return done.returncode, done.stderr


def rewrites(tables):
    """A copy of the page: a changed digit is found, named and set right; what goes wrong leaves it alone."""
    page = Path("jobs/RESULTS.md")
    right = page.read_text()
    check(run_script("--check", *tables) == (0, ""), "--check of the page itself fails")
    wrong = right.replace("| tao-30m | 0.977 |", "| tao-30m | 0.978 |")
    check(wrong != right, "the table discovery-times has no 0.977 for tao-30m")
    page.write_text(wrong)
    status, said = run_script("--check", *tables)
    check(status == 1 and "the table discovery-times differs" in said and page.read_text() == wrong,
          f"--check of a wrong digit: status {status}, {said}")
    status, said = run_script(*tables)
    check(status == 0 and page.read_text() == right, f"a wrong digit is not set right: {status}, {said}")
    result = Path("results/fig7.h5").read_bytes()
    Path("damaged").mkdir()
    Path("damaged/fig7.h5").write_bytes(result[:-100] + bytes([result[-100] ^ 1]) + result[-99:])
    for words, wanted in ((["five"], "five: is no table"),
                          (["--results", "nowhere", "cliff"], "cannot be read"),
                          (["--results", "damaged", "discovery-times"], "damaged/fig7.h5: is damaged")):
        status, said = run_script(*words)
        check(status and wanted in said and page.read_text() == right, f"{words}: status {status}, {said}")
    page.write_text(right.replace("<!-- table cliff -->", "<!-- table clif -->"))
    status, said = run_script("--check", *tables)
    check(status and "clif" in said, f"a table without a function: status {status}, {said}")


def test(nuloop):
    results = script(nuloop.source)
    page = results.tables_of((nuloop.source / "jobs" / "RESULTS.md").read_text())
    quick = [name for name, (_, jobs) in results.TABLES.items()
             if all(is_quick(nuloop.source, job) for job in jobs)]
    for job in sorted({job for name in quick for job in results.TABLES[name][1]}):
        path = Path("results") / f"{job}.h5"
        path.parent.mkdir(parents=True, exist_ok=True)
        nuloop.good("run", nuloop.source / "jobs" / f"{job}.toml", "-o", path)
    for name in quick:
        text = results.text_of(name, "results")
        for ours, theirs in zip(page[name].splitlines(), text.splitlines()):
            check(ours == theirs, f"jobs/RESULTS.md, {name}: has\n{ours}\nand the program\n{theirs}")
        check(page[name].count("\n") == text.count("\n"), f"jobs/RESULTS.md, {name}: not as many rows")
    against_verbs(nuloop, page)
    Path("jobs").mkdir()
    for file in ("results.py", "RESULTS.md"):
        shutil.copy(nuloop.source / "jobs" / file, "jobs")
    Path("apps").symlink_to(nuloop.source / "apps")  # the script reads results as the figures do
    rewrites(["discovery-times", "cliff"])


main(test)
