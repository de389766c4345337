# Data from one world and the fit in another (keys data.*), against numpy with the rates of both worlds.
# SPDX-License-Identifier: GPL-3.0-or-later
from pathlib import Path

from harness import check, main, skip

try:
    import h5py
    import numpy as np
except ImportError as missing:
    skip(missing)

YEAR = 365.25  # days
SIGMA = {"flux": 0.005, "background": 0.1}
WINDOW = 'window.low = "1 MeV"\nwindow.high = "10 MeV"\nwindow.bin_width = "0.5 MeV"\n'
UNCERTAINTIES = 'flux_uncertainty = 0.005\nbackground_uncertainty = 0.1\n'
JOB = '[job]\nname = "{name}"\ntitle = "Two worlds"\nkind = "{kind}"\n[axes]\n{axes}\n[settings]\n{settings}\n'

# What is wrong about the fit: keys as the world of the data has them.
WORLDS = [{"flux": '"huber"'}, {"detector.mass": '"2.9 t"'}, {"detector.baseline": '"30.1 m"'},
          {"efficiency.threshold": '"1.2 MeV"', "efficiency.width": '"0.3 MeV"'},
          {"background.scale": "1.2"}, {"lo.sin2_theta_w": "0.232"}, {"resolution.stochastic": "0.03"},
          {"observable": '"electron"'}, {"detector.energy_scale": "1.01"}, {"oscillation.sin2_2theta": "0.1", "oscillation.delta_m2": '"1 eV2"'},
          {"flux": '"summation"', "background.scale": "0.9"}]


def run(nuloop, name, kind, axes, settings, *words, **how):
    Path(f"{name}.toml").write_text(JOB.format(name=name, kind=kind, axes=axes, settings=settings))
    nuloop.good("run", f"{name}.toml", "-o", f"{name}.h5", "--force", *words, **how)
    return h5py.File(f"{name}.h5")


def lines(keys, prefix=""):
    return "".join(f'"{prefix}{key}" = {value}\n' for key, value in keys.items())


def rates(nuloop, keys, model="nlo", reference="lo", more=""):
    """Counts per day of the reference, of the model, and of the background, in one world."""
    settings = {"flux": '"mueller"', **keys}
    with run(nuloop, "one-world", "rates", 'experiment = ["tao-30m"]',
             f'model = "{model}"\nreference = "{reference}"\n{WINDOW}{lines(settings)}{more}') as file:
        return tuple(file[f"rates/{name}"][0] for name in ("signal_lo", "signal", "background"))


def scaled(nuloop):
    """Energies that are measured too high by 2 % are those of a window whose edges are that much lower."""
    low, high, width = (edge / 1.02 for edge in (1.0, 10.0, 0.5))
    edges = f'window.low = "{low!r} MeV"\nwindow.high = "{high!r} MeV"\nwindow.bin_width = "{width!r} MeV"\n'
    for more in ("", "resolution.stochastic = 0.03\n"):
        with run(nuloop, "moved", "rates", 'experiment = ["tao-30m"]', f'model = "nlo"\nflux = "mueller"\n{edges}{more}') as file:
            moved = [file[f"rates/{name}"][0] for name in ("signal_lo", "signal", "background")]
        found = rates(nuloop, {"detector.energy_scale": "1.02"}, more=more)
        for name, one, other in zip(("LO", "NLO", "background"), found, moved):
            same(one, other, f"{name} with an energy scale")


def covariance(variance, pulls):
    return np.diag(variance) + sum(np.outer(pull, pull) for pull in pulls)


def chi2_of(data, background_of_data, tested, background, years, share=0.0):
    """The paper's chi2 in the form with a covariance; bins without reactor follow those with it."""
    days = YEAR * years

    def counts(signal, events):
        return days * np.concatenate([signal + events, share * events] if share else [signal + events])
    none = np.zeros_like(data)
    observed = counts(data, background_of_data)
    off = observed - counts(tested, background)
    pulls = (SIGMA["flux"] * counts(tested, none), SIGMA["background"] * counts(none, background))
    return off @ np.linalg.solve(covariance(observed, pulls), off)


