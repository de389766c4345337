"""Fig. 7 of arXiv:2410.00107 as a physicist would write it in an afternoon: scipy.integrate.quad over E inside quad
over T for every bin, the pulls' minimum by a linear system, scipy.optimize.brentq for the discovery time. Numbers come
from configs/ and jobs/fig7.toml. Prints JSON: chi2, discovery times, and the seconds of the work alone.

What it saves itself: reactors, not detectors, have spectra of their own (two, not five); an isotope's shape is
integrated once for all depths. What it does not: fixed T is not taken out of the integral over E, the models do not
share integrals.
"""
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import sys
import time
import tomllib
from math import exp, expm1, pi, sqrt
from pathlib import Path

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq

import one_loop

ISOTOPES = ("U235", "U238", "Pu239", "Pu241")
DAYS_PER_YEAR = 365.25
SECONDS_PER_DAY = 86400.0
JOULE_PER_MEV = 1.602176634e-13
PRECISION = 1e-10  # that of configs/analysis.toml


def number(value):
    """Of a quantity such as "2.8 t", in its unit."""
    return float(str(value).split()[0])


def load(path):
    with open(path, "rb") as file:
        return tomllib.load(file)


class Inputs:
    def __init__(self, source):
        configs = Path(source) / "configs"
        job = load(Path(source) / "jobs" / "fig7.toml")
        axes, settings = job["axes"], job["settings"]
        self.detectors = {name: load(configs / "experiments.toml")[name] for name in axes["experiment"]}
        self.reactors = load(configs / "reactors.toml")
        analysis = load(configs / "analysis.toml")
        self.energies = self.reactors["energy_per_fission"][analysis["energy_per_fission"]]
        self.flux = load(configs / "fluxes" / f"{settings['flux']}.toml")
        self.backgrounds = load(configs / "backgrounds.toml")
        self.isotopes = load(configs / "isotopes.toml")
        self.couplings = load(configs / "couplings.toml")
        self.models = axes["model"]
        self.flux_uncertainties = axes["flux_uncertainty"]
        (self.background_uncertainty,) = axes["background_uncertainty"]
        self.threshold = analysis["discovery"]["significance"]**2
        self.sin2_theta_w = settings["lo.sin2_theta_w"]
        low, high, width = (number(settings[f"window.{name}"]) for name in ("low", "high", "bin_width"))
        self.edges = low + width * np.arange(round((high - low) / width) + 1)
        grid = axes["exposure"]
        if settings["observable"] != "electromagnetic" or (grid["from"], grid["to"]) != ("1 month", "10 yr"):
            sys.exit("jobs/fig7.toml is not the job that this program was written for")
        self.exposures = np.linspace(1 / 12, 10, grid["points"])  # years


def spectrum_of(reactor, flux):
    """Antineutrinos per MeV and fission of the fuel."""
    terms = [(reactor["fission_fractions"][name], flux["coefficients"][name]) for name in ISOTOPES]

    def spectrum(energy):
        total = 0.0
        for fraction, (a0, a1, a2, a3, a4, a5) in terms:
            total += fraction * exp(a0 + energy * (a1 + energy * (a2 + energy * (a3 + energy * (a4 + energy * a5)))))
        return total

    return spectrum


def events_per_electron(cross_section, spectrum, highest, low, high, with_tail):
    """Integral of spectrum x cross section over E, and over T from low to high."""

    def over_energy(recoil):
        limit = 0.5 * (recoil + sqrt(recoil * (recoil + 2 * one_loop.ELECTRON_MASS)))

        def integrand(energy):
            return spectrum(energy) * cross_section(energy, recoil)

        value = quad(integrand, limit, highest, epsabs=0, epsrel=PRECISION, limit=200)[0]
        if with_tail:  # a logarithm at its upper end
            value += quad(integrand, recoil, limit, epsabs=PRECISION * value, epsrel=PRECISION, limit=200)[0]
        return value

    return quad(over_energy, low, high, epsabs=0, epsrel=10 * PRECISION, limit=200)[0]


def cross_sections(inputs):
    left, right = one_loop.tree_couplings(inputs.sin2_theta_w)
    nlo = one_loop.OneLoop(inputs.couplings)

    def lo(energy, recoil):
        return one_loop.tree_level(energy, recoil, left, right)

    def lo_cr(energy, recoil):
        return lo(energy, recoil) + one_loop.charge_radius_term(energy, recoil, left, right)

    return {"lo": lo, "lo+cr": lo_cr, "nlo": nlo}


def signals(inputs):
    """Per reactor and model: integrals for each bin."""
    found = {}
    highest = number(inputs.flux["high"])
    for name in {detector["reactor"] for detector in inputs.detectors.values()}:
        spectrum = spectrum_of(inputs.reactors["reactor"][name], inputs.flux)
        for model, cross_section in cross_sections(inputs).items():
            found[name, model] = np.array([
                events_per_electron(cross_section, spectrum, highest, low, high, model == "nlo")
                for low, high in zip(inputs.edges, inputs.edges[1:])])
    return found


