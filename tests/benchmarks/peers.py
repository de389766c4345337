"""nuloop beside vectorised numpy and beside iminuit: peers.py PROGRAM SOURCE OUTPUT.json [REPETITIONS].

What a physicist writes who knows numpy: Fig. 7 with fixed Gauss-Legendre nodes, a sweep in arrays of all its points,
pseudo-experiments in arrays of thousands, and Poisson fits with pulls by iminuit, with gradient, one by one. Numbers
come from configs/ and jobs/fig7.toml. Ends with status 1 unless both sides agree; only then are times written.
"""
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from math import pi
from pathlib import Path

import h5py
import numpy as np
from scipy.special import spence

import one_loop
from memory import launcher
from physicist import (DAYS_PER_YEAR, ISOTOPES, JOULE_PER_MEV, SECONDS_PER_DAY, Inputs, background_per_t_day, number)
from side_by_side import largest_difference

AGREEMENT = 1e-6  # of chi2 and times
DEVIATIONS = 5.0  # of what has a statistical error
RECOIL_NODES, ENERGY_NODES, TAIL_NODES, BETA_NODES = 8, 28, 24, 40
TOYS, TOYS_AT_ONCE, FITTED_TOYS = 200_000, 10_000, 300
SWEEP = 316  # masses, and as many angles

# The point of the toys and of the sweep.
POINT = {"experiment": "tao-30m", "model": "nlo", "flux_uncertainty": 0.005, "background_uncertainty": 0.10}
YEARS = 5.0


def legendre(count):
    """Nodes and weights on (0, 1)."""
    x, weights = np.polynomial.legendre.leggauss(count)
    return 0.5 * (1 + x), 0.5 * weights


@contextmanager
def arrays(below):
    """one_loop for arrays that lie on one side of T_max."""
    plain = {name: getattr(one_loop, name) for name in ("log", "asinh", "expm1", "sqrt", "dilogarithm", "elastic")}
    try:
        one_loop.log, one_loop.asinh, one_loop.expm1, one_loop.sqrt = np.log, np.arcsinh, np.expm1, np.sqrt
        one_loop.dilogarithm, one_loop.elastic = (lambda x: spence(1 - x)), (lambda w, t: below)
        yield
    finally:
        for name, function in plain.items():
            setattr(one_loop, name, function)


def one_loop_cross_section(nlo, energy, recoil, loops, below):
    """OneLoop.__call__ for arrays."""
    w, t = energy / one_loop.ELECTRON_MASS, recoil / one_loop.ELECTRON_MASS
    a, b = nlo.right, nlo.left  # crossed: of antineutrinos
    with arrays(below):
        left, right, interference = one_loop.electromagnetic_photonic(w, t)
    sigma = one_loop.FINE_STRUCTURE / pi * (a * a * left + b * b * right + a * b * interference)
    if below:
        left, right, interference = one_loop.born(w, t)
        sigma = sigma + a * a * left + b * b * right + a * b * interference
        sigma += one_loop.FINE_STRUCTURE / pi * loops * (a * left + b * right + 0.5 * (a + b) * interference)
    return one_loop.NORM * sigma


def fuel_spectrum(reactor, flux, energy):
    return sum(reactor["fission_fractions"][name] * np.exp(np.polyval(flux["coefficients"][name][::-1], energy))
               for name in ISOTOPES)


class Grid:
    """Fixed nodes: T in the bins (bins x nodes), E above the limit of T and, for the radiative tail, below."""

    def __init__(self, edges, highest):
        x, self.recoil_weights = legendre(RECOIL_NODES)
        width = np.diff(edges)[:, None]
        self.width = width[:, 0]
        self.recoil = (edges[:-1, None] + width * x)[:, :, None]
        limit = 0.5 * (self.recoil + np.sqrt(self.recoil * (self.recoil + 2 * one_loop.ELECTRON_MASS)))
        x, weights = legendre(ENERGY_NODES)
        self.above, self.above_weights = limit + (highest - limit) * x, (highest - limit) * weights
        x, weights = legendre(TAIL_NODES)  # a logarithm at the limit: nodes crowd there
        self.tail, self.tail_weights = limit - (limit - self.recoil) * x**3, (limit - self.recoil) * 3 * x**2 * weights

    def per_bin(self, of_recoil):
        return self.width * (of_recoil @ self.recoil_weights)


