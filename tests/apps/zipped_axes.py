# Axes along which several keys move together, from the job to the result and its report.
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import re
import tomllib
from pathlib import Path

from harness import check, main, skip

try:
    import h5netcdf  # noqa: F401  (xarray's engine)
    import h5py
    import numpy as np
    import xarray
except ImportError as missing:
    skip(missing)

SITES = [("30 m", "paper-25mwe"), ("44 m", "flat-25mwe"), ("30.5 m", "tao-10mwe")]
UNCERTAINTIES = [(0.005, 0.10), (0.010, 0.20)]
JOB = """
[job]
name = "sites"
title = "Places"
[axes]
model = ["lo+cr", "nlo"]
"detector.baseline, background" = [["30 m", "paper-25mwe"], ["44 m", "flat-25mwe"], ["30.5 m", "tao-10mwe"]]
"flux_uncertainty, background_uncertainty" = [[0.005, 0.10], [0.010, 0.20]]
[settings]
experiment = "tao-30m"
exposure = "5 yr"
"""
PUBLISHED = """
[job]
name = "published"
title = "Published where everything agrees"
[axes]
"experiment, window.low" = [["tao-30m", "1 MeV"], ["cloud-surface", "2 MeV"]]
model = ["nlo"]
"flux_uncertainty, background_uncertainty" = [[0.005, 0.10], [0.010, 0.20]]
[settings]
exposure = "5 yr"
"""


def reach(nuloop, model, site, uncertainties):
    """What `nuloop reach` says of a point."""
    rows = nuloop.good("reach", "--experiment", "tao-30m", "--model", model,
                       "--flux-uncertainty", str(uncertainties[0]),
                       "--background-uncertainty", str(uncertainties[1]),
                       "--set", f"settings.detector.baseline={site[0]}",
                       "--set", f"settings.background={site[1]}").rows()
    return float(rows[0]["discovery_time_yr"])


def datasets(file):
    check([tuple(scale[0].name for scale in file["discovery_time"].dims)]
          == [("/model", "/detector.baseline", "/flux_uncertainty")],
          "discovery_time is not over the first keys")
    check(file["detector.baseline"][:].tolist() == [30.0, 44.0, 30.5], "detector.baseline")
    check(file["detector.baseline"].attrs["units"] == b"m", "unit of detector.baseline")
    model = file["background_model"]
    check([name.decode() for name in model[:]] == [site[1] for site in SITES], "background_model")
    check([scale[0].name for scale in (model,) for scale in model.dims] == ["/detector.baseline"],
          "background_model does not lie along detector.baseline")
    check(not h5py.h5ds.is_scale(model.id)
          and h5py.h5ds.is_scale(file["detector.baseline"].id), "which of them is the scale")
    check(file["background_uncertainty"][:].tolist() == [0.1, 0.2]
          and file["background_uncertainty"].dims[0][0].name == "/flux_uncertainty",
          "background_uncertainty does not lie along flux_uncertainty")


def in_xarray():
    with xarray.open_dataset("sites.h5", engine="h5netcdf") as ds:
        check({"background_model", "background_uncertainty"} <= set(ds.coords),
              f"xarray: coordinates {set(ds.coords)}")
        check(ds.background_model.dims == ("detector.baseline",)
              and ds.background_uncertainty.dims == ("flux_uncertainty",), "xarray: dimensions")
        check(ds.background_model.values.tolist() == [site[1] for site in SITES],
              f"xarray: {ds.background_model.values}")
        place = ds.discovery_time.sel({"detector.baseline": 44.0, "model": "nlo"})
        check(str(place.background_model.values) == "flat-25mwe", "xarray: another place")
    with xarray.open_dataset("rates.h5", engine="h5netcdf") as ds:
        check("background_model" in ds.coords, f"xarray, kind rates: {set(ds.coords)}")


