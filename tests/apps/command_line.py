# What the verbs print: headers, numbers that survive a round trip, and agreement with each other.
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import math
import re
import tomllib
from pathlib import Path

from harness import check, main

VERBS = ("run", "report", "xsec", "rates", "reach", "list")
ELECTRON_MASS = 0.51099895  # MeV

# The discovery times in years that arXiv:2410.00107 quotes, at 10 % on the background.
PUBLISHED = {("cloud-surface", "lo+cr", 0.005): 2.0, ("cloud-surface", "lo+cr", 0.010): 5.0,
             ("cloud-surface", "nlo", 0.005): 10.0, ("tao-30m", "lo+cr", 0.005): 1.0,
             ("tao-30m", "nlo", 0.005): 5.25}


def close(a, b, tolerance=1e-12):
    return a == b or abs(a - b) <= tolerance * max(abs(a), abs(b))


def digits(text):
    return len(re.sub(r"e.*|[-.]", "", text).lstrip("0"))


def check_numbers(outcome, columns):
    """The shortest digits that give the same number again, and so up to 17 of them."""
    texts = [row[column] for row in outcome.rows() for column in columns]
    for text in texts:
        shortest = repr(float(text)).removesuffix(".0")
        check(text == shortest, f"{outcome.command}: {text} is not {shortest}")
    check(any(digits(text) >= 15 for text in texts), f"{outcome.command}: digits are cut off")


def check_header(outcome, header):
    check(outcome.out.startswith(header + "\n"),
          f"{outcome.command}: the header is not {header}:\n{outcome.out[:200]}")
    check(outcome.err == "", f"{outcome.command}: writes to standard error:\n{outcome.err}")


def tree_level(energy, recoil, right, left):
    """The Born cross section of an antineutrino, up to a constant."""
    return (right**2 + left**2 * (1 - recoil / energy)**2
            - left * right * ELECTRON_MASS * recoil / energy**2)


def xsec(nuloop):
    words = ["xsec", "--model", "nlo", "--observable", "electromagnetic", "--energy", "3,4.5,0.3",
             "--recoil", "0.1,1.7"]
    start = "model,observable,flavour,sin2_theta_w,energy_MeV,recoil_MeV,"
    plain = nuloop.good(*words)
    parts = nuloop.good(*words, "--parts")
    check_header(plain, start + "cross_section_cm2_per_MeV")
    check_header(parts, start + "born,loops,photonic,cross_section_cm2_per_MeV")
    check_numbers(plain, ["cross_section_cm2_per_MeV"])
    check_numbers(parts, ["born", "loops", "photonic"])
    points = [(float(row["energy_MeV"]), float(row["recoil_MeV"])) for row in plain.rows()]
    check(points == [(e, t) for e in (3, 4.5, 0.3) for t in (0.1, 1.7)],
          f"{plain.command}: rows in the wrong order: {points}")
    for a, b in zip(plain.rows(), parts.rows(), strict=True):
        total = float(b["cross_section_cm2_per_MeV"])
        check(a["cross_section_cm2_per_MeV"] == b["cross_section_cm2_per_MeV"],
              "xsec: --parts changes the cross section")
        addends = [float(b[part]) for part in ("born", "loops", "photonic")]
        check(abs(math.fsum(addends) - total) <= 1e-15 * sum(map(abs, addends)),
              f"xsec: {addends} do not add up to {total}")
    check(float(plain.rows()[0]["cross_section_cm2_per_MeV"]) > 0, "xsec: nothing at 3 MeV")
    check(float(plain.rows()[-1]["cross_section_cm2_per_MeV"]) == 0,
          "xsec: 0.3 MeV give 1.7 MeV of recoil")

    # At tree level ratios follow from the couplings alone.
    def lo(energy, recoil, s2, flavour):
        row = nuloop.good("xsec", "--model", "lo", "--observable", "electron", "--energy", energy,
                          "--recoil", recoil, "--sin2-theta-w", s2, "--flavour",
                          flavour).rows()[0]
        check(row["sin2_theta_w"] == s2, f"xsec: --sin2-theta-w {s2} gives {row['sin2_theta_w']}")
        return float(row["cross_section_cm2_per_MeV"])

    unit = lo("3", "1", "0.23", "nuebar_e") / tree_level(3, 1, 0.23, 0.73)
    for flavour, s2, swap, left in [("nuebar_e", "0.24", False, 0.74),
                                    ("nuebar_mu", "0.23", False, -0.27),
                                    ("nu_e", "0.24", True, 0.74), ("nu_mu", "0.2", True, -0.3)]:
        right = float(s2)
        wanted = tree_level(5, 2, *((left, right) if swap else (right, left)))
        ours = lo("5", "2", s2, flavour) / unit
        # CODATA's electron mass moved by 1e-9 from 2018 to 2022.
        check(close(ours, wanted, 1e-9), f"xsec: {flavour} at tree level: {ours}, not {wanted}")