def signals(inputs):
    """Reactor and model -> integrals for each bin, and those of cL^2, cR^2, cL cR of the tree level."""
    found, highest = {}, number(inputs.flux["high"])
    grid = Grid(inputs.edges, highest)
    left, right = one_loop.tree_couplings(inputs.sin2_theta_w)
    nlo = one_loop.OneLoop(inputs.couplings)
    loops = np.vectorize(nlo.loops)(grid.recoil)
    tree = one_loop.tree_level(grid.above, grid.recoil, left, right)
    above = {"lo": tree, "lo+cr": tree + one_loop.charge_radius_term(grid.above, grid.recoil, left, right),
             "nlo": one_loop_cross_section(nlo, grid.above, grid.recoil, loops, True)}
    for couplings in ((1, 0), (0, 1), (1, 1)):
        above[couplings] = one_loop.tree_level(grid.above, grid.recoil, *couplings)
    tail = one_loop_cross_section(nlo, grid.tail, grid.recoil, loops, False)
    for name in {detector["reactor"] for detector in inputs.detectors.values()}:
        reactor = inputs.reactors["reactor"][name]
        flux = grid.above_weights * fuel_spectrum(reactor, inputs.flux, grid.above)
        for model, cross_section in above.items():
            found[name, model] = grid.per_bin((flux * cross_section).sum(axis=2))
        flux = grid.tail_weights * fuel_spectrum(reactor, inputs.flux, grid.tail)
        found[name, "nlo"] += grid.per_bin((flux * tail).sum(axis=2))
    return found


def bin_shares(isotope, edges):
    """Part of an isotope's decays in each bin."""
    x, weights = legendre(BETA_NODES)
    shares = 0.0
    for branch in isotope["branches"]:
        sign, endpoint = (1 if branch["beta"] == "electron" else -1), number(branch["endpoint"])
        extra = number(branch["extra_visible"])
        # The square root of the momentum's end at T = 0 needs nodes of T = x^2.
        low = np.sqrt(np.clip(np.append(edges[:-1] - extra, 0.0), 0.0, endpoint))
        high = np.sqrt(np.clip(np.append(edges[1:] - extra, endpoint), 0.0, endpoint))
        root = low[:, None] + (high - low)[:, None] * x
        kinetic = root**2
        total, momentum = kinetic + one_loop.ELECTRON_MASS, np.sqrt(kinetic * (kinetic + 2 * one_loop.ELECTRON_MASS))
        fermi = sign * 2 * pi * one_loop.FINE_STRUCTURE * isotope["daughter_charge"] * total
        with np.errstate(divide="ignore", over="ignore"):  # ranges of no length at T = 0
            shape = total * (endpoint - kinetic)**2 * fermi / -np.expm1(-fermi / momentum)
        decays = shape * 2 * root @ weights * (high - low)
        shares = shares + branch["fraction"] * decays[:-1] / decays[-1]
    return shares


class Rates:
    """Events of a detector per year and bin: signals by model, for sin2_theta_w = s, and the background."""

    def __init__(self, inputs, spectra, shares, detector):
        reactor = inputs.reactors["reactor"][detector["reactor"]]
        energy = sum(reactor["fission_fractions"][name] * number(inputs.energies[name]) for name in ISOTOPES)
        fissions = number(reactor["thermal_power"]) * 1e9 * reactor["load_factor"] / (energy * JOULE_PER_MEV)
        electrons = number(detector["mass"]) * number(detector["electrons"])
        factor = (electrons * fissions / (4 * pi * (100 * number(detector["baseline"]))**2)
                  * SECONDS_PER_DAY * DAYS_PER_YEAR)
        self.signal = {model: factor * value for (name, model), value in spectra.items() if name == detector["reactor"]}
        self.background = DAYS_PER_YEAR * number(detector["mass"]) * background_per_t_day(
            inputs.isotopes, shares, inputs.backgrounds[detector["background"]])

    def tree(self, sin2_theta_w):
        """Angles x bins."""
        left, right = (value[:, None] for value in one_loop.tree_couplings(sin2_theta_w))
        both, one, other = (self.signal[key] for key in ((1, 1), (1, 0), (0, 1)))
        return left**2 * one + right**2 * other + left * right * (both - one - other)


