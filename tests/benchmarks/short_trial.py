# The programs and scripts of the benchmarks do what they say; nothing here depends on a time.
# SPDX-License-Identifier: GPL-3.0-or-later
import csv
import io
import math
import os
import subprocess
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "apps"))
from harness import PATIENCE, check, main  # noqa: E402

import counts  # noqa: E402
import page  # noqa: E402

try:
    import numpy
    import one_loop
    from physicist import spectrum_of
    from side_by_side import largest_difference
except ImportError as missing:
    one_loop = None
    print(f"without plain Python's cross section: {missing}")

# Plain Python loses digits where terms cancel, most in the radiative tail; elsewhere both have 1e-12.
DIGITS = 1e-8


def output(*command, **more):
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL,
                          env=dict(os.environ, OMP_NUM_THREADS="1", **more))
    return done.returncode, done.stdout, done.stderr


def counted_tasks(program):
    status, text, _ = output(program)
    check(status == 0, f"nuloop_count: {status}")
    tasks = {row["task"]: row for row in csv.DictReader(io.StringIO(text))}
    check(len(tasks) == len(text.splitlines()) - 1, "tasks of the same name")
    check(all(float(row["items"]) >= 1 for row in tasks.values()), f"tasks of no items: {tasks}")
    check(output(program, "chi2", "3")[0] == 0, "nuloop_count chi2 3 fails")
    for words in (("chi3", "1"), ("chi2", "1x"), ("chi2",), ("write/plain", "1")):
        check(output(program, *words)[0] == 2, f"nuloop_count {words} is not refused")
    return tasks


def bounds(program, tasks):
    """The table names tasks, and a task that takes more than its bound is found out."""
    table = counts.read_bounds(HERE / "bounds.csv")
    check(set(table) <= set(tasks), f"bounds.csv has no tasks: {set(table) - set(tasks)}")
    check(all(bound > 0 for bound in table.values()), "bounds.csv has bounds of nothing")
    fake = Path("valgrind")  # 1000 instructions in each repetition
    fake.write_text("#!/bin/bash\necho \"==1== Collected : $((123456 + 1000 * ${@: -1}))\" >&2\n")
    fake.chmod(0o755)
    path = f"{Path.cwd()}:{os.environ['PATH']}"
    for bound, expected in ((1000, 0), (999, 1)):
        Path("bounds.csv").write_text(f"# a comment\ntask,instructions\nchi2,{bound}\n")
        status, text, err = output(sys.executable, HERE / "counts.py", program, "check", "bounds.csv", PATH=path)
        check(status == expected, f"{bound} of 1000 instructions: {status}\n{text}{err}")
    status, _, err = output(sys.executable, HERE / "counts.py", program, "bounds", "bounds.csv", PATH=path)
    check(Path("bounds.csv").read_text() == "# a comment\ntask,instructions\nchi2,2000\n", f"bounds: {status} {err}")


def timed_tasks(program, counted):
    if not program.exists():
        print("without nuloop_benchmarks: Google Benchmark is not installed")
        return
    _, text, _ = output(program, "--benchmark_list_tests=true")
    names = {name.removesuffix("/real_time") for name in text.split()}
    missing = {name for name in counted if name.split("/")[0] not in page.SERIES} - names
    check(not missing, f"counted and not timed: {missing}")
    status, _, err = output(program, "--benchmark_min_time=0.0001")
    check(status == 0, f"nuloop_benchmarks, all of it: {status}\n{err}")
    chosen = {"logarithm", "cross_section/electron", "fig7_chi2", "fig7/in_a_file", "write/hdf5", "write/plain"}
    status, _, err = output(program, "--benchmark_min_time=0.001", "--benchmark_repetitions=2",
                            f"--benchmark_filter=^({'|'.join(sorted(chosen))})/real_time",
                            "--benchmark_out=timings.json", "--benchmark_out_format=json")
    if not check(status == 0, f"nuloop_benchmarks: {status}\n{err}"):
        return
    found = page.timings(Path("timings.json"))
    check(set(found) == chosen, f"timed: {set(found)}")
    for name, entry in found.items():
        check(len(entry["seconds"]) == 2 and 0 < entry["best_s"] <= entry["median_s"] < math.inf, f"{name}: {entry}")
        check(("bytes_per_second" in entry) == name.startswith("write/"), f"{name}: {entry}")
    check(found["fig7_chi2"]["items"] == 2400, f"fig7_chi2: {found['fig7_chi2']}")


