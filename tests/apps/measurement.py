# Measurements from outside: their file, their reports, and that chi2 of other kinds of jobs says the same.
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import math
import subprocess
from pathlib import Path

from harness import check, main, skip

try:
    import h5py
    import numpy as np
    import xarray
except ImportError as missing:
    skip(missing)

# Quantiles of a chi2 of one degree of freedom: squares of the normal distribution's 0.99446, 1.64485, 1.95996.
QUANTILES = {0.68: 0.988946, 0.90: 2.705543, 0.95: 3.841459}
ROUNDED = 1e-6  # what these digits leave

JOB = """
[job]
name = "{name}"
title = "A measurement"
kind = "{kind}"
[axes]
{axes}
[settings]
{settings}
"""
POINT = """experiment = "tao-30m"
flux_uncertainty = 0.005
exposure = "2 yr"
"""


def run(nuloop, name, kind, axes, settings, *words):
    Path(f"{name}.toml").write_text(JOB.format(name=name, kind=kind, axes=axes, settings=settings))
    nuloop.good("run", f"{name}.toml", "-o", f"{name}.h5", *words)
    return h5py.File(f"{name}.h5")


def ends(file):
    """The ends of the intervals and what they enclose, by level."""
    measured = file["measurement"]
    levels = measured["level"][:].tolist()
    check(levels == list(QUANTILES), f"levels {levels}")
    return {level: (measured["interval_low"][..., i], measured["interval_high"][..., i])
            for i, level in enumerate(levels)}


def check_file(name, unit, shape):
    dump = subprocess.run(["ncdump", "-h", f"{name}.h5"], capture_output=True, text=True)
    check(dump.returncode == 0 and "group: measurement {" in dump.stdout, f"ncdump: {dump.stderr}{dump.stdout}")
    for path, unit_of in (("best_fit", unit), ("best_fit_error", unit), ("chi2_min", "1"), ("chi2_min_error", "1"),
                          ("other_minimum", "1"), ("interval_low", unit), ("interval_low_error", unit),
                          ("interval_high", unit), ("interval_high_error", unit), ("level", "1")):
        check(f'{path}:units = "{unit_of}" ;' in dump.stdout, f"{name}: {path} is not in {unit_of}")
    with xarray.open_dataset(f"{name}.h5", engine="h5netcdf", group="measurement") as ds:
        check(ds.interval_low.dims == (*shape, "level") and ds.best_fit.dims == tuple(shape),
              f"{name}: {ds.interval_low.dims}, {ds.best_fit.dims}")
        for side in ("low", "high"):
            values, errors = ds[f"interval_{side}"].values, ds[f"interval_{side}_error"].values
            width = ds.interval_high.values - ds.interval_low.values
            check(np.all(errors > 0) and np.all(errors < 1e-6 * width), f"{name}: errors {errors}")
            steps = np.diff(values, axis=-1)
            check(np.all(steps < 0 if side == "low" else steps > 0), f"{name}: levels are not nested")
        check(np.all(ds.interval_low.values[..., 0] < ds.best_fit.values)
              and np.all(ds.best_fit.values < ds.interval_high.values[..., 0]), f"{name}: best fit outside")
        check(ds.attrs.get("title") is None, f"{name}: attributes of the root in the group")


def radius(nuloop):
    """chi2 as a reach has it is the quantile at the ends, above that of the best fit."""
    axes = 'reference = ["lo", "lo+cr", "nlo"]\nbackground_uncertainty = [0.0, 0.1]'
    with run(nuloop, "radius", "measurement", axes, POINT + 'model = "free-charge-radius"') as file:
        check_file("radius", "cm^2", ["reference", "background_uncertainty"])
        best, chi2_min = file["measurement/best_fit"][:], file["measurement/chi2_min"][:]
        check(np.all(np.abs(chi2_min[:2]) < 1e-18), f"chi2 of its own data is {chi2_min}")
        check(np.all(chi2_min[2] > 0), "NLO is a charge radius")
        # arXiv:2410.00107 has -8.3e-33 cm2.
        check(np.all(np.abs(best[0]) < 1e-44) and np.all(np.abs(best[1] / -8.3e-33 - 1) < 0.004), f"best fits {best}")
        intervals = ends(file)
    for i, reference in enumerate(("lo", "lo+cr", "nlo")):
        wanted = {best[i, 1]: 0.0}
        for level, (low, high) in intervals.items():
            wanted.update({low[i, 1]: QUANTILES[level], high[i, 1]: QUANTILES[level]})
        values = sorted(wanted)
        listed = ", ".join(f'"{value!r} cm2"' for value in map(float, values))
        with run(nuloop, f"radius-{i}", "reach", f'"free.charge_radius" = [{listed}]',
                 POINT + f'model = "free-charge-radius"\nreference = "{reference}"') as file:
            rise = file["chi2"][:] - chi2_min[i, 1]
        for value, found in zip(values, rise):
            check(abs(found - wanted[value]) < ROUNDED * (1 + wanted[value]),
                  f"{reference}: chi2 rises by {found} at {value}, not by {wanted[value]}")