class Curve:
    """chi2 over time of a tested signal and a reference, both with the background, minimised over two pulls in closed
    form. All arguments may have further axes before the bins."""

    def __init__(self, reference, tested, background, sigmas):
        variance, difference = reference + background, reference - tested
        pulls = [sigmas[0] * tested, sigmas[1] * background]
        self.slope = (difference**2 / variance).sum(-1)
        self.b = [(pull * difference / variance).sum(-1) for pull in pulls]
        self.m = [(one * other / variance).sum(-1) for one, other in
                  ((pulls[0], pulls[0]), (pulls[0], pulls[1]), (pulls[1], pulls[1]))]

    def __call__(self, t):
        a, b, c = 1 + t * self.m[0], t * self.m[1], 1 + t * self.m[2]
        x, y = self.b
        return t * self.slope - t * t * (c * x * x - 2 * b * x * y + a * y * y) / (a * c - b * b)

    def time(self, threshold):
        """When chi2 reaches the threshold; infinite where a million years are not enough."""
        low, high = np.zeros_like(self.slope), np.full_like(self.slope, 1e6)
        never = self(high) < threshold
        for _ in range(80):
            middle = np.where(low > 0, np.sqrt(np.maximum(low, 1e-9) * high), 0.5 * (low + high))
            reached = self(middle) >= threshold
            low, high = np.where(reached, low, middle), np.where(reached, middle, high)
        return np.where(never, np.inf, 0.5 * (low + high))


def prepared(inputs):
    """Rates of every detector."""
    spectra = signals(inputs)
    shares = {name: bin_shares(isotope, inputs.edges) for name, isotope in inputs.isotopes.items()}
    return {name: Rates(inputs, spectra, shares, detector) for name, detector in inputs.detectors.items()}


def fig7(inputs):
    chi2, times = [], []
    for rates in prepared(inputs).values():
        for model in inputs.models:
            for uncertainty in inputs.flux_uncertainties:
                curve = Curve(rates.signal["lo"], rates.signal[model], rates.background,
                              (uncertainty, inputs.background_uncertainty))
                chi2.append(curve(inputs.exposures))
                times.append(curve.time(inputs.threshold))
    return np.array(chi2), np.array(times)


def sweep(rates, masses, nominal_mass, angles, threshold):
    """chi2 after YEARS and times, masses x angles."""
    scale = (masses / nominal_mass)[:, None, None]
    curve = Curve(scale * rates.tree(angles), scale * rates.signal["nlo"], scale * rates.background,
                  (POINT["flux_uncertainty"], POINT["background_uncertainty"]))
    return curve(YEARS), curve.time(threshold)