def beta_spectrum(branch, daughter_charge):
    sign = 1 if branch["beta"] == "electron" else -1
    endpoint = number(branch["endpoint"])

    def shape(kinetic):
        total = kinetic + one_loop.ELECTRON_MASS
        momentum = sqrt(kinetic * (kinetic + 2 * one_loop.ELECTRON_MASS))
        x = sign * 2 * pi * one_loop.FINE_STRUCTURE * daughter_charge * total / momentum
        return momentum * total * (endpoint - kinetic)**2 * x / -expm1(-x)

    return shape, endpoint


def bin_shares(isotope, edges):
    """Part of an isotope's decays in each bin."""
    shares = np.zeros(len(edges) - 1)
    for branch in isotope["branches"]:
        shape, endpoint = beta_spectrum(branch, isotope["daughter_charge"])
        extra = number(branch["extra_visible"])

        def decays(low, high):
            return quad(shape, low, high, epsabs=0, epsrel=PRECISION, limit=200)[0] if low < high else 0.0

        norm = branch["fraction"] / decays(0.0, endpoint)
        for i in range(len(shares)):
            shares[i] += norm * decays(max(edges[i] - extra, 0.0), min(edges[i + 1] - extra, endpoint))
    return shares


def background_per_t_day(isotopes, shares, muons):
    per_cm2_day = number(muons["muon_flux"]) * 1e-4 * SECONDS_PER_DAY
    energy = number(muons["mean_muon_energy"])
    total = 0.0
    for name, isotope in isotopes.items():
        scaling = (energy / number(isotope["reference_energy"]))**isotope["energy_exponent"]
        total = total + per_cm2_day * number(isotope["yield"]) * scaling * 1e6 * shares[name]
    return total


def chi_square(exposure, reference, tested, background, sigmas):
    """Minimised over the pulls, which enter linearly: the derivatives' zero is a linear system."""
    variance = exposure * (reference + background)
    difference = exposure * (reference - tested)
    pulls = exposure * np.array([tested, background])
    matrix = pulls / variance @ pulls.T + np.diag(1 / sigmas**2)
    best = np.linalg.solve(matrix, pulls / variance @ difference)
    residual = difference - best @ pulls
    return np.sum(residual**2 / variance) + np.sum((best / sigmas)**2)


def discovery_time(function, threshold):
    """Infinite where a million years are not enough."""
    longest = 1e6
    if function(longest) < threshold:
        return float("inf")
    return brentq(lambda t: function(t) - threshold, 1e-9, longest, xtol=1e-12, rtol=1e-14)


def fig7(inputs):
    """chi2 over (experiment, model, flux uncertainty, background uncertainty, exposure), times without the last."""
    spectra = signals(inputs)
    shares = {name: bin_shares(isotope, inputs.edges) for name, isotope in inputs.isotopes.items()}
    chi2, times = [], []
    for detector in inputs.detectors.values():
        reactor = inputs.reactors["reactor"][detector["reactor"]]
        energy = sum(reactor["fission_fractions"][name] * number(inputs.energies[name]) for name in ISOTOPES)
        fissions = number(reactor["thermal_power"]) * 1e9 * reactor["load_factor"] / (energy * JOULE_PER_MEV)
        electrons = number(detector["mass"]) * number(detector["electrons"])
        factor = (electrons * fissions / (4 * pi * (100 * number(detector["baseline"]))**2)
                  * SECONDS_PER_DAY * DAYS_PER_YEAR)
        background = DAYS_PER_YEAR * number(detector["mass"]) * background_per_t_day(
            inputs.isotopes, shares, inputs.backgrounds[detector["background"]])
        reference = factor * spectra[detector["reactor"], "lo"]
        for model in inputs.models:
            tested = factor * spectra[detector["reactor"], model]
            for flux_uncertainty in inputs.flux_uncertainties:
                sigmas = np.array([flux_uncertainty, inputs.background_uncertainty])

                def of_exposure(exposure):
                    return chi_square(exposure, reference, tested, background, sigmas)

                chi2.append([of_exposure(exposure) for exposure in inputs.exposures])
                times.append(discovery_time(of_exposure, inputs.threshold))
    return chi2, times


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: physicist.py SOURCE-FOLDER")
    inputs = Inputs(sys.argv[1])
    begin = time.perf_counter()
    chi2, times = fig7(inputs)
    seconds = time.perf_counter() - begin
    json.dump({"work_s": seconds, "chi2": chi2, "discovery_time_yr": times}, sys.stdout)


if __name__ == "__main__":
    main()