def poisson_chi2(data, background_of_data, tested, background, years):
    """The likelihood ratio, by Newton's method."""
    n, unit = YEAR * years * (data + background_of_data), YEAR * years * np.array([tested, background])
    sigma, x = np.array([SIGMA["flux"], SIGMA["background"]]), np.zeros(2)
    for _ in range(50):
        m = (1 + x) @ unit
        slope = unit @ (2 - 2 * n / m) + 2 * x / sigma**2
        x = x - np.linalg.solve((unit * (2 * n / m**2)) @ unit.T + np.diag(2 / sigma**2), slope)
    m = (1 + x) @ unit
    return 2 * np.sum(m - n + n * np.log(n / m)) + np.sum((x / sigma)**2)


def same(found, wanted, what):
    check(np.allclose(found, wanted, rtol=1e-8, atol=0), f"{what}: {found}, not {wanted}")


def reach(nuloop):
    """chi2 of either model on data of another world, and what is stored of that world."""
    for world in WORLDS:
        _, _, background = rates(nuloop, {})
        data, _, background_of_data = rates(nuloop, world, reference="nlo")  # whose photons an observable sees
        tested = {model: rates(nuloop, {}, model)[1] for model in ("lo", "nlo")}
        settings = (f'experiment = "tao-30m"\nreference = "nlo"\nflux = "mueller"\n{WINDOW}{UNCERTAINTIES}'
                    f'{lines(world, "data.")}')
        axes = 'model = ["lo", "nlo"]\nreactor_off.share = [0.0, 0.2]\nexposure = ["1 yr", "5 yr"]'
        with run(nuloop, "reach", "reach", axes, settings) as file:
            wanted = [[[chi2_of(data, background_of_data, tested[model], background, years, share)
                        for years in (1, 5)] for share in (0.0, 0.2)] for model in ("lo", "nlo")]
            same(file["chi2"][:], wanted, f"chi2 with data of {world}")
            check(np.all(file["chi2_error"][:] < 1e-6 * (1 + file["chi2"][:])), f"bounds with data of {world}")
            same(file["rates/signal_lo"][0], data, f"the signal in {world}")
            same(file["rates/data_background"][0], background_of_data, f"the background in {world}")
            same(file["rates/background"][0], background, f"the fit's background beside {world}")
        with run(nuloop, "poisson", "reach", 'exposure = ["2 yr"]',
                 settings + 'model = "lo"\nstatistic = "poisson"') as file:
            same(file["chi2"][0], poisson_chi2(data, background_of_data, tested["lo"], background, 2),
                 f"the likelihood ratio with data of {world}")


def values_of(path):
    """All numbers of a result, by their path."""
    found = {}
    with h5py.File(path) as file:
        file.visititems(lambda name, node: found.update({name: node[()]})
                        if isinstance(node, h5py.Dataset) and node.dtype.kind == "f" else None)
    return found


def same_world(nuloop):
    """A world of the data that is the fit's own changes no bit."""
    own = {"flux": '"mueller"', "detector.mass": '"2.8 t"', "background.scale": "1", "lo.sin2_theta_w": "0.2334",
           "experiment": '"tao-30m"', "efficiency.threshold": '"0 MeV"', "detector.lost_photons": "0", "detector.energy_scale": "1"}
    point = f'experiment = "tao-30m"\nflux = "mueller"\n{UNCERTAINTIES}exposure = "3 yr"\n'
    jobs = {"reach": ('model = ["lo+cr", "nlo"]', ""),
            "measurement": ('reference = ["lo", "nlo"]', 'model = "free-charge-radius"\n'),
            "toys": ('model = ["lo+cr", "nlo"]', 'toys.truth = "reference"\ntoys.count = 5000\n')}
    for kind, (axes, settings) in jobs.items():
        run(nuloop, f"{kind}-one", kind, axes, point + settings).close()
        run(nuloop, f"{kind}-two", kind, axes, point + settings + lines(own, "data.")).close()
        one, two = values_of(f"{kind}-one.h5"), values_of(f"{kind}-two.h5")
        check(set(one) == set(two) - {"rates/data_background", "rates/data_background_error"},
              f"{kind}: {set(one) ^ set(two)}")
        for name, values in one.items():
            check(values.tobytes() == two[name].tobytes(), f"{kind}: {name} is not the same")


