# Discovery times by test statistic: which agree, by how much the others differ, as axes of a reach and one by one.
# SPDX-License-Identifier: GPL-3.0-or-later
import json
from pathlib import Path

from harness import check, main, skip

try:
    import h5py
    import numpy as np
except ImportError as missing:
    skip(missing)

STATISTICS = ["reference", "neyman", "pearson", "combined", "poisson"]
JOB = """
[job]
name = "statistics"
title = "Test statistics"
[axes]
experiment = ["tao-30m", "cloud-300mwe"]
model = ["lo+cr", "nlo"]
{statistic}
flux_uncertainty = [0.0, 0.005]
{more}
[settings]
exposure = "2 yr"
{settings}
"""
ALL = f"statistic = {json.dumps(STATISTICS)}"


def run(nuloop, name, statistic=ALL, more="", settings=""):
    Path(f"{name}.toml").write_text(JOB.format(statistic=statistic, more=more, settings=settings))
    nuloop.good("run", f"{name}.toml", "-o", f"{name}.h5")
    with h5py.File(f"{name}.h5") as file:
        return {dataset: file[dataset][:] for dataset in (
            "chi2", "chi2_error", "discovery_time", "discovery_time_error")}


def by_name(values):
    """The axis of statistics is the third."""
    return {name: values[:, :, index] for index, name in enumerate(STATISTICS)}


def next_order(found):
    """With u = m/n - 1 and n counts expected, f/n is u^2 for Neyman, u^2 - u^3 for Pearson, and u^2 - 2/3 u^3 for the
    combination of the two and the likelihood ratio, up to u^4; what the fits move changes none of it to first order."""
    for dataset, error in (("discovery_time", "discovery_time_error"), ("chi2", "chi2_error")):
        value, bound = by_name(found[dataset]), by_name(found[error])
        check(np.all(np.isfinite(value["neyman"])), f"{dataset}: never")
        both = bound["reference"] + bound["neyman"]
        check(np.all(np.abs(value["reference"] - value["neyman"]) <= both),
              f"{dataset}: Neyman's is not the paper's: {value['reference'] - value['neyman']}, bound {both}")
        third = value["neyman"] - value["pearson"]
        size = np.abs(third) / value["neyman"]
        check(np.all((size > 1e-7) & (size < 0.05)), f"{dataset}: Pearson's is off by {size}")
        for name in ("combined", "poisson"):
            share = (value["neyman"] - value[name]) / third
            # u is 0.13 at most, in bins of few counts; the next order is relative to this one.
            check(np.allclose(share, 2 / 3, rtol=0.03), f"{dataset}: {name} is off by {share} of Pearson's, not by 2/3")
    limits = found["discovery_time_error"] / found["discovery_time"]
    check(np.all((limits > 0) & (limits < 1e-6)), f"errors of the times {limits}")


def quoted_errors(nuloop, found):
    """Coarser integrals are off by no more than they say."""
    coarse = run(nuloop, "coarse", settings="quadrature.relative_tolerance = 1e-5")
    for name in ("chi2", "discovery_time"):
        difference = np.abs(coarse[name] - found[name])
        bound = coarse[f"{name}_error"] + found[f"{name}_error"]
        check(np.any(difference > 0) and np.all(difference <= bound), f"{name}: off by {difference}, bound {bound}")


def zipped(nuloop, found):
    """Moving together with another key, and beside an inner axis of two."""
    more = '"background_uncertainty, reactor_off.share" = [[0.1, 0.0], [0.2, 0.5]]'
    pairs = [["neyman", 0.2334], ["pearson", 0.2334], ["combined", 0.2386]]
    together = run(nuloop, "zipped", f'"statistic, lo.sin2_theta_w" = {json.dumps(pairs)}', more)
    single = run(nuloop, "inner", more=more)
    first, second = np.moveaxis(single["discovery_time"], -1, 0)
    check(np.array_equal(first, found["discovery_time"]), "an inner axis changes the times")
    check(np.all(second != first), "the inner axis changes nothing")
    check(np.array_equal(together["discovery_time"][:, :, :2], single["discovery_time"][:, :, 1:3]),
          "zipped: other times")
    elsewhere = run(nuloop, "elsewhere", more=more, settings="lo.sin2_theta_w = 0.2386")
    check(np.array_equal(together["discovery_time"][:, :, 2], elsewhere["discovery_time"][:, :, 3]),
          "zipped: another mixing angle has other times")
    check(np.array_equal(together["chi2"][:, :, :2], single["chi2"][:, :, 1:3]), "zipped: other chi2")


def one_by_one(nuloop, found):
    """What `nuloop reach` says."""
    words = ["reach", "--experiment", "tao-30m", "--model", "nlo", "--flux-uncertainty", "0.005"]
    for index, name in enumerate(STATISTICS):
        time = float(nuloop.good(*words, "--set", f"settings.statistic={name}").rows()[0]["discovery_time_yr"])
        check(time == found["discovery_time"][0, 1, index, 1], f"reach, {name}: {time}")
    plain = nuloop.good(*words).rows()[0]["discovery_time_yr"]
    check(float(plain) == found["discovery_time"][0, 1, 0, 1], f"reach: {plain} without a statistic")
    outcome = nuloop(*words, "--set", "settings.statistic=gauss")
    check(outcome.status == 3 and all(name in outcome.err for name in ("gauss", *STATISTICS)),
          f"{outcome.command}: {outcome.status} {outcome.err}")
    for kind in ("measurement", "rates", "impacts"):
        outcome = nuloop("run", "statistics.toml", "-o", "x.h5", "--set", f"job.kind={kind}")
        check(outcome.status == 3 and "statistic" in outcome.err, f"{kind} takes a statistic: {outcome.err}")


