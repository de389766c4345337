# Inverse beta decays that are taken for scatterings: counts and chi2 against numpy, which integrates flux times cross
# section by itself.
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import tomllib
from pathlib import Path

from harness import check, main, skip

try:
    import h5py
    import numpy as np
except ImportError as missing:
    skip(missing)

YEAR = 365.25  # days
ISOTOPES = ("U235", "U238", "Pu239", "Pu241")
ELECTRON, NUCLEONS = 0.51099895, 1.29333236  # MeV: m_e, m_n - m_p
LAMBDA, V_UD, INNER = 1.27, 0.974, 0.024
PROTONS, PROMPT, CAPTURES, CAPTURE_ENERGY, UNCERTAINTY = 7e28, 4e-3, 1e-3, 2.2233, 0.3
EFFICIENCY, DEAD_TIME, MASS, BASELINE, SECOND = 0.8, 0.1, 2.8, 30.0, 252.5
EDGES = np.linspace(1, 10, 19)

CROSS_SECTION = f"""
[inverse_beta_decay.static]
title = "static nucleons"
form = "static-nucleons"
lambda = {LAMBDA}
v_ud = {V_UD}
inner_correction = {INNER}
outer_correction = false
source = "a test"
"""
DETECTOR = """
[{name}]
title = "TAO with two cores"
reactor = "taishan-1"
mass = "2.8 t"
baseline = "30 m"
electrons = "3.372e29 /t"
background = "paper-25mwe"
efficiency = 0.8
dead_time = 0.1
further_cores = [{{ reactor = "taishan-2", baseline = "252.5 m" }}]
"""
LEAK = f"""
[leaky.beta_decay_leak]
cross_section = "static"
protons = "{PROTONS:g} /t"
prompt = {PROMPT}
captures = {CAPTURES}
capture_energy = "{CAPTURE_ENERGY} MeV"
uncertainty = {UNCERTAINTY}
"""
JOB = '[job]\nname = "job"\ntitle = "A leak"\nkind = "{kind}"\n[axes]\n{axes}\n[settings]\n{settings}\n'
WINDOW = 'window.low = "1 MeV"\nwindow.high = "10 MeV"\nwindow.bin_width = "0.5 MeV"\n'


def run(nuloop, kind, axes, settings):
    Path("job.toml").write_text(JOB.format(kind=kind, axes=axes, settings=settings))
    nuloop.good("run", "job.toml", "-o", "job.h5", "--configs", "own", "--force")
    return h5py.File("job.h5")


def same(found, wanted, what, rtol=1e-8):
    check(np.allclose(found, wanted, rtol=rtol, atol=1e-12 * np.max(np.abs(wanted))), f"{what}: {found}, not {wanted}")


def decays(nuloop, edges):
    """All decays in the target per day, in bins of prompt energy: flux mueller."""
    configs = nuloop.source / "configs"
    flux = tomllib.loads((configs / "fluxes" / "mueller.toml").read_text())["coefficients"]
    reactors = tomllib.loads((configs / "reactors.toml").read_text())
    used = tomllib.loads((configs / "analysis.toml").read_text())["energy_per_fission"]
    fractions = reactors["reactor"]["taishan-1"]["fission_fractions"]
    energies = reactors["energy_per_fission"][used]
    mean = sum(fractions[name] * float(str(energies[name]).split()[0]) for name in ISOTOPES)
    fissions = 4.6e9 * 0.8 / (1.602176634e-13 * mean) * 86400
    norm = (1.1663787e-11)**2 * V_UD**2 * (1 + INNER) * (1 + 3 * LAMBDA**2) / np.pi * 0.3893793721e-21  # cm2/MeV2
    nodes, weights = np.polynomial.legendre.leggauss(400)

    def spectrum(energy):
        return sum(fractions[name] * np.exp(np.polynomial.polynomial.polyval(energy, flux[name])) for name in ISOTOPES)
    counts = []
    for low, high in zip(edges[:-1], edges[1:]):
        # Positron's energy E_e = E - 1.293 MeV, prompt energy E_e + m_e; the flux ends at 12 MeV.
        first = max(low - ELECTRON, ELECTRON)
        last = min(high - ELECTRON, 12 - NUCLEONS)
        u = np.sqrt(max(last - ELECTRON, 0)) * 0.5 * (nodes + 1)
        if first > ELECTRON:
            start = np.sqrt(first - ELECTRON)
            u = start + (np.sqrt(last - ELECTRON) - start) * 0.5 * (nodes + 1)
        width = (np.sqrt(last - ELECTRON) - np.sqrt(first - ELECTRON)) / 2
        positron = ELECTRON + u**2
        momentum = u * np.sqrt(positron + ELECTRON)
        counts.append(np.sum(weights * width * 2 * u * spectrum(positron + NUCLEONS) * norm * momentum * positron))
    distance = sum(1 / (4 * np.pi * (100 * metres)**2) for metres in (BASELINE, SECOND))
    return fissions * distance * PROTONS * MASS * np.array(counts)


