# What README.md says of the program is what the program says: verbs, options, exit statuses,
# examples and their output, lines of Python, discovery times and what they mean.
# SPDX-License-Identifier: GPL-3.0-or-later
import importlib.util
import math
import re
import shlex
import subprocess
import sys
from pathlib import Path

from harness import check, main

OPTION_LINE = re.compile(r"  (\S.*?)  +(.*)")
NOTE = re.compile(r" \((?:default: (.*)|(required|this or .*|not with .*))\)$")


def two_columns(lines):
    """Rows of a help text, (left, right); lines with nothing on the left continue a row."""
    rows = []
    for line in lines:
        if match := OPTION_LINE.fullmatch(line):
            rows.append([match[1], match[2]])
        else:
            rows[-1][1] += " " + line.strip()
    return [tuple(row) for row in rows]


def paragraphs(text):
    return [part.splitlines() for part in text.rstrip("\n").split("\n\n")]


def overview(nuloop):
    """(verb with its words, meaning) and (exit status, meaning) of nuloop --help."""
    _, _, verbs, _, statuses = paragraphs(nuloop.good("--help").out)
    return two_columns(verbs), two_columns(statuses[1:])


def options(nuloop, verb):
    """(option, meaning, default) of nuloop VERB --help, and the example."""
    usage, _, lines, (example,) = paragraphs(nuloop.good(verb, "--help").out)
    check(usage[0].startswith(f"usage: nuloop {verb}"), f"{verb} --help begins with {usage[0]}")
    rows = []
    for option, text in two_columns(lines):
        note = NOTE.search(text)
        rows.append((option, NOTE.sub("", text), (note[1] or note[2]) if note else ""))
    check(rows[-1][0] == "-h, --help", f"{verb} --help does not end with itself: {rows[-1]}")
    return rows[:-1], example.removeprefix("example: ")


def tables(page):
    """All tables of a page, by their header."""
    found = {}
    for block in re.findall(r"(?:^\|.*\n)+", page, re.MULTILINE):
        header, _, *rows = [
            tuple(cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1])
            for line in block.splitlines()]
        found[header] = rows
    return found


def compare(what, ours, theirs):
    """Names missing and surplus rows of README.md; quotes around code do not count."""
    ours, theirs = ([tuple(cell.replace("`", "") for cell in row) for row in rows]
                    for rows in (ours, theirs))
    for row in theirs:
        check(row in ours, f"README.md, {what}: wants the row | {' | '.join(row)} |")
    for row in ours:
        check(row in theirs, f"README.md, {what}: has the row | {' | '.join(row)} |")
    check(ours == theirs, f"README.md, {what}: the rows are not in the program's order")


def same_tables(nuloop, page):
    verbs, statuses = overview(nuloop)
    found = tables(page)
    compare("verbs", found[("verb", "what it does")], verbs)
    compare("exit status", found[("status", "meaning")], statuses)
    having = {}  # an option that means the same to several verbs has one row
    for words, _ in verbs:
        verb = words.split()[0]
        for row in options(nuloop, verb)[0]:
            having.setdefault(row, []).append(verb)
    compare("options", found[("verb", "option", "meaning", "default")],
            [(", ".join(users), *row) for row, users in having.items()])


def like(shown, printed, within=1e-9):
    """Equal texts but for the last digits of numbers, which may differ from machine to machine."""
    ours, theirs = shown.split(","), printed.split(",")
    if len(ours) != len(theirs):
        return False
    for a, b in zip(ours, theirs):
        try:
            if not math.isclose(float(a), float(b), rel_tol=within):
                return False
        except ValueError:
            if a != b:
                return False
    return True