ALONE = """
[job]
kind = "{kind}"
name = "alone"
title = "Bins of photons that tree level has not"
[axes]
experiment = ["tao-30m"]
model = {models}
{axes}
[settings]
background = "none"
flux = "summation"
window.bin_width = "0.1 MeV"
flux_uncertainty = 0.005
{settings}
"""


def alone(nuloop, kind, models='["lo+cr", "nlo"]', axes="", settings=""):
    """A job without background, whose window ends where NLO alone has events: beyond 9.80 MeV."""
    name = f"alone-{kind}"
    Path(f"{name}.toml").write_text(ALONE.format(kind=kind, models=models, axes=axes, settings=settings))
    outcome = nuloop.good("run", f"{name}.toml", "-o", f"{name}.h5")
    with h5py.File(f"{name}.h5") as file:
        check(np.all(file["status"][:] == 1), f"{kind}: {file['status'][:]}")
        warned = file.attrs["warnings"].decode() if "warnings" in file.attrs else ""
    check(all(f"nuloop: warning: {line}\n" in outcome.err for line in warned.splitlines()), f"{warned}: {outcome.err}")
    return name, warned


def least(term, n, m, difference, sigma):
    """The minimum over the pull of the signal by golden sections, in extended precision."""
    n, m, difference = (np.asarray(a, np.longdouble) for a in (n, m, difference))

    def chi2(x):
        return term(n, m * (1 + x), difference - x * m).sum() + (x / sigma) ** 2
    low, high = np.longdouble(-0.5), np.longdouble(0.5)
    ratio = (np.sqrt(np.longdouble(5)) - 1) / 2
    for _ in range(120):
        a, b = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (low, b) if chi2(a) < chi2(b) else (a, high)
    return chi2((low + high) / 2)


def poisson(n, m, difference):
    u = -difference / np.where(n > 0, n, 1)
    return 2 * np.where(n > 0, n * (u - np.log1p(u)), m)


TERMS = {"reference": lambda n, m, d: d ** 2 / n, "neyman": lambda n, m, d: d ** 2 / n,
         "pearson": lambda n, m, d: d ** 2 / np.where(m > 0, m, 1),
         "combined": lambda n, m, d: np.where(n > 0, d ** 2 * (1 / np.where(n > 0, n, 1) + 2 / m) / 3, 2 * m),
         "poisson": poisson}


def together(needed, *spectra):
    """Bins of which nothing of what is needed is expected join the last one that has some."""
    last = np.flatnonzero(needed > 0)[-1]
    return [np.append(spectrum[:last], spectrum[last:].sum()) for spectrum in spectra]


def one_hypothesis_alone(nuloop):
    """A bin that only one hypothesis has events in has a term, or is counted together with its neighbour."""
    name, warned = alone(nuloop, "reach", axes=f'{ALL}\nexposure = ["2 yr"]')
    check(all(f"model nlo, statistic {statistic}: bins from 9.8 to 10 MeV are counted as one" in warned
              for statistic in ("reference", "neyman")) and warned.count("\n") == 2, warned)
    with h5py.File(f"{name}.h5") as file:
        found, bound = file["chi2"][0, ..., 0], file["chi2_error"][0, ..., 0]
        rates = {key: file[f"rates/{key}"][0] for key in ("signal_lo", "signal", "signal_difference")}
    for i, model in enumerate(("lo+cr", "nlo")):
        for j, statistic in enumerate(STATISTICS):
            n, m, difference = (730.5 * rates[key][i, j] for key in rates)
            check(np.any((n == 0) & (m > 0)) == (model == "nlo"), f"{model}: no bin of one hypothesis alone: {n} {m}")
            n, m, difference = together(n if j < 2 else m, n, m, difference)
            expected = least(TERMS[statistic], n, m, difference, 0.005)
            # A bin without counts adds up to 1e-10.
            check(abs(found[i, j] - expected) <= 1e-12 * expected + (bound[i, j] if j < 2 else 1e-9),
                  f"{model}, {statistic}: {found[i, j]}, by search {expected}")
    # Now LO is tested with the counts of NLO: an event beyond its end is impossible for Poisson.
    name, warned = alone(nuloop, "toys", '["lo"]', ALL,
                         'reference = "nlo"\nexposure = "2 yr"\ntoys.count = 5000\ntoys.truth = "reference"')
    with h5py.File(f"{name}.h5") as file:
        z = file["toys/significance"][0, 0]
        check(all(f"statistic {s}: bins" in warned for s in STATISTICS[2:]) and warned.count("\n") == 3, warned)
        check(np.all(np.abs(z / z[0] - 1) < 0.05) and np.all(file["toys/moments"][..., 0] == 5000), f"toys: z {z}")
    alone(nuloop, "measurement", '["free-sin2-theta-w"]', 'exposure = ["2 yr"]', 'reference = "nlo"')
    name, warned = alone(nuloop, "impacts", '["nlo"]')
    check("model nlo: bins from 9.8 to 10 MeV" in warned, warned)
    with h5py.File(f"{name}.h5") as file, h5py.File("alone-reach.h5") as reach:
        check(file["discovery_time"][0, 0] == reach["discovery_time"][0, 1, 0], "impacts has another time than reach")
        names = [text.decode() for text in file["impacts/input"][:]]
        slope = file["impacts/derivative"][0, 0, names.index("window.high")]
    check(np.isfinite(slope), f"d time/d window.high: {slope}")


def test(nuloop):
    found = run(nuloop, "statistics")
    next_order(found)
    quoted_errors(nuloop, found)
    zipped(nuloop, found)
    one_by_one(nuloop, found)
    one_hypothesis_alone(nuloop)


main(test)