def leak_of(nuloop):
    """Events per day in each bin."""
    recorded = EFFICIENCY * (1 - DEAD_TIME)
    line = (EDGES[:-1] <= CAPTURE_ENERGY) & (CAPTURE_ENERGY < EDGES[1:])
    return recorded * (PROMPT * decays(nuloop, EDGES) + CAPTURES * decays(nuloop, np.array([1.0, 20.0])).sum() * line)


def rates(nuloop, experiment, more=""):
    with run(nuloop, "rates", f'experiment = ["{experiment}"]', f'model = "nlo"\nflux = "mueller"\n{WINDOW}{more}') as file:
        return tuple(file[f"rates/{name}"][0] for name in ("signal_lo", "signal", "background"))


def counts(nuloop):
    """Rates, and that they follow the power and nothing of the muons."""
    leak = leak_of(nuloop)
    plain, leaky = rates(nuloop, "tight"), rates(nuloop, "leaky")
    check(all(np.array_equal(a, b) for a, b in zip(plain[:2], leaky[:2])), "a leak changes the signal")
    same(leaky[2], plain[2] + leak, "background with a leak")
    alone = rates(nuloop, "leaky", "background.scale = 0\n")[2]
    same(alone, leak, "the leak alone")
    same(rates(nuloop, "leaky", "background.scale = 0\nbeta_decay_leak.scale = 1.7\n")[2], 1.7 * leak, "a larger leak")
    # Response: half of what lies above the edge is what there is of a share of a half.
    edge = 'efficiency.threshold = "1.5 MeV"\nefficiency.width = "0 MeV"\n'
    same(rates(nuloop, "leaky", "background.scale = 0\n" + edge)[2], np.where(EDGES[:-1] >= 1.5, leak, 0), "an edge")
    rows = [line.rsplit(None, 1) for line in nuloop.good("show", "leaky", "--configs", "own").out.splitlines()]
    shown = {row[0].strip(): row[-1] for row in rows if row}
    check(abs(float(shown["inverse beta decays"]) - leak.sum()) < 1e-4, f"nuloop show: {shown}")
    return leak


def chi2_of(data, tested, leak_of_data, leak, muons, years, share, flux=0.005, known=UNCERTAINTY):
    """With a covariance: signal and leak have the pull of the flux, the leak one of its own. Muons' part has its own.
    Bins without reactor have no leak."""
    days = YEAR * years

    def all_bins(on, off):
        return days * np.concatenate([on, share * off] if share else [on])
    none = 0 * muons
    n = all_bins(data + leak_of_data + muons, muons)
    off = n - all_bins(tested + leak + muons, muons)
    pulls = [flux * all_bins(tested + leak, none), 0.1 * all_bins(muons, muons), known * all_bins(leak, none)]
    return off @ np.linalg.solve(np.diag(n) + sum(np.outer(pull, pull) for pull in pulls), off)


POINT = f'experiment = "leaky"\nflux = "mueller"\nbackground_uncertainty = 0.1\n{WINDOW}'


def chi2(nuloop, leak):
    data, tested, muons = rates(nuloop, "tight")
    axes = 'reactor_off.share = [0, 0.3]\nbeta_decay_leak.uncertainty_scale = [0, 1]\nexposure = ["5 yr"]'
    point = POINT + 'flux_uncertainty = 0.005\n'

    def wanted(signal, of_data):
        return [[[chi2_of(data, signal, of_data, leak, muons, 5, share, known=known)]
                 for known in (0.0, UNCERTAINTY)] for share in (0.0, 0.3)]
    for model, signal in (("nlo", tested), ("lo", data)):
        with run(nuloop, "reach", axes, point + f'model = "{model}"\ndata.beta_decay_leak.scale = 1.5\n') as file:
            same(file["chi2"][:], wanted(signal, 1.5 * leak), f"chi2 of {model} with more of a leak in the data")
    with run(nuloop, "reach", axes, point + 'model = "nlo"\n') as file:
        same(file["chi2"][:], wanted(tested, leak), "chi2")
        check(np.all(file["chi2_error"][:] < 1e-6), f"bounds {file['chi2_error'][:]}")
    # The workspace of a point: no leak in the channel without reactor.
    nuloop.good("export", "job.h5", "--format", "pyhf", "-o", "workspaces")
    workspace = json.loads(Path("workspaces/workspace-3.json").read_text())
    found = [{sample["name"]: sample["data"] for sample in channel["samples"]}["background"]
             for channel in workspace["channels"]]
    same(found[0], 5 * YEAR * (muons + leak), "pyhf: background with reactor")
    same(found[1], 0.3 * 5 * YEAR * muons, "pyhf: background without reactor")
    # Without a leak all is as if there were none.
    zero = {}
    for name, more in (("tight", ""), ("leaky", "beta_decay_leak.scale = 0\n")):
        with run(nuloop, "reach", 'exposure = ["5 yr"]',
                 point.replace("leaky", name) + f'model = "nlo"\nreactor_off.share = 0.2\n{more}') as file:
            zero[name] = file["chi2"][0]
    same(zero["leaky"], zero["tight"], "a leak of nothing", rtol=1e-12)