def least_squares(n, variance, model, start, sigma):
    """Parameters and chi2 of a fit by Gauss-Newton. @param model counts and their derivatives."""
    x = np.array(start)
    for _ in range(60):
        m, slopes = model(x)
        residual = np.concatenate([(n - m) / np.sqrt(variance), -x[1:] / sigma])
        rows = np.vstack([slopes / np.sqrt(variance)[:, None], np.hstack([np.zeros((2, 1)), np.diag(1 / sigma)])])
        step = np.linalg.lstsq(rows / np.abs(rows).max(axis=0), residual, rcond=None)[0] / np.abs(rows).max(axis=0)
        x = x + step
    m, _ = model(x)
    return x, np.sum((n - m)**2 / variance) + np.sum((x[1:] / sigma)**2)


def measurement(nuloop):
    """Best fits, whose distance from the truth is the bias of a wrong world, and chi2 there."""
    days, sigma = YEAR * 5, np.array([SIGMA["flux"], SIGMA["background"]])
    unit = 1e-32
    at = [rates(nuloop, {}, "free-charge-radius", more=f'free.charge_radius = "{r} cm2"\n')[1] for r in (0.0, unit)]
    angles = (0.2, 0.23, 0.26)
    curve = np.polyfit(np.array(angles) - 0.23,
                       np.array([rates(nuloop, {}, "free-sin2-theta-w", more=f"free.sin2_theta_w = {s}\n")[1]
                                 for s in angles]), 2)
    _, _, background = rates(nuloop, {})

    def of_radius(r):
        return at[0] + r / unit * (at[1] - at[0]), (at[1] - at[0]) / unit

    def of_angle(s):
        d = s - 0.23
        return curve[0] * d * d + curve[1] * d + curve[2], 2 * curve[0] * d + curve[1]
    # The fit's prediction, its start, and the size of the parameter's effect.
    cases = {"free-charge-radius": (of_radius, -8.3e-33, "lo+cr"), "free-sin2-theta-w": (of_angle, 0.233, "lo")}
    for model, (signal, start, reference) in cases.items():
        for world in ({"flux": '"huber"'}, {"flux": '"summation"'}, {"detector.mass": '"2.81 t"'},
                      {"efficiency.threshold": '"1 MeV"', "efficiency.width": '"0.1 MeV"'}, {"background.scale": "1.1"}):
            data, _, background_of_data = rates(nuloop, world, reference=reference)
            n = days * (data + background_of_data)

            def counts(x):
                m, slope = signal(x[0])
                return (days * ((1 + x[1]) * m + (1 + x[2]) * background),
                        days * np.stack([(1 + x[1]) * slope, m, background], axis=1))
            best, least = least_squares(n, n, counts, [start, 0.0, 0.0], sigma)
            settings = (f'experiment = "tao-30m"\nmodel = "{model}"\nreference = "{reference}"\nflux = "mueller"\n'
                        f"{WINDOW}{UNCERTAINTIES}{lines(world, 'data.')}")
            with run(nuloop, "measured", "measurement", 'exposure = ["5 yr"]', settings) as file:
                same(file["measurement/best_fit"][0], best[0], f"{model} with data of {world}")
                check(abs(file["measurement/chi2_min"][0] - least) < 1e-8 * (1 + least),
                      f"{model} with data of {world}: chi2 {file['measurement/chi2_min'][0]}, not {least}")


def toys(nuloop):
    """Counts are drawn in the world of the data; what is made of them is the fit's."""
    days = YEAR * 2
    reference, tested, background = rates(nuloop, {})
    m, n = days * (tested + background), days * (reference + background)
    v = covariance(n, (SIGMA["flux"] * days * tested, SIGMA["background"] * days * background))
    line = np.linalg.solve(v, n - m)
    for world in WORLDS[:5]:
        drawn = rates(nuloop, world)
        for truth, signal in (("reference", drawn[0]), ("model", drawn[1])):
            counts = days * (signal + drawn[2])
            settings = (f'experiment = "tao-30m"\nmodel = "nlo"\nflux = "mueller"\n{WINDOW}{UNCERTAINTIES}'
                        f'toys.truth = "{truth}"\ntoys.count = 20000\n{lines(world, "data.")}')
            with run(nuloop, "toys", "toys", 'exposure = ["2 yr"]', settings) as file:
                expected, significance = file["toys/z_expected"][0], file["toys/significance"][0]
                number, _, _, mean, square, *_ = file["toys/moments"][0]
            same(expected, line @ (counts - m) / np.sqrt(line @ (n - m)), f"z of {truth} in {world}")
            same(significance**2, line @ (n - m), f"significance beside {world}")
            mean, square = mean / number, square / number
            check(abs(mean) < 5 * np.sqrt(square / number), f"z of {truth} in {world}: mean off by {mean}")
            # Counts with the covariance of nature, weighed by the fit.
            spread = covariance(counts, (SIGMA["flux"] * days * signal, SIGMA["background"] * days * drawn[2]))
            wanted = line @ spread @ line / (line @ (n - m))
            check(abs((square - mean**2) / wanted - 1) < 5 * np.sqrt(2 / number),
                  f"z of {truth} in {world}: variance {square - mean**2}, not {wanted}")