def reports(nuloop, times):
    keys = ["model", "detector.baseline", "background", "flux_uncertainty",
            "background_uncertainty"]
    points = [(model, site, uncertainties) for model in ("lo+cr", "nlo") for site in SITES
              for uncertainties in UNCERTAINTIES]
    rows = nuloop.good("report", "sites.h5", "--format", "csv").rows()
    check(list(rows[0]) == [*keys, "discovery_time_yr", "published_yr"], f"csv: {list(rows[0])}")
    check(len(rows) == len(points), f"csv: {len(rows)} rows")
    listed = json.loads(nuloop.good("report", "sites.h5", "--format", "json").out)
    for row, entry, (model, site, uncertainties), time in zip(
            rows, listed["discovery_times"], points, times.flat):
        numbers = [float(site[0].split()[0]), site[1], *uncertainties]
        check([row[key] for key in keys] == [model, *map(lambda x: f"{x:g}" if isinstance(x, float)
                                                         else x, numbers)], f"csv: {row}")
        check([entry[key] for key in keys] == [model, *numbers], f"json: {entry}")
        check(float(row["discovery_time_yr"]) == time == entry["discovery_time_yr"],
              f"report: {row}, not {time}")
        check(reach(nuloop, model, site, uncertainties) == time,
              f"nuloop reach has another time for {model}, {site}, {uncertainties}")
    table = nuloop.good("report", "sites.h5").out.splitlines()
    headers = [key + " (m)" * (key == "detector.baseline") for key in keys]
    check(re.split(" {2,}", table[3])[:5] == headers, f"table: {table[3]}")
    check(table[5].split()[:5] == ["lo+cr", "30", "paper-25mwe", "0.005", "0.1"],
          f"table: {table[5]}")


def published(nuloop):
    """Only the first point is the paper's: tao-30m, NLO, 0.5 %, with its window and background."""
    Path("published.toml").write_text(PUBLISHED)
    nuloop.good("run", "published.toml", "-o", "published.h5")
    rows = nuloop.good("report", "published.h5", "--format", "csv").rows()
    check([row["published_yr"] for row in rows] == ["5.25", "", "", ""],
          f"published times beside {rows}")
    with h5py.File("published.h5") as file:
        low = file["rates/bin_low"]
        check([scale[0].name for scale in low.dims] == ["/rates/experiment", "/rates/bin"],
              "bin edges are not over the axis that moves the window")
        check(low[0, 0] == 1.0 and low[1, 0] == 2.0 and np.isnan(low[1, -1]), f"bin edges {low[:]}")


def test(nuloop):
    Path("sites.toml").write_text(JOB)
    nuloop.good("run", "sites.toml", "-o", "sites.h5")
    nuloop.good("verify", "sites.h5")
    nuloop.good("run", nuloop.source / "jobs" / "fig6.toml", "-o", "rates.h5", "--set",
                'axes."detector.baseline, background"=[["30 m", "none"], ["44 m", "tao-10mwe"]]',
                "--set", "settings.window.bin_width=3 MeV")
    with h5py.File("sites.h5") as file:
        datasets(file)
        times = file["discovery_time"][:]
        job = file.attrs["job"].decode()
    check(list(tomllib.loads(job)["axes"]) == list(tomllib.loads(JOB)["axes"]), "job: axes")
    in_xarray()
    reports(nuloop, times)
    published(nuloop)

    Path("again.toml").write_text(job)
    nuloop.good("run", "again.toml", "-o", "again.h5")
    with h5py.File("again.h5") as file:
        check(np.array_equal(file["discovery_time"], times), "the job attribute is another job")
    nuloop.good("run", "sites.toml", "-o", "one.h5", "--set",
                'axes."detector.baseline, background"=[["44 m", "flat-25mwe"]]')
    with h5py.File("one.h5") as file:  # a replaced axis keeps its place
        check(np.array_equal(file["discovery_time"][:, 0], times[:, 1]), "--set: other times")


main(test)