# Total one-loop cross sections at 1 GeV in 1e-42 cm^2, arXiv:1907.03379.
TOTALS_AT_1_GEV = {"nu_e": 9.233, "nuebar_e": 3.892, "nu_mu": 1.571, "nuebar_mu": 1.348}


def totals(nuloop):
    start = "model,observable,flavour,sin2_theta_w,energy_MeV,"
    column = "total_cross_section_cm2"
    for flavour, published in TOTALS_AT_1_GEV.items():
        words = ["xsec", "--model", "nlo", "--observable", "electron", "--energy", "1000,3",
                 "--flavour", flavour, "--total"]
        plain = nuloop.good(*words)
        parts = nuloop.good(*words, "--parts")
        check_header(plain, f"{start}{column},error_cm2")
        check_header(parts, f"{start}born,loops,photonic,{column},error_cm2")
        check_numbers(parts, ["born", "loops", "photonic", column])
        check([row["energy_MeV"] for row in plain.rows()] == ["1000", "3"],
              f"{plain.command}: rows in the wrong order")
        first = plain.rows()[0]
        check(abs(1e42 * float(first[column]) - published) < 0.5e-3,
              f"{plain.command}: {first[column]}, not {published}e-42")
        for row in parts.rows():
            addends = [float(row[part]) for part in ("born", "loops", "photonic")]
            check(close(math.fsum(addends), float(row[column]), 1e-15),
                  f"{parts.command}: {addends} do not add up to {row[column]}")
            check(0 < float(row["error_cm2"]) < 1e-9 * float(row[column]),
                  f"{parts.command}: an error of {row['error_cm2']}")
    # Twice the energy: by more than twice the cross section, which grows with T_max.
    low, high = (float(row[column]) for row in nuloop.good(
        "xsec", "--model", "lo", "--observable", "electromagnetic", "--energy", "3,6",
        "--total").rows())
    check(2 * low < high < 3 * low, f"xsec --total: {low} at 3 MeV and {high} at 6 MeV")


def rates(nuloop):
    words = ["rates", "--experiment", "tao-30m", "--model", "nlo"]
    header = "bin_low_MeV,bin_high_MeV,signal_per_day,background_per_day"
    fine = nuloop.good(*words)
    check_header(fine, header)
    check_numbers(fine, header.split(","))

    def columns(*more):
        rows = nuloop.good(*words, *more).rows()
        return [[float(row[name]) for row in rows] for name in header.split(",")]

    low, high, signal, background = columns()
    check(low == [1 + 0.5 * i for i in range(18)] and low[1:] + [10.0] == high,
          f"rates: bins from {low} to {high}")
    check(min(signal) > 0 and min(background) > 0, "rates: empty bins")
    check(signal == sorted(signal, reverse=True), "rates: the signal does not fall with energy")
    wide = columns("--bin-width", "3")
    check(wide[0] == [1, 4, 7], f"rates: --bin-width 3 starts bins at {wide[0]}")
    for i in (2, 3):  # the quadrature is good to 1e-10
        check(close(math.fsum(wide[i]), math.fsum((signal, background)[i - 2]), 1e-9),
              f"rates: {header.split(',')[i]} depends on the bins in total")
    check(columns("--bin-width", "3000 keV") == wide, "rates: 3000 keV are not 3 MeV")
    twice = columns("--set", 'settings."background.scale"=2')
    check(twice[2] == signal and twice[3] == [2 * b for b in background],
          "rates: background.scale does not double the background alone")
    mass = columns("--set", 'settings."detector.mass"=5.6 t')
    check(all(close(m, 2 * s) for m, s in zip(mass[2], signal)),
          "rates: twice the mass is not twice the signal")
    cut = columns("--set", 'settings."window.low"=2 MeV')
    check(cut[0] == low[2:] and all(close(c, s, 1e-9) for c, s in zip(cut[2], signal[2:])),
          "rates: window.low does not drop two bins")
    check(columns("--observable", "electron")[2] != signal, "rates: --observable has no effect")
    check(columns("--set", "settings.flux=huber")[2] != signal, "rates: --set has no effect")