def joint(nuloop):
    """Members without a common pull add up."""
    chi2 = {}
    for name in ("tao-30m", "cloud-25mwe", "tao-30m+cloud-25mwe"):
        Path("joint.toml").write_text(JOB.format(
            name="joint", kind="reach", axes='exposure = ["1 yr", "10 yr"]',
            settings=f'experiment = "{name}"\nmodel = "lo"\ndata.flux = "huber"\ndata.background.scale = 1.05\n'
                     f"{WINDOW}{UNCERTAINTIES}").replace('kind = "reach"', 'store_rates = false'))
        nuloop.good("run", "joint.toml", "-o", "joint.h5", "--force")
        with h5py.File("joint.h5") as file:
            chi2[name] = file["chi2"][:]
    single = chi2["tao-30m"] + chi2["cloud-25mwe"]
    same(chi2["tao-30m+cloud-25mwe"], single, "a joint experiment")


OWN = """
[{name}]
title = "TAO with another energy scale"
reactor = "taishan-1"
baseline = "30 m"
mass = "2.8 t"
electrons = "3.372e29 /t"
background = "paper-25mwe"
{more}
"""


def other_experiment(nuloop):
    """What a job has no key for: an experiment as the world of the data."""
    Path("own").mkdir(exist_ok=True)
    scale = "[{0}.energy_scale]\ndeposited = [0.01, 1, 3, 20]\nvisible = [0.0101, 1.01, 3, 19.8]\n"
    window = 'window = { low = "1 MeV", high = "9 MeV", bin_width = "0.5 MeV" }\n'
    Path("own/experiments.toml").write_text(OWN.format(name="as-fitted", more="")
                                            + OWN.format(name="as-it-is", more=scale.format("as-it-is"))
                                            + OWN.format(name="other-bins", more=window))
    counted = {}
    for name in ("as-fitted", "as-it-is"):
        with run(nuloop, "one-world", "rates", f'experiment = ["{name}"]', f'model = "lo"\n{WINDOW}',
                 "--configs", "own") as file:
            counted[name] = [file[f"rates/{part}"][0] for part in ("signal", "background")]
    settings = f'experiment = "as-fitted"\nmodel = "lo"\n{WINDOW}{UNCERTAINTIES}data.experiment = "as-it-is"\n'
    with run(nuloop, "own-reach", "reach", 'exposure = ["5 yr"]', settings, "--configs", "own") as file:
        same(file["chi2"][0], chi2_of(*counted["as-it-is"], *counted["as-fitted"], 5), "data of another experiment")
    # The folder that a result holds makes the same numbers again.
    nuloop.good("export", "own-reach.h5", "--format", "configs", "-o", "again")
    nuloop.good("run", "again/job.toml", "-o", "again.h5", configs="again/configs")
    first, again = values_of("own-reach.h5"), values_of("again.h5")
    check(all(values.tobytes() == again[name].tobytes() for name, values in first.items()), "not the same again")
    settings += 'exposure = "5 yr"\n'
    for name, text in (("other-bins", "bins of its own"), ("tao-30m+cloud-25mwe", "2 detectors"),
                       ("tao-30m-ibd", "bins of its own")):
        refused(nuloop, "reach", settings.replace("as-it-is", name), "data.experiment", text, "--configs", "own")


def refused(nuloop, kind, settings, key, text, *words):
    Path("wrong.toml").write_text(JOB.format(name="wrong", kind=kind, axes="", settings=settings))
    outcome = nuloop("run", "wrong.toml", "-o", "wrong.h5", *words)
    check(outcome.status == 3 and f"settings.{key}" in outcome.err.replace('"', "") or key in outcome.err,
          f"{kind} with {key}: {outcome.status}, {outcome.err}")
    check(text in outcome.err, f"{kind} with {key}: {outcome.err}")