class Experiment:
    """Counts after YEARS: the tested hypothesis, what the other adds, and the pulls' effects in standard deviations."""

    def __init__(self, rates):
        self.tested = YEARS * (rates.signal["nlo"] + rates.background)
        self.direction = YEARS * (rates.signal["lo"] - rates.signal["nlo"])
        self.pulls = YEARS * np.array([POINT["flux_uncertainty"] * rates.signal["nlo"],
                                       POINT["background_uncertainty"] * rates.background])

    def toys(self, count, rng):
        """z in closed form of toys of the tested hypothesis."""
        covariance = np.diag(self.tested + self.direction) + self.pulls.T @ self.pulls
        weights = np.linalg.solve(covariance, self.direction)
        weights /= np.sqrt(self.direction @ weights)
        z = np.empty(count)
        for first in range(0, count, TOYS_AT_ONCE):
            means = np.maximum(self.tested + rng.standard_normal((TOYS_AT_ONCE, 2)) @ self.pulls, 0.0)
            z[first:first + TOYS_AT_ONCE] = (rng.poisson(means) - self.tested) @ weights
        return z

    def fitted(self, counts):
        """z of the Poisson likelihood by iminuit: pulls alone, then with the strength of the direction."""
        from iminuit import Minuit
        columns = np.vstack([self.pulls, self.direction])

        def minimum(free):
            used = columns[:free]

            def cost(x):
                m = self.tested + x @ used
                return 2 * (m - counts + counts * np.log(counts / m)).sum() + (x[:2]**2).sum()

            def gradient(x):
                slope = 2 * used @ (1 - counts / (self.tested + x @ used))
                slope[:2] += 2 * x[:2]
                return slope

            fit = Minuit(cost, np.zeros(free), grad=gradient)
            fit.errordef, fit.strategy, fit.tol = Minuit.LEAST_SQUARES, 0, 1e-4
            with np.errstate(invalid="ignore"):  # a step too far
                fit.migrad()
            return fit

        tested, best = minimum(2), minimum(3)
        return float(np.copysign(np.sqrt(max(tested.fval - best.fval, 0.0)), best.values[2]))


def best_s(function, repetitions):
    """Its shortest time, and what it returns."""
    best = float("inf")
    for _ in range(repetitions):
        begin = time.perf_counter()
        value = function()
        best = min(best, time.perf_counter() - begin)
    return best, value


