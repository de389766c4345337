#!/usr/bin/python3
"""Writes the tables of jobs/RESULTS.md from the results of the jobs.

usage: jobs/results.py [--check] [--results FOLDER] [TABLE...]

FOLDER (default: results) has what jobs/run.sh leaves there; what is damaged is refused. In the page
each table stands between `<!-- table NAME -->` and `<!-- end -->`, and what is between them is
replaced. If names are given only these tables are written. With --check nothing is written, and the
exit status is 1 if a table of the page is not that of the results.
"""
# SPDX-License-Identifier: GPL-3.0-or-later
import argparse
import functools
import importlib.util
import re
import sys
import tomllib
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "jobs" / "RESULTS.md"
PLOTS = ROOT / "apps" / "plots"
sys.path.insert(0, str(PLOTS))
from reading import open_result  # noqa: E402  (its folder comes first)

BLOCK = re.compile(r"(<!-- table (\S+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)

TAO = {"experiment": "tao-30m"}
HALF_PERCENT = {"flux_uncertainty": 0.005}
MODELS = {"lo+cr": "LO+CR", "nlo": "NLO"}
RADIUS_UNIT = 1e-33  # cm2
DAYS = 365.25  # per year


class Result:
    """A result file whose datasets are taken at values of the job's axes."""

    def __init__(self, path):
        self.file = open_result(path)
        self.path = path

    def values(self, axis):
        """The values of an axis; names as str."""
        values = self.file[axis][()]
        return [name.decode() for name in values] if values.dtype.kind in "SO" else values

    def axes(self, dataset):
        """Names of the job's axes along it; paths of what is no axis. A group has copies of the axes."""
        paths = [scales[0].name.lstrip("/") for scales in self.file[dataset].dims]
        return [path.split("/")[-1] if path.split("/")[-1] in self.file else path for path in paths]

    def index(self, axis, value):
        """Where the axis has exactly this value."""
        values = self.values(axis)
        for place, known in enumerate(values):
            if known == value or not isinstance(value, str) and np.isclose(known, value, rtol=1e-9, atol=0):
                return place
        sys.exit(f"{self.path}: {axis} has no value {value}; there are {', '.join(map(str, values))}")

    def at(self, dataset, point):
        """The dataset at {axis: value}. The other axes stay, in the job's order; those of one value go."""
        axes = self.axes(dataset)
        missing = [axis for axis in point if axis not in axes]
        if missing:
            sys.exit(f"{self.path}: {dataset} has no axis {', '.join(missing)}")
        where = tuple(self.index(axis, point[axis]) if axis in point else slice(None) for axis in axes)
        return np.squeeze(self.file[dataset][where])

    def settings(self):
        """What the job sets, or leaves at its default, for all points."""
        return tomllib.loads(self.file.attrs["job"].decode())["settings"]


# How numbers are printed.

def digits(value, count=3):
    """A positive number with so many digits: 5.12, 0.055, 4660, 1.5e5; `never` if infinite."""
    if np.isinf(value):
        return "never"
    exponent = int(np.floor(np.log10(float(f"{value:.{count - 1}e}"))))
    if exponent >= 5:
        return f"{value:.{count - 1}e}".replace("e+0", "e").replace("e+", "e")
    return f"{float(f'{value:.{count - 1}e}'):.{max(count - 1 - exponent, 0)}f}"


def percent(fraction):
    return f"{100 * fraction:g} %"


def duration(years):
    """As a job says it: `10 days`, `1 month`, `5 years`."""
    if years < 1 / 15:
        number, unit = DAYS * years, "day"
    elif years < 1:
        number, unit = 12 * years, "month"
    else:
        number, unit = years, "year"
    return f"{number:.3g} {unit}{'' if np.isclose(number, 1) else 's'}"


def spread(ratios):
    """The smallest and the largest ratio, or one of them if they are printed the same."""
    low, high = (digits(edge, 5 if abs(edge - 1) < 5e-3 else 3) for edge in (min(ratios), max(ratios)))
    low, high = (re.sub(r"^1\.0*$", "1", edge) for edge in (low, high))
    return low if low == high else f"{low} to {high}"


def measured(value, error, places=3):
    return f"{value:.{places}f} +- {error:.{places}f}"


def plot_module(name):
    """A script of apps/plots; those of figures need matplotlib."""
    spec = importlib.util.spec_from_file_location(name.replace("-", "_"), PLOTS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# The tables. Each function takes the folder of results and returns a header and rows.

def discovery_times(results):
    fig7 = Result(results / "fig7.h5")
    uncertainties = fig7.values("flux_uncertainty")
    columns = [(model, uncertainty) for model in MODELS for uncertainty in uncertainties]
    rows = [[name, *(digits(fig7.at("discovery_time", {"experiment": name, "model": model,
                                                       "flux_uncertainty": uncertainty}))
                     for model, uncertainty in columns)]
            for name in fig7.values("experiment")]
    return ["experiment", *(f"{MODELS[model]}, {percent(uncertainty)}" for model, uncertainty in columns)], rows


REFERENCE_ANGLES = [0.23122, 0.233, 0.2334, 0.234, 0.2386]


def reference_angle(results):
    job = Result(results / "lo-reference.h5")
    rows = []
    for model in MODELS:
        for observable in job.values("observable"):
            point = {**TAO, **HALF_PERCENT, "model": model, "observable": observable}
            rows.append([MODELS[model], observable, *(
                digits(job.at("discovery_time", {**point, "lo.sin2_theta_w": angle}))
                for angle in REFERENCE_ANGLES)])
    return ["model", "observable", *map(str, REFERENCE_ANGLES)], rows


def names_on_axis(job, axis):
    """What the job writes on that axis: names of values (configs/named_values.toml), or numbers."""
    return tomllib.loads(job.file.attrs["job"].decode())["axes"][axis]


# Experiment, model, flux uncertainty, and the time that the paper has.
QUOTED = [("cloud-surface", "lo+cr", 0.005, "2"), ("cloud-surface", "lo+cr", 0.01, "5"),
          ("cloud-surface", "nlo", 0.005, "10"), ("tao-30m", "lo+cr", 0.005, "1"), ("tao-30m", "nlo", 0.005, "5.25")]


def named_angles(results):
    job = Result(results / "what-is-discovered" / "angles.h5")
    rows = [["the paper", "", *(quoted for *_, quoted in QUOTED)]]
    for name, angle in zip(names_on_axis(job, "lo.sin2_theta_w"), job.values("lo.sin2_theta_w")):
        rows.append([f"`{name}`", f"{angle:.5g}", *(
            digits(job.at("discovery_time", {"experiment": experiment, "model": model, "lo.sin2_theta_w": angle,
                                             "flux_uncertainty": uncertainty}))
            for experiment, model, uncertainty, _ in QUOTED)])
    return ["name", "angle", *(f"{experiment} {MODELS[model]}, {percent(uncertainty)}"
                               for experiment, model, uncertainty, _ in QUOTED)], rows


def theory_uncertainty(results):
    job = Result(results / "what-is-discovered" / "theory.h5")
    axis = "theory.hadronic_3_gamma_uncertainty"
    experiments = job.values("experiment")
    rows = [[f"`{name}`" if isinstance(name, str) else "none", percent(value), *(
        digits(job.at("discovery_time", {"experiment": experiment, axis: value})) for experiment in experiments)]
            for name, value in zip(names_on_axis(job, axis), job.values(axis))]
    return ["name", "of Pi_3gamma", *experiments], rows


def reached(years, exposure):
    """In two digits, or that it is before the first exposure or after the last."""
    if not years > exposure[0]:
        return f"below {exposure[0]:.2g}"
    return digits(years, 2) if np.isfinite(years) else f"over {exposure[-1]:.4g}"


def prior_on_the_angle(results):
    """Years to 3 and 5 sigma of NLO counts against LO, by what is known of LO's angle."""
    folder = results / "what-is-discovered"
    priors, fixed = Result(folder / "prior.h5"), Result(folder / "fixed.h5")
    axis = "lo.sin2_theta_w_uncertainty"
    told = plot_module("reading").Result(["experiment", axis, "exposure"], "measurement",
                                         folder / "prior.h5").told("times")
    exposure, widths = priors.values("exposure"), priors.values(axis)
    names = dict(zip(widths, names_on_axis(priors, axis)))
    rows = []
    for place, name in enumerate(priors.values("experiment")):
        times = [digits(fixed.at("discovery_time", {"experiment": name, "model": model,
                                                    "discovery.significance": sigma}), 2)
                 for model in ("nlo", "lo") for sigma in (3.0, 5.0)]
        cells = [", ".join(times[:2]), ", ".join(times[2:])]
        for width in sorted(widths, key=lambda width: width or np.inf):
            cells.append(", ".join(reached(told[f"years_to_{sigma}_sigma"][place, priors.index(axis, width)], exposure)
                                   for sigma in (3, 5)))
        rows.append([name, *cells])
    shown = [f"{width:g}" + (f" (`{names[width]}`)" if isinstance(names[width], str) else "")
             for width in sorted(widths) if width]
    return ["experiment", "fixed, NLO tested", "fixed, LO tested", *(f"prior {text}" for text in shown), "free"], rows


# Job of the folder: what it changes, its unit in the table, the factor to this unit, and the values to
# show if not all.
INFLUENCES = {
    "threshold": ("lower end of the window", " MeV", 1, None),
    "bin-width": ("bin width", " MeV", 1, None),
    "theory": ("uncertainty of Pi_3gamma", " %", 100, None),
    "background": ("model of the background", "", 1, ["flat-25mwe", "tao-10mwe"]),
    "resolution": ("resolution times sqrt(T/MeV)", " %", 100, [0.02, 0.05, 0.10]),
    "fuel": ("composition of the fuel", "", 1, None),
    "flux": ("model of the flux", "", 1, None),
    "energy-per-fission": ("energies per fission", "", 1, None),
    "flux-shape": ("uncertainty of each isotope's spectrum", " x published", 1, None),
    "isotope-yields": ("uncertainty of each cosmogenic yield", " x published", 1, None),
    "reactor-off": ("time without reactor per time with it", "", 1, None),
    "energy-scale": ("uncertainty of the energy scale", " %", 100, None),
}


def influence(fig7, job, meaning, unit, factor, chosen):
    """Cells of one job: what it sweeps, and the times of tao-30m over those of fig7."""
    axis, = set(job.axes("discovery_time")) - set(fig7.axes("discovery_time"))
    values = list(job.values(axis))
    ratios = []
    for model in MODELS:
        point = {**TAO, **HALF_PERCENT, "model": model}
        ratios.append(job.at("discovery_time", point) / fig7.at("discovery_time", point))

    def shown(value):
        return f"`{value}`" if isinstance(value, str) else f"{factor * value:g}"

    # Two jobs may integrate on different grids, to 1e-10, which differences enhance.
    nominal = [shown(value) + unit for value, ratio in zip(values, ratios[-1]) if abs(ratio - 1) < 1e-6]
    if chosen:
        places = [job.index(axis, value) for value in chosen]
        swept = ", ".join(map(shown, chosen))
        cells = [", ".join(spread([ratio[place]]) for place in places) for ratio in ratios]
    else:
        between = ", " if isinstance(values[0], str) else " to "
        swept = between.join(map(shown, values if between == ", " else (values[0], values[-1])))
        cells = [spread(ratio) for ratio in ratios]
    return [meaning, swept + unit, nominal[0] if nominal else "each reactor's own", *cells]


def influences(results):
    fig7 = Result(results / "fig7.h5")
    rows = [[f"`{name}`", *influence(fig7, Result(results / "influences" / f"{name}.h5"), *words)]
            for name, words in INFLUENCES.items()]
    return ["job", "what changes", "values", "nominal", "LO+CR", "NLO"], rows


JOINT = "tao-30m+cloud-25mwe"
PULLS = ["flux_correlation", "flux_shape.uncorrelated_scale", "flux_shape.isotope_scale",
         "flux_shape.common_scale", "flux_shape.covariance_scale", "isotope_yields.scale",
         "reactor_off.share", "energy_scale_uncertainty", "resolution_uncertainty",
         "resolution.stochastic", "theory.hadronic_3_gamma_uncertainty"]
# Result, and the point in it; what is not named is zero.
SYSTEMATICS = [
    ("systematics", {}),
    ("pulls/flux-correlation", {"flux_correlation": 1.0}),
    ("pulls/flux-each-energy", {"flux_shape.uncorrelated_scale": 0.1}),
    ("pulls/flux-each-energy", {"flux_shape.uncorrelated_scale": 1.0}),
    ("systematics", {"flux_shape.isotope_scale": 0.1}),
    ("systematics", {"flux_shape.isotope_scale": 1.0}),
    ("pulls/flux-common", {"flux_shape.common_scale": 0.1}),
    ("pulls/flux-common", {"flux_shape.common_scale": 1.0}),
    ("pulls/flux-published", {"flux_shape.covariance_scale": 0.1}),
    ("pulls/flux-published", {"flux_shape.covariance_scale": 0.3}),
    ("systematics", {"isotope_yields.scale": 0.1}),
    ("systematics", {"isotope_yields.scale": 1.0}),
    ("systematics", {"isotope_yields.scale": 1.0, "reactor_off.share": 0.1}),
    ("systematics", {"isotope_yields.scale": 1.0, "reactor_off.share": 1.0}),
    ("systematics", {"reactor_off.share": 0.1}),
    ("systematics", {"reactor_off.share": 1.0}),
    ("pulls/energy-scale", {"energy_scale_uncertainty": 0.005}),
    ("pulls/energy-scale", {"energy_scale_uncertainty": 0.05}),
    ("pulls/resolution", {}),
    ("pulls/resolution", {"resolution_uncertainty": 0.05}),
    ("pulls/theory", {"theory.hadronic_3_gamma_uncertainty": 0.2}),
    ("pulls/all", {}),
    ("pulls/all", {"reactor_off.share": 0.1}),
]


def systematics(results):
    """Times of NLO, with all that is set besides what fig7 has."""
    rows = []
    for name, point in SYSTEMATICS:
        job = Result(results / f"{name}.h5")
        axes = job.axes("discovery_time")
        point = {axis: 0.0 for axis in PULLS if axis in axes} | point
        if "model" in axes:
            point["model"] = "nlo"
        all_set = {key: {**job.settings(), **point}.get(key) for key in PULLS}
        label = ", ".join(f"`{key}` = {value:g}" for key, value in all_set.items() if value)
        rows.append([label or "nothing: the paper's chi2", f"`{name}`", *(
            digits(job.at("discovery_time", {**point, "experiment": experiment}))
            for experiment in ("tao-30m", "cloud-surface", JOINT))])
    return ["what is set", "job", "tao-30m", "cloud-surface", "joint"], rows


CLIFF = [0.0, 0.005, 0.0059, 0.0069, 0.01, 0.015, 0.02]


ROOM = [0.0, 0.003, 0.004, 0.005, 0.0055, 0.006, 0.0065, 0.007, 0.01]


def budget_parts(_):
    """What must fit into the uncertainty of the signal's normalisation, and the sums in quadrature."""
    budget = plot_module("budget")
    with open(budget.PARTS, "rb") as file:
        rows = [[part["name"], percent(part["size"]), part["source"]] for part in tomllib.load(file)["part"]]
    return ["part", "size", "source"], [
        *rows, ["all in quadrature, without the last one", f"{100 * budget.in_quadrature():.2g} %", ""],
        ["the same without the flux", f"{100 * budget.in_quadrature([budget.FLUX]):.2g} %", ""]]


def budget_times(results):
    job = Result(results / "budget.h5")
    rows = [[name, MODELS[model], *(digits(job.at("discovery_time", {"experiment": name, "model": model,
                                                                     "flux_uncertainty": uncertainty}))
                                    for uncertainty in ROOM)]
            for name in ("tao-30m", "cloud-surface") for model in MODELS]
    return ["experiment", "model", *map(percent, ROOM)], rows


def cliff(results):
    job = Result(results / "landscape" / "uncertainties.h5")
    rows = []
    for name in job.values("experiment"):
        for model in MODELS:
            point = {"experiment": name, "model": model, "window.bin_width": 0.5, "background_uncertainty": 0.1}
            rows.append([name, MODELS[model], *(
                digits(job.at("discovery_time", {**point, "flux_uncertainty": uncertainty}))
                for uncertainty in CLIFF)])
    return ["experiment", "model", *map(percent, CLIFF)], rows


def never(results):
    """In one bin: the first values of each uncertainty without a discovery, the other one at its smallest."""
    job = Result(results / "landscape" / "uncertainties.h5")
    rows = []
    for name in job.values("experiment"):
        for model in MODELS:
            times = job.at("discovery_time", {"experiment": name, "model": model, "window.bin_width": 9.0})
            cells = [percent(float(f"{job.values(axis)[np.flatnonzero(np.isinf(along))[0]]:.2g}"))
                     for axis, along in (("flux_uncertainty", times[:, 0]), ("background_uncertainty", times[0]))]
            rows.append([name, MODELS[model], *cells])
    return ["experiment", "model", "flux uncertainty", "background uncertainty"], rows


IMPACTS = {
    "lo.sin2_theta_w": "sin^2(theta_W) of LO",
    "one_loop.left_same_flavour": "coupling c_L of NLO",
    "one_loop.right": "coupling c_R of NLO",
    "discovery.significance": "wanted significance",
    "detector.baseline": "baseline",
    "one_loop.hadronic_3_gamma": "Pi_3gamma of the light quarks",
    "flux_uncertainty": "flux uncertainty",
    "reactor.thermal_power": "power (also load factor, electrons per mass)",
    "detector.mass": "target mass",
    "background.scale": "background",
    "window.low": "lowest edge of the window",
    "background_uncertainty": "uncertainty of the background",
}


def signed(value, count=3):
    """`+3.6`, `-1.76`; tiny ones by their bound."""
    if np.isnan(value):
        return ""
    if value == 0:
        return "0"
    if abs(value) < 1e-4:
        return "below 1e-4"
    return ("-" if value < 0 else "+") + digits(abs(value), count)


def impacts(results):
    job = Result(results / "impacts.h5")
    rows = []
    for key, meaning in IMPACTS.items():
        found = [job.at("impacts/elasticity", {**TAO, "model": model, "impacts/input": key}) for model in MODELS]
        rows.append([meaning, f"`{key}`", *map(signed, found)])
    return ["input", "key", "LO+CR: % per +1 %", "NLO: % per +1 %"], rows


def impact_shifts(results):
    """The inputs whose standard deviation moves NLO most."""
    job = Result(results / "impacts.h5")
    shifts = {model: job.at("impacts/shift", {**TAO, "model": model}) for model in MODELS}
    keys = job.values("impacts/input")
    known = [place for place in range(len(keys)) if not np.isnan(shifts["nlo"][place])]
    known.sort(key=lambda place: -abs(shifts["nlo"][place]))
    rows = [[f"`{keys[place]}`", *(signed(shifts[model][place], 2) for model in MODELS)] for place in known[:8]]
    return ["input", "LO+CR (years)", "NLO (years)"], rows


def interval(job, point, unit, places):
    low, high = (float(job.at(f"measurement/interval_{side}", point)) / unit for side in ("low", "high"))
    return f"{low:.{places}f} to {high:.{places}f}"


def intervals(results):
    """At 90 % after a year; the angle is measured for two detectors only."""
    radius = Result(results / "measure-charge-radius" / "intervals.h5")
    angle = Result(results / "measure-couplings" / "sin2-theta-w.h5")
    rows = []
    for name in radius.values("experiment"):
        point = {"experiment": name, **HALF_PERCENT, "exposure": 1.0, "measurement/level": 0.90}
        found = [interval(radius, {**point, "reference": data}, RADIUS_UNIT, 2) for data in MODELS]
        best = float(radius.at("measurement/best_fit", {"experiment": name, **HALF_PERCENT, "exposure": 1.0,
                                                        "reference": "nlo"})) / RADIUS_UNIT
        of_angle = interval(angle, point, 1, 4) if name in angle.values("experiment") else ""
        rows.append([name, *found, f"{best:.2f}", of_angle])
    return ["experiment", "LO+CR data", "NLO data", "best fit, NLO data", "sin^2(theta_W), LO data"], rows


def other_sign(results):
    """Least chi2 at the other sign of c_R."""
    job = Result(results / "measure-couplings" / "mirror.h5")
    exposures = job.values("exposure")
    rows = [[name, *(f"{job.at('chi2', {'experiment': name, 'exposure': years}).min():.2f}" for years in exposures)]
            for name in job.values("experiment")]
    return ["experiment", *map(duration, exposures)], rows


def feldman_cousins(results):
    plots = plot_module("measure-charge-radius")
    job = plots.Tested(["experiment", "statistic", "free.charge_radius", "exposure"],
                       results / "measure-charge-radius" / "feldman-cousins.h5")
    rows = []
    for place, name in enumerate(job.values("experiment")):
        for when, years in enumerate(job.values("exposure")):
            cells = []
            for statistic in (job.index("statistic", known) for known in ("reference", "poisson")):
                toys, asymptotic, errors = job.interval(place, statistic, when, plots.NINETY)
                cells += [f"{asymptotic[0]:.2f} to {asymptotic[1]:.2f}",
                          f"{toys[0]:.2f} to {toys[1]:.2f} (+- {max(errors):.2g})"]
            rows.append([name, duration(years), *cells])
    return ["experiment", "time", "`reference`, asymptotic", "Feldman and Cousins", "`poisson`, asymptotic",
            "Feldman and Cousins"], rows


FEW = [5, 15, 30, 100, 1000, 30000]  # events


def few_events(results):
    """Critical rises of chi2 over the asymptotic ones, at the points nearest to some numbers of events."""
    plots = plot_module("measure-charge-radius")
    folder = results / "measure-charge-radius"
    few = plots.Critical(["experiment", "statistic", "exposure"], folder / "few-events.h5")
    counts = plots.Result(["experiment"], "rates", folder / "counts.h5")
    ratio, error = few.ratio()
    rows = []
    for place, name in enumerate(few.values("experiment")):
        number = plots.events(counts, name, few.values("exposure"))
        for when in nearest(number, FEW):
            cells = [", ".join(f"{value:.2f}" for value in ratio[place, few.index("statistic", statistic), when])
                     for statistic in ("reference", "poisson")]
            rows.append([name, digits(number[when]), *cells, f"{error[place, :, when].max():.2f}"])
    return ["experiment", "events", "`reference`", "`poisson`", "error at most"], rows


def nearest(number, wanted):
    """Places of the numbers nearest to those wanted, by their ratio; each once, none a factor of 2 away."""
    found = []
    for target in wanted:
        distance = np.abs(np.log(number / target))
        place = int(np.argmin(distance))
        if distance[place] < np.log(2) and place not in found:
            found.append(place)
    return found


def toys(results, name, axes):
    """A result of jobs/toys-5sigma, by the class of its figure, and its p values over those of a normal z."""
    plots = plot_module("toys-5sigma")
    job = plots.Toys(axes, results / "toys-5sigma" / f"{name}.h5")
    return plots, job, job.ratio, job.ratio_error


def ratio_cell(ratio, error):
    places = next((3 - place for place, limit in enumerate((0.02, 0.2, 2)) if error < limit), 0)
    return measured(ratio, error, places) if ratio > 0 else "none seen"


def five_sigma(results):
    plots, job, ratio, error = toys(results, "tails", ["experiment", "toys.tail", "exposure"])
    three, five = job.at(3), job.at(5)
    sigma, sigma_error = job.sigmas(5)
    rows = []
    for place, name in enumerate(job.values("experiment")):
        for when, years in enumerate(job.values("exposure")):
            for how, tail in enumerate(job.values("toys.tail")):
                at = (place, how, when)
                seen = np.isfinite(sigma[at])
                rows.append([name, duration(years), "importance" if tail else "brute force",
                             f"{job.significance[at]:.2f}", ratio_cell(ratio[at][three], error[at][three]),
                             ratio_cell(ratio[at][five], error[at][five]),
                             measured(sigma[at], sigma_error[at], 4 if tail else 2) if seen else "none seen"])
    return ["experiment", "time", "sampling", "sqrt(chi2)", "p at 3 sigma", "p at 5 sigma", "5 sigma is"], rows


def pulls(results):
    _, job, ratio, error = toys(results, "pulls", ["experiment", "toys.pulls", "exposure"])
    five = job.at(5)
    rows = [[name, duration(years), *(ratio_cell(ratio[place, how, when, five], error[place, how, when, five])
                                         for how in range(len(job.values("toys.pulls"))))]
            for place, name in enumerate(job.values("experiment"))
            for when, years in enumerate(job.values("exposure"))]
    return ["experiment", "time", *(f"`{how}`" for how in job.values("toys.pulls"))], rows


LOW_COUNTS = [4, 20, 100, 1000, 1e4, 1e5, 1e6]  # events


def low_counts(results):
    plots, job, ratio, error = toys(results, "low-counts", ["experiment", "exposure"])
    counts = plots.Result(["experiment"], "rates", results / "toys-5sigma" / "counts.h5")
    three, five = job.at(3), job.at(5)
    sigma, sigma_error = job.sigmas(5)
    rows = []
    for place, name in enumerate(job.values("experiment")):
        number = plots.expected_counts(counts, job, name)
        for when in nearest(number, LOW_COUNTS):
            at = (place, when)
            rows.append([name, digits(number[when]), ratio_cell(ratio[at][three], error[at][three]),
                         ratio_cell(ratio[at][five], error[at][five]),
                         measured(sigma[at], sigma_error[at], 3) if np.isfinite(sigma[at]) else "none seen"])
    return ["experiment", "events", "p at 3 sigma", "p at 5 sigma", "5 sigma is"], rows


def statistics(results):
    """Of cloud-300mwe: p at 5 sigma over that of a normal z, and the median of z with few events."""
    plots, job, ratio, error = toys(results, "statistics", ["experiment", "statistic", "exposure"])
    counts = plots.Result(["experiment"], "rates", results / "toys-5sigma" / "counts.h5")
    name = "cloud-300mwe"
    place, five = job.index("experiment", name), job.at(5)
    number = plots.expected_counts(counts, job, name)
    shown = nearest(number, [10, 50, 150, 400, 1000, 5000, 1e5])
    few = nearest(number, [50])[0]
    median = job.array("toys/quantile")[place, :, few, 2]
    rows = []
    for how, statistic in enumerate(job.values("statistic")):
        cells = [digits(ratio[place, how, when, five]) if ratio[place, how, when, five] > 0 else "none seen"
                 for when in shown]
        rows.append([f"`{statistic}`", *cells, f"{median[how]:+.2f}"])
    return ["`statistic`", *(f"{digits(number[when])} events" for when in shown),
            f"median of z, {digits(number[few])}"], rows


def statistic_times(results):
    job = Result(results / "toys-5sigma" / "times.h5")
    names = job.values("statistic")
    rows = [[experiment, MODELS[model], *(
        digits(job.at("discovery_time", {**HALF_PERCENT, "experiment": experiment, "model": model,
                                         "statistic": name}), 4) for name in names)]
            for experiment in job.values("experiment") for model in MODELS]
    return ["experiment", "model", *(f"`{name}`" for name in names)], rows


def bands(results):
    """When 16, 50 and 84 % of the experiments have rejected the model, at 5 sigma."""
    plots = plot_module("bands")
    job = plots.Result(["experiment", "model", "exposure"], "toys", results / "bands.h5")
    years, times = job.values("exposure"), job.told("times")["years_to_5_sigma"]
    rows = []
    for place, name in enumerate(job.values("experiment")):
        for which, model in enumerate(job.values("model")):
            # The bands come with the narrow one last: 68 %.
            ranges, median = plots.discovery_times(times[place, which])
            early, late = ranges[-1]
            rows.append([name, MODELS[model], *(plots.shown_years(time, years) for time in (early, median, late))])
    return ["experiment", "model", "16 %", "50 %", "84 %"], rows


SCALES = [0.0, 0.1, 0.25, 0.4, 0.5, 0.75, 1.0]
SCALE = "signal_uncertainties.scale"
FREE = "flux_shape.free_scale"


def in_situ_results(results, *names):
    return [Result(results / "flux-in-situ" / f"{name}.h5") for name in names]


@functools.cache
def known_ratio():
    """How well the ratio of decays to scatterings is known, in per cent: alike for all detectors."""
    experiments = tomllib.loads((ROOT / "configs" / "experiments.toml").read_text())
    sizes = [part["size"].removesuffix("%") for part in experiments["tao-30m-ibd"]["signal_uncertainties"]]
    return float(np.sqrt(sum(float(size)**2 for size in sizes)))


def ratio_text(scale):
    return f"{scale * known_ratio():.2g} %"


def in_situ_times(results):
    """With a free normalisation and shape; alone with the paper's half per cent."""
    ratio, alone = in_situ_results(results, "ratio", "alone")
    rows = []
    for name in ratio.values("experiment"):
        for model in MODELS:
            single = alone.at("discovery_time", {"experiment": name.removesuffix("+ibd"), "model": model,
                                                 **HALF_PERCENT})
            point = {"experiment": name, "model": model, FREE: 1.0}
            rows.append([name, MODELS[model], digits(single), *(
                digits(ratio.at("discovery_time", {**point, SCALE: scale})) for scale in SCALES)])
    return ["experiment", "model", "alone, 0.5 %", *map(ratio_text, SCALES)], rows


def in_situ_flux(results):
    """The flux uncertainty with which scattering alone has the significance that both have, for NLO."""
    ratio, alone = in_situ_results(results, "ratio", "alone")
    years, widths = ratio.values("exposure"), alone.values("flux_uncertainty")
    rows = []
    for name in ratio.values("experiment"):
        single = alone.at("significance", {"experiment": name.removesuffix("+ibd"), "model": "nlo"})
        for scale in (0.0, 0.25, 1.0):
            both = ratio.at("significance", {"experiment": name, "model": "nlo", FREE: 1.0, SCALE: scale})
            # Significance falls with the uncertainty.
            found = [np.interp(-both[place], -single[:, place], widths) for place in range(len(years))]
            rows.append([name, ratio_text(scale), *(f"{100 * width:.2f} %" for width in found)])
    return ["experiment", "ratio known to", *map(duration, years)], rows


def in_situ_needed(results):
    """How well the ratio must be known for 5 sigma of NLO; the inverse time falls with what is not known."""
    ratio, = in_situ_results(results, "ratio")
    scales = ratio.values(SCALE)
    wanted = [2, 5, 10, 20, 30]
    rows = []
    for name in ratio.values("experiment"):
        for free, shape in ((0.0, "the model's"), (1.0, "free")):
            times = ratio.at("discovery_time", {"experiment": name, "model": "nlo", FREE: free})
            rows.append([name, shape, *(
                f"{known_ratio() * np.interp(-1 / years, -1 / times, scales):.2f} %" if times[0] < years else "out of reach"
                for years in wanted)])
    return ["experiment", "shape of the flux", *map(duration, wanted)], rows


def in_situ_shape(results):
    """Times of NLO by what is known of the shape and of both energy scales."""
    job, = in_situ_results(results, "shape")
    published, energy = "flux_shape.uncorrelated_scale", "energy_scale_uncertainty"
    cases = [("the model's", {}), ("the model's, with published uncertainties", {published: 1.0}),
             ("2 % in each bin", {FREE: 0.02}), ("10 % in each bin", {FREE: 0.1}), ("free", {FREE: 1.0})]
    rows = []
    for label, change in cases:
        for scale in (0.0, 0.005):
            point = {"experiment": "tao-30m+ibd", "model": "nlo", published: 0.0, FREE: 0.0, **change,
                     energy: scale}
            rows.append([label, percent(scale) if scale else "exact", *(
                digits(job.at("discovery_time", {**point, SCALE: width})) for width in job.values(SCALE))])
    return ["shape of the flux", "energy scales", *map(ratio_text, job.values(SCALE))], rows


IN_SITU_IMPACTS = {
    "signal_uncertainties.free protons": "how well the protons are known, 0.46 %",
    "signal_uncertainties.neutron's detection": "how well the neutron's detection is known, 0.37 %",
    "signal_uncertainties.cross section": "how well the cross section is known, 0.09 %",
    "lo.sin2_theta_w": "sin^2(theta_W) of LO",
    "one_loop.hadronic_3_gamma": "Pi_3gamma of the light quarks",
    "detector.baseline": "baseline",
    "reactor.thermal_power": "power (also load factor)",
    "detector.mass": "target mass",
    "background.scale": "background of scattering",
    "reactor.fission_fraction.Pu239": "fission fraction of 239Pu",
}


def in_situ_impacts(results):
    """What the time with decays owes to each input, tao-30m."""
    job, = in_situ_results(results, "impacts")
    rows = []
    for key, meaning in IN_SITU_IMPACTS.items():
        found = [job.at("impacts/elasticity", {"experiment": "tao-30m+ibd", "model": model, "impacts/input": key})
                 for model in MODELS]
        rows.append([meaning, f"`{key}`", *map(signed, found)])
    return ["input", "key", "LO+CR: % per +1 %", "NLO: % per +1 %"], rows


def in_situ_sterile(results):
    """Times of tao-30m, alone and with decays, over those without disappearance."""
    job, = in_situ_results(results, "sterile")
    mixing, mass = "oscillation.sin2_2theta", "oscillation.delta_m2"
    rows = []
    for experiment in ("tao-30m", "tao-30m+ibd"):
        for model in MODELS:
            at = [job.at("discovery_time", {"experiment": experiment, "model": model, mixing: 0.1, mass: value})
                  / job.at("discovery_time", {"experiment": experiment, "model": model, mixing: 0.0, mass: value})
                  for value in job.values(mass)]
            rows.append([experiment, model.upper(), *(f"{ratio:.3f}" for ratio in at)])
    return ["experiment", "model", *(f"{value:g} eV2" for value in job.values(mass))], rows


def in_situ_evolution(results):
    """Times of tao-30m during a cycle of the fuel, and what dividing it into periods saves."""
    job, = in_situ_results(results, "evolution")
    isotopes = {0.0: "as in the model", 1.0: "as published", 50.0: "not known"}
    cases = [("tao-30m", 0.005, 0.0, 0.0)]
    cases += [("tao-30m+ibd", 0.2, scale, known) for scale in (0.0, 0.5) for known in isotopes]
    rows = []
    for experiment, width, scale, known in cases:
        cells = []
        for model in MODELS:
            def time(division):
                return job.at("discovery_time", {
                    "experiment": f"{experiment}-{division}", "model": model, "flux_uncertainty": width,
                    "flux_shape.uncorrelated_scale": known, SCALE: scale})
            cells += [digits(time("cycle")), f"{100 * (1 - time('6-periods') / time('cycle')):.2f} %"]
        what = "free, ratio exact" if not scale else f"free, ratio known to {ratio_text(scale)}"
        rows.append([experiment, what if width > 0.1 else percent(width), isotopes[known], *cells])
    return ["experiment", "normalisation of the flux", "flux of each isotope", *(
        cell for model in MODELS.values() for cell in (model, f"{model}, saved by six periods"))], rows


# Name in the page: the function, and the jobs whose results it reads.
def radioactivity(results):
    """Times by how much 238U and 232Th there is, and how many events of theirs there are."""
    job = Result(results / "radioactivity.h5")
    known = "further_backgrounds.uncertainty_scale"
    widths, rows = job.values(known), []
    for factor in job.values("further_backgrounds.scale"):
        def counts(scale):
            return job.at("rates/background", {"further_backgrounds.scale": scale, "model": "nlo"}).sum()
        rows.append([f"{1e-15 * factor:.0e}" if factor else "0", f"{counts(factor) - counts(0.0):.2f}", *(
            digits(job.at("discovery_time", {"further_backgrounds.scale": factor, "model": model, known: width,
                                             **HALF_PERCENT}))
            for model in MODELS for width in widths)])
    return ["concentration of each (g/g)", "events per day",
            *(f"{model}, known to {10 * width:g} %" for model in MODELS.values() for width in widths)], rows


def biases(results, name, fit, data):
    """How far a wrong flux moves what is measured, with flux uncertainties left out and as published; and one sigma."""
    job = Result(results / "two-worlds" / f"{name}.h5")
    point = {**TAO, "flux": fit}
    moved, sigmas = [], []
    for scale in (0.0, 1.0):
        at = {**point, "flux_shape.covariance_scale": scale}
        own, found = (job.at("measurement/best_fit", {**at, "data.flux": flux}) for flux in (fit, data))
        low, high = (job.at(f"measurement/interval_{end}", {**at, "data.flux": fit, "measurement/level": 0.68})
                     for end in ("low", "high"))
        moved.append(found - own)
        sigmas.append((high - low) / 2)
    return moved, sigmas


def pairs_of_fluxes(job):
    return [(fit, data) for fit in job.values("flux") for data in job.values("data.flux") if fit != data]


def wrong_flux(results):
    """Of tao-30m: what LO and NLO with the wrong flux are rejected by on LO counts."""
    job = Result(results / "two-worlds" / "flux.h5")
    rows = []
    for fit, data in pairs_of_fluxes(job):
        point = {**TAO, **HALF_PERCENT, "flux": fit, "data.flux": data, "flux_shape.covariance_scale": 0.0}
        known = {**point, "flux_shape.covariance_scale": 1.0}
        rows.append([f"`{fit}`", f"`{data}`", *(
            f"{job.at('significance', {**at, 'model': 'lo', 'exposure': years}):.2f}"
            for at in (point, known) for years in (1.0, 5.0)), *(
                digits(job.at("discovery_time", {**point, "model": model})) for model in ("lo", *MODELS))])
    return ["fit", "data", "LO, 1 year", "LO, 5 years", "with modes, 1 year", "with modes, 5 years", "5 sigma of LO",
            "of LO+CR", "of NLO"], rows


def wrong_flux_bias(results):
    """Of tao-30m after 5 years, in units and in standard deviations of the same measurement."""
    job = Result(results / "two-worlds" / "flux-radius.h5")
    rows = []
    for fit, data in pairs_of_fluxes(job):
        cells = []
        for name, unit, places in (("flux-radius", RADIUS_UNIT, 2), ("flux-angle", 1.0, 5)):
            for moved, sigma in zip(*biases(results, name, fit, data)):
                cells.append(f"{moved / unit:+.{places}f} ({moved / sigma:+.1f})")
        rows.append([f"`{fit}`", f"`{data}`", *cells])
    return ["fit", "data", "radius (1e-33 cm2)", "radius, with modes", "sin^2(theta_W)", "sin^2(theta_W), with modes"], rows


# What is wrong, and the axis on which the second value is so.
WRONG = [("nothing", None), ("mass 0.5 % larger", "data.detector.mass"),
         ("baseline 5 cm longer", "data.detector.baseline"), ("background 10 % larger", "data.background.scale"),
         ("efficiency with an edge at 0.8 MeV, 0.1 MeV wide", "data.efficiency.threshold"),
         ("resolution of 3 % at 1 MeV", "data.resolution.stochastic"),
         ("energies measured 0.5 % too high", "data.detector.energy_scale")]


def wrong_detector(results):
    """Of tao-30m: one thing is wrong at a time."""
    reach, radius = (Result(results / "two-worlds" / f"{name}.h5") for name in ("detector", "detector-radius"))
    axes = [axis for _, axis in WRONG if axis]
    own = {axis: reach.values(axis)[0] for axis in axes}
    nominal = radius.at("measurement/best_fit", own)
    low, high = (radius.at(f"measurement/interval_{end}", {**own, "measurement/level": 0.68}) for end in ("low", "high"))
    rows = []
    for label, axis in WRONG:
        point = own | ({axis: reach.values(axis)[1]} if axis else {})
        moved = radius.at("measurement/best_fit", point) - nominal
        rows.append([label, *(f"{reach.at('significance', {**point, 'model': 'lo', 'exposure': years}):.2f}"
                              for years in (1.0, 5.0)),
                     *(digits(reach.at("discovery_time", {**point, "model": model})) for model in MODELS),
                     f"{moved / RADIUS_UNIT:+.2f} ({moved / ((high - low) / 2):+.1f})"])
    return ["what is wrong", "LO, 1 year", "LO, 5 years", "5 sigma of LO+CR", "of NLO", "radius (1e-33 cm2)"], rows


TABLES = {
    "discovery-times": (discovery_times, ["fig7"]),
    "reference-angle": (reference_angle, ["lo-reference"]),
    "named-angles": (named_angles, ["what-is-discovered/angles"]),
    "prior-on-the-angle": (prior_on_the_angle, ["what-is-discovered/prior", "what-is-discovered/fixed"]),
    "theory-uncertainty": (theory_uncertainty, ["what-is-discovered/theory"]),
    "in-situ-times": (in_situ_times, ["flux-in-situ/ratio", "flux-in-situ/alone"]),
    "in-situ-flux": (in_situ_flux, ["flux-in-situ/ratio", "flux-in-situ/alone"]),
    "in-situ-needed": (in_situ_needed, ["flux-in-situ/ratio"]),
    "in-situ-shape": (in_situ_shape, ["flux-in-situ/shape"]),
    "in-situ-impacts": (in_situ_impacts, ["flux-in-situ/impacts"]),
    "in-situ-sterile": (in_situ_sterile, ["flux-in-situ/sterile"]),
    "in-situ-evolution": (in_situ_evolution, ["flux-in-situ/evolution"]),
    "influences": (influences, ["fig7", *(f"influences/{name}" for name in INFLUENCES)]),
    "systematics": (systematics, sorted({name for name, _ in SYSTEMATICS})),
    "radioactivity": (radioactivity, ["radioactivity"]),
    "budget-parts": (budget_parts, []),
    "budget-times": (budget_times, ["budget"]),
    "wrong-flux": (wrong_flux, ["two-worlds/flux"]),
    "wrong-flux-bias": (wrong_flux_bias, ["two-worlds/flux-radius", "two-worlds/flux-angle"]),
    "wrong-detector": (wrong_detector, ["two-worlds/detector", "two-worlds/detector-radius"]),
    "cliff": (cliff, ["landscape/uncertainties"]),
    "never": (never, ["landscape/uncertainties"]),
    "impacts": (impacts, ["impacts"]),
    "impact-shifts": (impact_shifts, ["impacts"]),
    "intervals": (intervals, ["measure-charge-radius/intervals", "measure-couplings/sin2-theta-w"]),
    "other-sign": (other_sign, ["measure-couplings/mirror"]),
    "feldman-cousins": (feldman_cousins, ["measure-charge-radius/feldman-cousins"]),
    "few-events": (few_events, ["measure-charge-radius/few-events", "measure-charge-radius/counts"]),
    "five-sigma": (five_sigma, ["toys-5sigma/tails"]),
    "pulls": (pulls, ["toys-5sigma/pulls"]),
    "low-counts": (low_counts, ["toys-5sigma/low-counts", "toys-5sigma/counts"]),
    "statistics": (statistics, ["toys-5sigma/statistics", "toys-5sigma/counts"]),
    "statistic-times": (statistic_times, ["toys-5sigma/times"]),
    "bands": (bands, ["bands"]),
}


def text_of(name, results):
    """The table as lines of Markdown."""
    header, rows = TABLES[name][0](Path(results))
    for row in rows:
        assert len(row) == len(header), f"{name}: {row} has not the columns {header}"
    return "".join(f"| {' | '.join(map(str, row))} |\n"
                   for row in (header, ["---"] * len(header), *rows)).replace("|  |", "| |")


def tables_of(page):
    """Name -> lines between the marks; every table must be known, and there once."""
    found = {name: lines for _, name, lines, _ in BLOCK.findall(page)}
    names = re.findall(r"<!-- table (\S+) -->", page)
    if sorted(names) != sorted(TABLES) or len(found) != len(names):
        sys.exit(f"{PAGE}: has the tables {', '.join(sorted(names))}; wants each once, with its end: "
                 f"{', '.join(sorted(TABLES))}")
    return found


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n")[0])
    parser.add_argument("tables", nargs="*", metavar="TABLE")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--results", type=Path, default=ROOT / "results")
    words = parser.parse_args()
    for name in words.tables:
        if name not in TABLES:
            parser.error(f"{name}: is no table; there are {', '.join(TABLES)}")
    page = PAGE.read_text()
    there = tables_of(page)
    new = {name: text_of(name, words.results) for name in words.tables or TABLES}
    changed = [name for name in new if new[name] != there[name]]
    for name in changed:
        print(f"jobs/RESULTS.md: the table {name} {'differs' if words.check else 'is new'}", file=sys.stderr)
    if words.check:
        sys.exit(1 if changed else 0)
    PAGE.write_text(BLOCK.sub(lambda block: block[1] + new.get(block[2], block[3]) + block[4], page))


if __name__ == "__main__":
    main()