def years(nuloop, *words):
    outcome = nuloop.good("reach", *words)
    rows = outcome.rows()
    check(len(rows) == 1, f"{outcome.command}: {len(rows)} rows")
    return float(rows[0]["discovery_time_yr"])


def reach(nuloop):
    words = ["--experiment", "tao-30m", "--model", "nlo", "--flux-uncertainty", "0.005"]
    outcome = nuloop.good("reach", *words)
    check_header(outcome, "experiment,model,observable,sin2_theta_w,flux_uncertainty,"
                          "background_uncertainty,discovery_time_yr")
    check_numbers(outcome, ["sin2_theta_w", "flux_uncertainty", "discovery_time_yr"])
    row = outcome.rows()[0]
    check((row["experiment"], row["model"], row["observable"], row["background_uncertainty"])
          == ("tao-30m", "nlo", "electromagnetic", "0.1"), f"reach: {row}")

    # In one bin a change of normalisation is all there is to see, and the pull takes it.
    never = nuloop.good("reach", "--experiment", "tao-30m", "--model", "nlo",
                        "--flux-uncertainty", "0.5", "--bin-width", "9")
    check(never.out.splitlines()[1].endswith(",inf"), f"reach: not never: {never.out}")
    time = years(nuloop, *words)
    three_sigma = years(nuloop, *words, "--set", 'settings."discovery.significance"=3')
    check(0 < three_sigma < time < math.inf, f"reach: {three_sigma} yr for 3, {time} yr for 5")
    check(years(nuloop, *words, "--sin2-theta-w", "0.2386") < time / 2,
          "reach: --sin2-theta-w has no effect")
    check(years(nuloop, *words, "--background-uncertainty", "0") < time,
          "reach: --background-uncertainty has no effect")