def examples(nuloop, page):
    """The console block has every verb's example, and lines that it prints, in their order."""
    Path("jobs").symlink_to(nuloop.source / "jobs")
    nuloop.good("run", "jobs/fig7.toml")
    (block,) = re.findall(r"^```console\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    shown = {}
    for part in block.split("$ ")[1:]:
        command, *lines = part.splitlines()
        shown[command] = lines
    wanted = [options(nuloop, words.split()[0])[1] for words, _ in overview(nuloop)[0]]
    check(list(shown) == wanted, f"README.md has the examples {list(shown)}, not {wanted}")
    for command, lines in shown.items():
        if command.startswith("nuloop plot ") and importlib.util.find_spec("matplotlib") is None:
            print(f"{command}: matplotlib is not installed, it is not tried")
            continue
        outcome = nuloop(*shlex.split(command)[1:])
        status = 3 if command.startswith("nuloop stop ") else 0  # nothing is running
        check(outcome.status == status, f"{command}: exit status {outcome.status}\n{outcome.err}")
        printed = iter((outcome.out + outcome.err).splitlines())
        for line in lines:
            if line != "...":
                check(any(like(line, other) for other in printed),
                      f"README.md: {command} does not print {line!r} there")


def snippets(nuloop, page):
    """The Python of README.md, on the result that `examples` has left."""
    tao = ("--experiment", "tao-30m", "--model", "nlo")
    signal = math.fsum(float(row["signal_per_day"]) for row in nuloop.good("rates", *tao).rows())
    reach, = nuloop.good("reach", *tao, "--flux-uncertainty", "0.005").rows()
    time = float(reach["discovery_time_yr"])
    for library, line, wanted in (("xarray", 1, signal), ("h5py", 0, time)):
        (code,) = re.findall(rf"^```python\nimport {library}.*?^```", page,
                             re.MULTILINE | re.DOTALL)
        if importlib.util.find_spec(library) is None:
            print(f"README.md: {library} is not installed, its lines are not tried")
            continue
        done = subprocess.run([sys.executable, "-c", "\n".join(code.splitlines()[1:-1])],
                              capture_output=True, text=True)
        if check(done.returncode == 0, f"README.md: the lines for {library} fail:\n{done.stderr}"):
            number = float(done.stdout.splitlines()[line].split()[0])
            check(math.isclose(number, wanted, rel_tol=1e-9),
                  f"README.md: the lines for {library} print {number}, not {wanted}")


def times(nuloop, page):
    """The discovery times that README.md compares with the paper's."""
    header = ("experiment", "model", "flux uncertainty", "paper", "0.2334", "0.23313", "what it is")
    rows = tables(page)[header]
    check(len(rows) == 5, f"README.md has {len(rows)} of the paper's five times")
    for experiment, model, flux_uncertainty, _, *shown, _ in rows:
        fraction = str(float(flux_uncertainty.removesuffix(" %")) / 100)
        for sin2, text in zip(("0.2334", "0.23313"), shown, strict=True):
            row, = nuloop.good("reach", "--experiment", experiment, "--model", model.lower(),
                               "--flux-uncertainty", fraction, "--sin2-theta-w", sin2).rows()
            check(f"{float(row['discovery_time_yr']):.2f}" == text,
                  f"README.md: {experiment}, {model}, {flux_uncertainty}, {sin2}: {text} years, "
                  f"not {row['discovery_time_yr']}")


def what_is_fitted(nuloop, page):
    """The text's numbers for other angles, and for LO with a free one."""
    page = " ".join(page.split())
    tao = ("--experiment", "tao-30m", "--model", "nlo", "--flux-uncertainty", "0.005")
    for sin2, phrase in (("0.2218", "0.2218 gives tao-30m the same {:.2f} years"),
                         ("0.23122", "At 0.23122 (MS-bar at m_Z) tao-30m takes {:.0f} years"),
                         ("0.2386", "at 0.2386 (low energy) {:.2f}.")):
        row, = nuloop.good("reach", *tao, "--sin2-theta-w", sin2).rows()
        sentence = phrase.format(float(row["discovery_time_yr"]))
        check(sentence in page, f"README.md does not say: {sentence}")
    nuloop.good("run", nuloop.source / "jobs" / "measure-couplings" / "sin2-theta-w.toml", "-o",
                "free.h5", "--set", "settings.reference=nlo", "--set",
                'axes.exposure=["5 yr", "100 yr"]', "--set", 'axes.experiment=["tao-30m"]', "--set",
                "axes.flux_uncertainty=[0.005]")
    at_5, at_100 = nuloop.good("report", "free.h5", "--format", "csv").rows()
    chi2 = float(at_5["chi2_min"])
    sentence = (f"after 5 years (0.5 %) the best fit is {float(at_5['best_fit']):.4f} and chi2 is "
                f"{chi2:.2f}, or {math.sqrt(chi2):.1f} sigma instead of 5; after 100 years it is "
                f"{math.sqrt(float(at_100['chi2_min'])):.1f} sigma.")
    check(sentence in page, f"README.md does not say: {sentence}")


def sizes(nuloop, _):
    """What jobs/README.md says of the size of a result with spectra and without."""
    page = (nuloop.source / "jobs/README.md").read_text()
    without, whole = re.search(r"`fig7` takes (\d+) kB instead of (\d+)", page).groups()
    nuloop.good("run", "jobs/fig7.toml", "-o", "whole.h5")
    nuloop.good("run", "jobs/fig7.toml", "-o", "without.h5", "--set", "job.store_rates=false")
    for name, said in (("whole.h5", whole), ("without.h5", without)):
        size_kB = Path(name).stat().st_size / 1000
        check(abs(size_kB / float(said) - 1) < 0.05, f"jobs/README.md: {name} has {size_kB:.0f} kB, not {said}")


def own_flux(nuloop, _):
    """The flux of configs/README.md, from the files that are shown there, and what its commands print."""
    page = (nuloop.source / "configs/README.md").read_text()
    section = page[page.index("## A flux of your own"):]
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    (_, toml), (_, rows), (_, matrix), (kind, console) = blocks[:4]
    check(kind == "console", f"configs/README.md: the fourth block is {kind}")
    Path("FOLDER/fluxes").mkdir(parents=True)
    for name, text in (("mine.toml", toml), ("mine.csv", rows), ("mine-covariance.txt", matrix)):
        Path("FOLDER/fluxes", name).write_text(text)
    words = {}
    commands = 0
    for part in console.split("$ ")[1:]:
        if given := re.fullmatch(r'(\w+)="(.*)"\s*', part, re.DOTALL):
            words[given[1]] = given[2]
            continue
        line, *lines = part.splitlines()
        for name, text in words.items():
            line = line.replace(f"${name}", text)
        printed = nuloop.good(*shlex.split(line)[1:]).out.splitlines()
        # A covariance that leaves little is fitted almost away: more digits are the machine's.
        check(len(lines) == len(printed) == 2 and all(like(a, b, 1e-7) for a, b in zip(lines, printed)),
              f"configs/README.md: {line}: prints {printed}, not {lines}")
        commands += 1
    check(commands == 2, f"configs/README.md: {commands} commands")


def test(nuloop):
    page = (nuloop.source / "README.md").read_text()
    for step in (same_tables, examples, snippets, times, what_is_fitted, sizes, own_flux):
        step(nuloop, page)


main(test)