def mixing_angle(nuloop):
    """The line c_L = c_R + 1/2 of free couplings is tree level."""
    axes = 'exposure = ["1 month", "2 yr"]'
    point = POINT.replace('exposure = "2 yr"\n', "")
    with run(nuloop, "angle", "measurement", axes, point + 'model = "free-sin2-theta-w"') as file:
        check_file("angle", "1", ["exposure"])
        check(np.all(np.abs(file["measurement/best_fit"][:] - 0.2334) < 1e-9), "not the data's own s2")
        check(np.all(np.isinf(file["measurement/other_minimum"][:])), "another minimum")
        intervals = ends(file)
    for level, sides in intervals.items():
        for side in sides:
            values = [float(side[0]), float(side[1])]
            points = ", ".join(f"[{value!r}, {value + 0.5!r}]" for value in values)
            with run(nuloop, "line", "reach", axes + f'\n"free.c_r, free.c_l" = [{points}]',
                     point + 'model = "free-couplings"', "--force") as file:
                chi2 = np.diag(file["chi2"][:])  # each exposure at its own end
            check(np.allclose(chi2, QUANTILES[level], rtol=ROUNDED), f"{level}: chi2 {chi2} at {values}")


def reports(nuloop):
    table = nuloop.good("report", "radius.h5").out
    check("best fit" in table and "90 % low" in table and "A measurement" in table, f"report: {table}")
    rows = nuloop.good("report", "radius.h5", "--format", "csv").rows()
    records = json.loads(nuloop.good("report", "radius.h5", "--format", "json").out)["rows"]
    check(len(rows) == len(records) == 6, f"report: {len(rows)} rows, {len(records)} records")
    with h5py.File("radius.h5") as file:
        high = file["measurement/interval_high"][:].reshape(6, 3)
    for row, record, wanted in zip(rows, records, high):
        check(float(row["interval_90_high"]) == record["interval_90_high"] == wanted[1], f"report: {row}")
    # A flux that is known to 80 % leaves the radius open: infinity in all formats.
    with run(nuloop, "open", "measurement", 'experiment = ["tao-30m"]',
             POINT.replace('experiment = "tao-30m"\n', "").replace("0.005", "0.8")
             + 'model = "free-charge-radius"\nwindow.bin_width = "9 MeV"') as file:
        check(math.isinf(file["measurement/interval_high"][0, 1]), "not open")
    check("none" in nuloop.good("report", "open.h5").out, "report: does not say that there is no end")
    check(nuloop.good("report", "open.h5", "--format", "csv").rows()[0]["interval_90_high"] == "inf", "CSV: no inf")
    record = json.loads(nuloop.good("report", "open.h5", "--format", "json").out,
                        parse_constant=lambda name: check(False, f"JSON has {name}"))["rows"][0]
    check(record["interval_90_high"] is None, f"JSON: {record}")


def whole_life(nuloop):
    """It is planned, verified, and the same bytes on more ranks."""
    plan = json.loads(nuloop.good("plan", "radius.toml", "--format", "json").out)
    check((plan["outer_points"], plan["inner_points"], plan["sets_of_integrals"]) == (6, 1, 1), f"plan: {plan}")
    check(0 < plan["point_s"] < 1, f"plan: {plan['point_s']} s for a point")
    nuloop.good("verify", "radius.h5")
    nuloop.good("run", "radius.toml", "-o", "again.h5", ranks=2)
    check(Path("again.h5").read_bytes() == Path("radius.h5").read_bytes(), "other bytes on two ranks")
    check(nuloop("run", "radius.toml", "-o", "x.h5", "--extend", "radius.h5").status == 3, "a measurement is extended")


def free_models_of_the_verbs(nuloop):
    xsec = ["xsec", "--observable", "electron", "--energy", "5", "--recoil", "1", "--model"]
    lo = nuloop.good(*xsec, "lo").rows()[0]["cross_section_cm2_per_MeV"]
    couplings = ["--set", "settings.free.c_l=0.7334", "--set", "settings.free.c_r=0.2334"]
    free = nuloop.good(*xsec, "free-couplings", *couplings).rows()[0]
    check(math.isclose(float(free["cross_section_cm2_per_MeV"]), float(lo), rel_tol=1e-14)
          and free["sin2_theta_w"] == "", f"xsec: {free}, LO {lo}")
    angle = nuloop.good(*xsec, "free-sin2-theta-w", "--set", "settings.free.sin2_theta_w=0.2334").rows()[0]
    check(angle["cross_section_cm2_per_MeV"] == lo and angle["sin2_theta_w"] == "0.2334", f"xsec: {angle}")
    for words, parts in ((["free-couplings", *couplings[:2]], ("free.c_r", "missing")),
                         (["nlo", *couplings], ("free.c_l", "no free parameter")),
                         (["free-charge-radius", "--set", "settings.free.charge_radius=1e-33"], ("lacks its unit",))):
        outcome = nuloop(*xsec, *words)
        check(outcome.status == 3 and outcome.out == "" and all(part in outcome.err for part in parts),
              f"{outcome.command}: {outcome.status}, {outcome.err}")
    reach = ["reach", "--experiment", "tao-30m", "--flux-uncertainty", "0.005", "--model"]
    times = [float(nuloop.good(*reach, model, *more).rows()[0]["discovery_time_yr"]) for model, more in (
        ("lo+cr", ()), ("free-charge-radius", ("--set", "settings.free.charge_radius=-8.2750e-33 cm2")))]
    # The radius has five digits here.
    check(math.isclose(*times, rel_tol=1e-4), f"reach: {times}")
    never = nuloop.good(*reach, "free-charge-radius", "--set", "settings.free.charge_radius=0 cm2")
    check(never.rows()[0]["discovery_time_yr"] == "inf", f"reach: nothing is discovered: {never.out}")


def test(nuloop):
    radius(nuloop)
    mixing_angle(nuloop)
    reports(nuloop)
    whole_life(nuloop)
    free_models_of_the_verbs(nuloop)


main(test)