def report(nuloop):
    run = nuloop.good("run", nuloop.fig7)  # to where it goes if no place is named
    check(run.out == "", f"run writes to standard output: {run.out!r}")
    check("results/fig7.h5" in run.err, f"run does not say where the result is: {run.err!r}")
    check(Path("results/fig7.h5").is_file(), "run leaves no results/fig7.h5")

    csv = nuloop.good("report", "results/fig7.h5", "--format", "csv")
    check_header(csv, "experiment,model,flux_uncertainty,background_uncertainty,"
                      "discovery_time_yr,published_yr")
    check_numbers(csv, ["discovery_time_yr"])
    records = json.loads(nuloop.good("report", "results/fig7.h5", "--format", "json").out)
    table = nuloop.good("report", "results/fig7.h5").out
    check(nuloop.good("report", "results/fig7.h5", "--format", "table").out == table,
          "report: table is not the default")
    job = tomllib.loads(nuloop.fig7.read_text())
    check(records["title"] == job["job"]["title"] and job["job"]["title"] in table,
          "report: no title")

    rule = next(i for i, line in enumerate(table.splitlines()) if set(line) == {"-"})
    header = table.splitlines()[rule - 1]
    starts = [match.start() for match in re.finditer(r"(?<!\S)\S+(?: \S+)*", header)]
    lines = [[line[a:b].strip() for a, b in zip(starts, starts[1:] + [None])]
             for line in table.splitlines()[rule + 1:]]
    axes = job["axes"]
    points = [(e, m, f) for e in axes["experiment"] for m in axes["model"]
              for f in axes["flux_uncertainty"]]
    rows = csv.rows()
    check(len(points) == len(rows) == len(records["discovery_times"]) == len(lines),
          f"report: {len(rows)} rows of CSV, {len(lines)} of the table for {len(points)} points")
    for point, row, record, line in zip(points, rows, records["discovery_times"], lines):
        experiment, model, flux = point
        check((row["experiment"], row["model"], float(row["flux_uncertainty"])) == point
              == (record["experiment"], record["model"], record["flux_uncertainty"])
              == (line[0], line[1], float(line[2])), f"report: {point} is out of order")
        time = float(row["discovery_time_yr"])
        check(record["discovery_time_yr"] == time, f"report: {point}: JSON and CSV differ")
        check(float(line[4]) == float(f"{time:.2f}" if 1 <= time < 1e4 else f"{time:.3g}"),
              f"report: {point}: the table has {line[4]} for {time}")
        ours = years(nuloop, "--experiment", experiment, "--model", model, "--flux-uncertainty",
                     str(flux), "--background-uncertainty", "0.1")
        check(close(ours, time), f"report: {point}: {time} yr, reach says {ours}")
        published = PUBLISHED.get(point)
        check(row["published_yr"] == (repr(published).removesuffix(".0") if published else ""),
              f"report: {point}: published_yr {row['published_yr']!r} in CSV")
        check(record["published_yr"] == published,
              f"report: {point}: published_yr {record['published_yr']!r} in JSON")
        check(bool(line[5]) == (published is not None),
              f"report: {point}: {line[5]!r} as published in the table")

    # A job without the published assumptions has nothing published beside it, and `never` in JSON
    # stays valid JSON.
    nuloop.good("run", nuloop.fig7, "-o", "never.h5", "--set", "axes.exposure.points=2",
                "--set", "axes.flux_uncertainty=[0.5]", "--set",
                "settings.\"window.bin_width\"='9 MeV'")
    outcome = nuloop.good("report", "never.h5", "--format", "json")
    never = json.loads(outcome.out, parse_constant=lambda name: check(False, f"JSON has {name}"))
    check(all(row["discovery_time_yr"] is None and row["published_yr"] is None and "failed" not in row
              for row in never["discovery_times"]), f"report: not never: {outcome.out}")
    check(all(row["discovery_time_yr"] == "inf" for row
              in nuloop.good("report", "never.h5", "--format", "csv").rows()),
          "report: CSV does not say inf")


def parts_of_reports(nuloop):
    """What is selected is what the whole has there; a summary is made of all rows."""
    nuloop.good("run", nuloop.fig7, "-o", "parts.h5", "--set", "axes.exposure.points=2", "--set",
                'axes.flux_uncertainty=["0.5 %", 0.01]', "--set", 'axes.detector.mass=["2 t", "3 t"]')
    rows = nuloop.good("report", "parts.h5", "--format", "csv").rows()
    some = nuloop.good("report", "parts.h5", "--format", "csv", "--select", "detector.mass=3", "--select",
                       "experiment=tao-44m").rows()
    check(len(some) == 4 and some == [row for row in rows if row["experiment"] == "tao-44m"
                                      and float(row["detector.mass"]) == 3], f"--select: {some}")
    check(nuloop.good("report", "parts.h5", "--format", "csv", "--select", "detector.mass=3000 kg", "--select",
                      "experiment=tao-44m", "--select", "flux_uncertainty=0.5 %").rows()
          == [row for row in some if float(row["flux_uncertainty"]) == 0.005], "--select with units")
    for words, said in ((["detector.mass=4"], "there are: 2, 3"), (["mass=3"], 'there is no "mass"'),
                        (["experiment"], "KEY=VALUE"), (["detector.mass=3 m"], "detector.mass = 3 m: ")):
        outcome = nuloop("report", "parts.h5", "--select", *words)
        check(outcome.status in (2, 3) and said in outcome.err and not outcome.out, f"--select {words}: {outcome.err}")
    summary = nuloop.good("report", "parts.h5", "--format", "summary").out
    check(f"{len(rows)} points\ndiscovery time at 5 sigma (yr)\n" in summary, summary)
    for word, choose in (("smallest", min), ("largest", max)):
        row = choose(rows, key=lambda row: float(row["discovery_time_yr"]))
        check(re.search(fr"{word} +\S+ at experiment = {row['experiment']}, model = {re.escape(row['model'])}, "
                        fr"flux_uncertainty = {row['flux_uncertainty']}, .*detector.mass \(t\) = {row['detector.mass']}\b",
                        summary), f"summary: {row}: {summary}")
    check("detector.mass (t)" in nuloop.good("report", "parts.h5").out, "report: no unit in the header")