def cross_sections(nuloop):
    """Those of plain Python are those of nuloop."""
    if one_loop is None:
        return
    with open(nuloop.source / "configs" / "couplings.toml", "rb") as file:
        nlo = one_loop.OneLoop(tomllib.load(file))
    left, right = one_loop.tree_couplings(0.2334)

    def lo(energy, recoil):
        return one_loop.tree_level(energy, recoil, left, right)

    functions = {
        ("nlo", "electron"): lambda e, t: nlo(e, t, one_loop.electron_photonic),
        ("nlo", "electromagnetic"): nlo,
        ("lo", "electron"): lo,
        ("lo+cr", "electron"): lambda e, t: lo(e, t) + one_loop.charge_radius_term(e, t, left, right)}
    for (model, observable), function in functions.items():
        rows = nuloop.good("xsec", "--model", model, "--observable", observable, "--sin2-theta-w", "0.2334",
                           "--energy", "4,7.5,11", "--recoil", "1,2.5,3.6,7.3").rows()
        for row in rows:
            energy, recoil, value = (float(row[name]) for name in (
                "energy_MeV", "recoil_MeV", "cross_section_cm2_per_MeV"))
            if value == 0 and model != "nlo":  # left to those who integrate it
                continue
            check(abs(function(energy, recoil) - value) <= DIGITS * value,
                  f"{model}, {observable} at E = {energy}, T = {recoil}: {function(energy, recoil)}, not {value}")
    ours = numpy.array([[2.0, 4.0], [math.inf, 1.0]])
    for theirs, expected in (([2, 4, math.inf, 1], 0), ([2, 5, math.inf, 1], 0.25), ([2, 4, 9, 1], math.inf)):
        check(largest_difference(ours, theirs) == expected, f"{theirs} differ by {largest_difference(ours, theirs)}")
    flux = {"coefficients": {name: [1.0, -0.5, 0, 0, 0, 0] for name in ("U235", "U238", "Pu239", "Pu241")}}
    fuel = {"fission_fractions": {"U235": 0.4, "U238": 0.1, "Pu239": 0.3, "Pu241": 0.2}}
    check(math.isclose(spectrum_of(fuel, flux)(4.0), math.exp(-1), rel_tol=1e-14), "the flux of a fuel")


def peers(nuloop):
    """The peers' numbers are nuloop's."""
    if one_loop is None:
        return
    status, text, err = output(sys.executable, HERE / "peers.py", nuloop.program, nuloop.source, "peers.json", "1")
    check(status == 0, f"peers.py: {status}\n{text}{err}")


def pages():
    for value, text in ((0, "0"), (1234567, "1,230,000"), (0.012345, "0.0123"), (12.345, "12.3"), (999.9, "1,000")):
        check(page.digits(value) == text, f"digits({value}) is {page.digits(value)}")
    for seconds, text in ((1.5, "1.5 s"), (2.34e-5, "23.4 us"), (3e-10, "0.3 ns")):
        check(page.duration(seconds) == text, f"duration({seconds}) is {page.duration(seconds)}")
    text = (HERE / "README.md").read_text()
    copy = Path("README.md")
    copy.write_text(text)
    for _ in range(2):
        page.update(copy, "NEW")
    before, after = text.split(page.BEGIN)[0], text.split(page.END)[1]
    check(copy.read_text() == f"{before}{page.BEGIN}\n\nNEW\n\n{page.END}{after}", "the README's text is not kept")


def test(nuloop):
    programs = nuloop.program.parent
    tasks = counted_tasks(programs / "nuloop_count")
    bounds(programs / "nuloop_count", tasks)
    timed_tasks(programs / "nuloop_benchmarks", tasks)
    cross_sections(nuloop)
    peers(nuloop)
    pages()


main(test)