class Nuloop:
    def __init__(self, program, source, folder):
        self.program, self.source, self.folder = program, source, Path(folder)
        self.launch = launcher(source, 1, program)

    def run(self, kind, axes, settings, repetitions):
        """The result, and the shortest time of computing, without reading and writing."""
        job, result = self.folder / "job.toml", self.folder / "result.h5"
        text = f'[job]\nname = "peer"\ntitle = "peer"\nkind = "{kind}"\n'
        for section, values in (("axes", axes), ("settings", settings)):
            text += f"[{section}]\n" + "".join(f'"{key}" = {value}\n' for key, value in values.items())
        job.write_text(text)
        best = float("inf")
        for _ in range(repetitions):
            subprocess.run([*self.launch, self.program, "run", job, "-o", result, "--force"], check=True,
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            record = json.loads(Path(f"{result}.run.json").read_text())
            best = min(best, record["seconds"]["compute"]["max"])
        return h5py.File(result), best


def toml(value):
    return json.dumps(value)


def compare_fig7(nuloop, inputs, repetitions):
    ours = subprocess.run([*nuloop.launch, nuloop.program, "run", nuloop.source / "jobs" / "fig7.toml", "-o",
                           nuloop.folder / "fig7.h5", "--force"], stdin=subprocess.DEVNULL, capture_output=True)
    ours.check_returncode()
    with h5py.File(nuloop.folder / "fig7.h5") as file:
        chi2, times = file["chi2"][...], file["discovery_time"][...]
    seconds, (their_chi2, their_times) = best_s(lambda: fig7(inputs), 3 * repetitions)
    return {"python_s": seconds,
            "difference": max(largest_difference(chi2, their_chi2), largest_difference(times, their_times))}


def compare_sweep(nuloop, inputs, rates, repetitions):
    nominal = number(inputs.detectors[POINT["experiment"]]["mass"])
    masses, angles = np.linspace(1, 20, SWEEP), np.linspace(0.230, 0.236, SWEEP)
    axes = {"detector.mass": '{ from = "1 t", to = "20 t", points = %d }' % SWEEP,
            "lo.sin2_theta_w": "{ from = 0.230, to = 0.236, points = %d }" % SWEEP}
    settings = {**{key: toml(value) for key, value in POINT.items()}, "exposure": f'"{YEARS} yr"',
                "observable": '"electromagnetic"', "flux": toml("mueller")}
    file, ours = nuloop.run("reach", axes, settings, repetitions)
    with file:
        chi2, times = file["chi2"][...].ravel(), file["discovery_time"][...].ravel()
    seconds, (their_chi2, their_times) = best_s(
        lambda: sweep(rates, masses, nominal, angles, inputs.threshold), repetitions)
    return {"python_s": seconds, "nuloop_s": ours, "points": SWEEP * SWEEP,
            "difference": max(largest_difference(chi2, their_chi2.ravel()),
                              largest_difference(times, their_times.ravel()))}


def toy_settings(statistic, count):
    return {**{key: toml(value) for key, value in POINT.items() if key != "experiment"},
            "observable": '"electromagnetic"', "flux": toml("mueller"), "exposure": f'"{YEARS} yr"',
            "statistic": toml(statistic), "toys.tested": '"model"', "toys.truth": '"model"', "toys.count": str(count)}


def compare_toys(nuloop, experiment, repetitions):
    """Seconds of one. The variance of z is compared: its mean is nothing either way."""
    file, ours = nuloop.run("toys", {"experiment": toml([POINT["experiment"]])}, toy_settings("reference", 10 * TOYS),
                            repetitions)
    with file:
        moments = file["toys/moments"][...].ravel()
    variance = moments[4] / moments[1] - (moments[3] / moments[1])**2
    rng = np.random.Generator(np.random.Philox(1))
    seconds, z = best_s(lambda: experiment.toys(TOYS, rng), repetitions)
    error = variance * np.sqrt(2 / TOYS)
    return {"python_s": seconds / TOYS, "nuloop_s": ours / (10 * TOYS),
            "deviations": float(max(abs(z.var() - variance) / error, abs(z.mean()) / np.sqrt(variance / TOYS)))}


def compare_fits(nuloop, experiment, repetitions):
    file, ours = nuloop.run("toys", {"experiment": toml([POINT["experiment"]])}, toy_settings("poisson", TOYS),
                            repetitions)
    with file:
        significance = float(file["toys/significance"][...].ravel()[0])
    asimov = experiment.fitted(experiment.tested + experiment.direction)
    rng = np.random.Generator(np.random.Philox(2))
    data = rng.poisson(np.maximum(experiment.tested + rng.standard_normal((FITTED_TOYS, 2)) @ experiment.pulls, 0.0))
    seconds, _ = best_s(lambda: [experiment.fitted(counts) for counts in data], 1)
    return {"python_s": seconds / FITTED_TOYS, "nuloop_s": ours / TOYS,
            "difference": abs(asimov / significance - 1)}


def main():
    if len(sys.argv) not in (4, 5):
        sys.exit("usage: peers.py PROGRAM SOURCE OUTPUT.json [REPETITIONS]")
    program, source, output = (Path(word).absolute() for word in sys.argv[1:4])
    repetitions = int(sys.argv[4]) if len(sys.argv) == 5 else 3
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    inputs = Inputs(source)
    rates = prepared(inputs)[POINT["experiment"]]
    experiment = Experiment(rates)
    with tempfile.TemporaryDirectory(prefix="nuloop-") as folder:
        nuloop = Nuloop(program, source, folder)
        report = {"fig7": compare_fig7(nuloop, inputs, repetitions),
                  "sweep": compare_sweep(nuloop, inputs, rates, repetitions),
                  "toys": compare_toys(nuloop, experiment, repetitions)}
        try:
            report["fits"] = compare_fits(nuloop, experiment, repetitions)
        except ImportError as missing:
            print(f"without fits: {missing}", file=sys.stderr)
    for name, found in report.items():
        if not found.get("difference", 0.0) <= AGREEMENT or not found.get("deviations", 0.0) <= DEVIATIONS:
            sys.exit(f"nuloop and its peer differ in {name}: {found}")
    output.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