def errors(nuloop):
    """Kinds without data, keys that belong to the fit, and names that there are not."""
    point = 'experiment = "tao-30m"\nmodel = "nlo"\n'
    for kind in ("rates", "impacts"):
        more = UNCERTAINTIES if kind == "impacts" else ""
        refused(nuloop, kind, f'{point}{more}data.flux = "huber"', "data.flux", f'nothing to a job of kind "{kind}"')
    refused(nuloop, "cross-section", 'model = "nlo"\nenergy = "4 MeV"\nrecoil = "1 MeV"\ndata.flux = "huber"',
            "data.flux", 'nothing to a job of kind "cross-section"')
    reach = f'{point}{UNCERTAINTIES}exposure = "1 yr"\n'
    for line, key, text in (('data.flux = "hubert"', "data.flux", "huber"), ("data.detector.mass = 3", "data.detector.mass", "3 t"),
                            ('data.window.low = "2 MeV"', "data.window.low", "unknown key"),
                            ('data.model = "lo"', "data.model", "unknown key"),
                            ('data.reactor.load_factor = 2', "data.reactor.load_factor", "2")):
        refused(nuloop, "reach", reach + line, key, text)
    refused(nuloop, "reach", reach.replace('"tao-30m"', '"tao-30m+cloud-25mwe"') + 'data.detector.mass = "3 t"',
            "data.detector.mass", "joint")
    check(nuloop("rates", "--experiment", "tao-30m", "--model", "lo", "--set", "settings.data.flux=huber").status == 3,
          "nuloop rates takes data of another world")
    run(nuloop, "told", "reach", "", reach + 'data.flux = "huber"').close()
    check("data.flux huber" in nuloop.good("report", "told.h5").out, "report: does not say where data come from")
    check("5 years and 3 months" not in nuloop.good("report", "told.h5").out, "report: the paper's time beside others")
    outcome = nuloop("export", "told.h5", "--format", "pyhf", "-o", "workspaces")
    check(outcome.status == 3 and "another world" in outcome.err, f"pyhf: {outcome.err}")
    one = nuloop.good("reach", "--experiment", "tao-30m", "--model", "nlo", "--flux-uncertainty", "0.005", "--set",
                      "settings.data.flux=huber").rows()[0]
    with h5py.File("told.h5") as file:
        check(float(one["discovery_time_yr"]) == file["discovery_time"][()], f"nuloop reach: {one}")


def whole_life(nuloop):
    """Axes of the data, the same bytes on more ranks, extended, and planned."""
    axes = ('"data.flux" = ["huber", "mueller"]\n"data.detector.mass" = ["2.7 t", "2.8 t"]\n'
            'detector.baseline = ["29 m", "30 m"]\nmodel = ["lo", "nlo"]\nexposure = ["1 yr"]')
    settings = f'experiment = "tao-30m"\n{WINDOW}{UNCERTAINTIES}'
    with run(nuloop, "axes", "reach", axes, settings) as file:
        # The distance is that of both worlds.
        data = rates(nuloop, {"flux": '"huber"', "detector.mass": '"2.7 t"', "detector.baseline": '"29 m"'})
        fit = rates(nuloop, {"detector.baseline": '"29 m"'})
        same(file["chi2"][0, 0, 0, 1, 0], chi2_of(data[0], data[2], fit[1], fit[2], 1), "a point on axes of the data")
    run(nuloop, "axes", "reach", axes, settings).close()
    nuloop.good("run", "axes.toml", "-o", "ranks.h5", ranks=2)
    check(Path("axes.h5").read_bytes() == Path("ranks.h5").read_bytes(), "other bytes on two ranks")
    words = ("--set", 'axes.exposure=["1 yr", "2 yr"]')
    nuloop.good("run", "axes.toml", "-o", "longer.h5", *words)
    nuloop.good("run", "axes.toml", "-o", "extended.h5", "--extend", "axes.h5", *words)
    check(Path("longer.h5").read_bytes() == Path("extended.h5").read_bytes(), "extended: other bytes")
    nuloop.good("verify", "axes.h5")
    nuloop.good("plan", "axes.toml")


def test(nuloop):
    for part in (scaled, reach, same_world, measurement, toys, joint, other_experiment, errors, whole_life):
        part(nuloop)


main(test)