def lists(nuloop):
    configs = nuloop.source / "configs"

    def names(file):
        return set(tomllib.loads((configs / file).read_text()))

    wanted = {"experiments": names("experiments.toml"), "backgrounds": names("backgrounds.toml"),
              "fluxes": {path.stem for path in (configs / "fluxes").glob("*.toml")},
              "models": {"lo", "lo+cr", "lo+cr-shift", "nlo", "free-charge-radius", "free-sin2-theta-w",
                         "free-couplings"}}
    everything = nuloop.good("list")
    for what in (*wanted, "keys"):
        outcome = nuloop.good("list", what)
        listed = {line.split()[0] for line in outcome.out.splitlines()}
        check(f"{what}\n{outcome.out}" in everything.out, f"list: {what} is not in the whole")
        if what in wanted:
            check(listed == wanted[what], f"list {what}: {listed}, not {wanted[what]}")
        else:
            job = tomllib.loads(nuloop.fig7.read_text())
            check(listed >= {*job["axes"], *job["settings"]}, f"list keys: {listed}")
    named = tomllib.loads((configs / "named_values.toml").read_text())
    listed = [line.split()[:3] for line in nuloop.good("list", "values").out.splitlines()]
    check(listed == [[key, "=", name] for key, values in named.items() for name in values],
          f"list values: {listed}")
    tao = ("reach", "--experiment", "tao-30m", "--model", "nlo", "--flux-uncertainty", "0.005")
    check(nuloop.good(*tao, "--sin2-theta-w", "fitted").out == nuloop.good(*tao, "--sin2-theta-w", "0.2334").out,
          "reach: the name of 0.2334 is another number")
    wrong = nuloop(*tao, "--sin2-theta-w", "c_r")
    check(wrong.status == 2 and 'did you mean "c_R"?' in wrong.err, f"reach: {wrong.err}")


def help_texts(nuloop):
    for verb in VERBS:
        for option in ("--help", "-h"):
            outcome = nuloop.good(verb, option)
            check(outcome.out.startswith(f"usage: nuloop {verb}") and outcome.err == "",
                  f"{outcome.command}: {outcome.out!r} {outcome.err!r}")
    text = nuloop.good("--help").out
    for verb in VERBS:
        check(f"\n  {verb} " in text, f"--help does not have {verb}")
    version = nuloop.good("--version").out
    check(re.fullmatch(r"nuloop \d+\.\d+\.\d+ \(.+\)\n", version), f"--version: {version!r}")


def found_through_a_link(nuloop):
    Path("bin").mkdir()
    Path("elsewhere").mkdir()
    Path("bin/nl").symlink_to(nuloop.program)
    linked = nuloop.good("list", program="../bin/nl", folder="elsewhere")
    check(linked.out == nuloop.good("list").out, "a symbolic link changes what is listed")


def test(nuloop):
    for step in (xsec, totals, rates, reach, report, parts_of_reports, lists, help_texts, found_through_a_link):
        step(nuloop)


main(test)