def flux_pulls(nuloop):
    """A flux that is off by 2 % at all energies moves signal and leak as flux_uncertainty does."""
    text = (nuloop.source / "configs" / "fluxes" / "mueller.toml").read_text()
    text = text.replace('uncertainties = "huber"', "#").replace("[coefficients]", """
[uncertainties]
edges = [0, 1.8, 12]
U235 = [0.02, 0.02]
U238 = [0.02, 0.02]
Pu239 = [0.02, 0.02]
Pu241 = [0.02, 0.02]
parts.all = { common = "all", U235 = [0.02, 0.02], U238 = [0.02, 0.02], Pu239 = [0.02, 0.02], Pu241 = [0.02, 0.02] }
[coefficients]""")
    Path("own/fluxes").mkdir(exist_ok=True)
    Path("own/fluxes/even.toml").write_text(text)
    # Antineutrinos below 1.8 MeV make no decays, and no recoil above 2 MeV.
    point = POINT.replace('"mueller"', '"even"').replace('low = "1 MeV"', 'low = "2 MeV"') + 'model = "nlo"\n'
    found = {}
    for key in ("flux_uncertainty", "flux_shape.common_scale", "flux_shape.covariance_scale", "flux_shape.free_scale",
                "flux_shape.uncorrelated_scale", "flux_shape.isotope_scale"):
        value = 0.02 if key in ("flux_uncertainty", "flux_shape.free_scale") else 1
        more = "" if key == "flux_uncertainty" else "flux_uncertainty = 0\n"
        with run(nuloop, "reach", 'exposure = ["5 yr"]', f"{point}{more}{key} = {value}\n") as file:
            found[key] = file["chi2"][0]
    for key in ("flux_shape.common_scale", "flux_shape.covariance_scale", "flux_shape.free_scale"):
        same(found[key], found["flux_uncertainty"], key)
    # One bin of what is seen: isotopes by themselves are all that there is.
    same(found["flux_shape.uncorrelated_scale"], found["flux_shape.isotope_scale"], "isotopes")


def errors(nuloop):
    good = Path("own/experiments.toml").read_text()
    for old, new, parts in (
            (f"prompt = {PROMPT}", "prompt = 0.9995", ("leaky.beta_decay_leak.prompt", "more than 1")),
            ('cross_section = "static"', 'cross_section = "statics"', ("cross_section", "did you mean")),
            (f'protons = "{PROTONS:g} /t"\n', "", ("leaky.beta_decay_leak.protons", "missing")),
            (f'capture_energy = "{CAPTURE_ENERGY} MeV"\n', "", ("capture_energy", "missing")),
            (f"uncertainty = {UNCERTAINTY}", "", ("uncertainty", "missing")),
            (f"prompt = {PROMPT}", f"prompt = {PROMPT}\nshare = 1", ("beta_decay_leak.share", "unknown")),
            ("[leaky]", '[leaky]\nchannel = "ibd"\ncross_section = "static"\nprotons = "1e28 /t"',
             ("leaky.beta_decay_leak", "counts scatterings"))):
        assert good.count(old) == 1, old
        Path("own/experiments.toml").write_text(good.replace(old, new))
        outcome = nuloop("list", "experiments", "--configs", "own")
        check(outcome.status == 3 and all(part in outcome.err for part in ("own/experiments.toml:", *parts)),
              f"{new}: {outcome.status}, {outcome.err}")
    Path("own/experiments.toml").write_text(good)


def test(nuloop):
    Path("own").mkdir()
    Path("own/couplings.toml").write_text(CROSS_SECTION)
    Path("own/experiments.toml").write_text(DETECTOR.format(name="tight") + DETECTOR.format(name="leaky") + LEAK)
    leak = counts(nuloop)
    chi2(nuloop, leak)
    flux_pulls(nuloop)
    # Pulls in both worlds, of pseudo-experiments too.
    run(nuloop, "toys", 'exposure = ["1 yr"]', POINT + 'flux_uncertainty = 0.005\nmodel = "nlo"\ntoys.truth = "model"\n'
        'toys.count = 5000\nenergy_scale_uncertainty = 0.01\nreactor_off.share = 0.2\n'
        'data.beta_decay_leak.scale = 0.5\n').close()
    errors(nuloop)


main(test)
