# An experiment of one's own: from `nuloop init` to a result that can be read without its folder.
# SPDX-License-Identifier: GPL-3.0-or-later
import re
import shutil
import tomllib
from pathlib import Path

import h5py
import numpy as np
from harness import check, main


def refused(nuloop, *words, says):
    outcome = nuloop(*words)
    check(outcome.status == 3 and len(outcome.messages()) == 1 and says in outcome.err,
          f"{outcome.command}: {outcome.status}, {outcome.err}")


def example(nuloop):
    """The four commands of the README."""
    nuloop.good("init", "mine")
    files = sorted(path.name for path in Path("mine").iterdir())
    check(files == ["backgrounds.toml", "experiments.toml", "job.toml", "reactors.toml"], f"{files}")
    listed = nuloop.good("list", "experiments", "--configs", "mine").out
    check("bench" in listed and "[mine/experiments.toml:" in listed and "tao-30m" in listed, listed)
    shown = nuloop.good("show", "bench", "--configs", "mine").out
    rows = dict(re.findall(r"^    (\S.*?) +(\d+\.\d{4})$", shown, re.M))
    parts = [float(rate) for name, rate in rows.items() if not name.startswith(("signal", "back"))]
    check(len(parts) == 13 and abs(sum(parts) - float(rows["background, all of it"])) < 1e-2,
          f"the parts of the background are not its sum: {rows}")
    spectrum = nuloop.good("rates", "--experiment", "bench", "--model", "nlo", "--configs", "mine").rows()
    check(abs(sum(float(row["signal_per_day"]) for row in spectrum) - float(rows["signal, nlo"])) < 1e-3,
          f"another signal than of nuloop rates: {rows}")
    nuloop.good("run", "mine/job.toml", "-o", "bench.h5")
    rows = nuloop.good("report", "bench.h5", "--format", "csv").rows()
    check([row["experiment"] for row in rows] == ["bench"] * 4, f"{rows}")
    refused(nuloop, "init", "mine", says="mine: exists")


def without_the_folder(nuloop):
    """The result holds what it was made with."""
    with h5py.File("bench.h5") as file:
        names = [name.decode() for name in file["own/file"]]
        texts = [text.decode() for text in file["own/text"]]
        inputs = file.attrs["inputs"].decode()
    check(names == ["own/backgrounds.toml", "own/experiments.toml", "own/reactors.toml"], f"{names}")
    for name, text in zip(names, texts):
        check(text == Path("mine", name[4:]).read_text(), f"{name} is not the file's text")
        check(f"  {name}\n" in inputs, f"{name} has no checksum")
    nuloop.good("run", nuloop.fig7, "-o", "fig7.h5")
    with h5py.File("fig7.h5") as file:
        check("own" not in file, "a result without files of one's own has some")
    before = nuloop.good("report", "bench.h5", "--format", "json").out
    shutil.move("mine", "away")
    nuloop.good("verify", "bench.h5")
    check(nuloop.good("report", "bench.h5", "--format", "json").out == before, "another report")
    nuloop.good("run", "away/job.toml", "-o", "again.h5")
    compared = nuloop.good("verify", "bench.h5", "again.h5").out
    check("the same bytes" in compared, compared)
    shutil.move("away", "mine")


def from_the_file_alone(nuloop):
    """Another folder in the place of configs/, an own experiment at an own flux: the result makes itself again."""
    shutil.copytree(nuloop.source / "configs", "other")
    reactors = Path("other/reactors.toml")
    reactors.write_text(reactors.read_text().replace('"4.60 GW"', '"3.10 GW"'))
    shutil.copytree("mine", "both")
    Path("both/fluxes").mkdir()
    rows = "\n".join(f"{0.5 * k}, {2.0 * 0.7 ** k:.17g}" for k in range(1, 21))
    Path("both/fluxes/steps.csv").write_text(rows + "\n")
    Path("both/fluxes/steps.toml").write_text("""
title = "steps"
source = "none"
uncertainties = "huber"
form = "file"
file = "steps.csv"
columns = ["energy", "U235"]
absent = ["U238", "Pu239", "Pu241"]
energy_unit = "MeV"
values = "per MeV"
low = "0.5 MeV"
high = "10 MeV"
""")
    sets = ["--set", 'axes.experiment=["bench", "tao-30m"]', "--set", "settings.flux=steps"]
    for isotope, share in (("U235", 1), ("U238", 0), ("Pu239", 0), ("Pu241", 0)):
        sets += ["--set", f"settings.reactor.fission_fraction.{isotope}={share}"]
    nuloop.good("run", "both/job.toml", "-o", "both.h5", *sets, configs="other")
    before = nuloop.good("report", "both.h5", "--format", "csv").out
    shutil.rmtree("both")
    shutil.rmtree("other")
    nuloop.good("verify", "both.h5")
    nuloop.good("export", "both.h5", "--format", "configs", "-o", "both")
    found = tomllib.loads(Path("both/configs/experiments.toml").read_text())
    check(set(found) == {"bench", "tao-30m"} and found["tao-30m"]["mass"] == "2.8 t", f"{found}")
    found = tomllib.loads(Path("both/configs/reactors.toml").read_text())
    check(found["reactor"]["taishan-1"]["thermal_power"] == "3.10 GW", f"{found}")
    check(Path("both/configs/fluxes/steps.csv").read_text() == rows + "\n", "another table")
    check(sorted(path.name for path in Path("both/configs/fluxes").iterdir()) == ["mueller.toml", "steps.csv", "steps.toml"],
          "fluxes that are not used")
    nuloop.good("run", "both/job.toml", "-o", "remade.h5", configs="both/configs")
    compared = nuloop.good("verify", "both.h5", "remade.h5").out
    check("to the last bit" in compared, compared)
    check(nuloop.good("report", "remade.h5", "--format", "csv").out == before, "another report")


def layers(nuloop):
    """--configs takes the place of the job's folder; one key changes one number."""
    Path("light").mkdir()
    Path("light/experiments.toml").write_text('[tao-30m]\nmass = "1.4 t"\nefficiency = 0.5\n')
    words = ["--experiment", "tao-30m", "--model", "nlo"]
    heavy = nuloop.good("rates", *words).rows()
    light = nuloop.good("rates", *words, "--configs", "light").rows()
    check(all(float(a["signal_per_day"]) == 4.0 * float(b["signal_per_day"])
              for a, b in zip(heavy, light, strict=True)), "not a quarter of the signal")
    overruled = nuloop.good("rates", *words, "--configs", "light",
                            "--set", "settings.efficiency.everywhere=1",
                            "--set", "settings.detector.mass=2.8 t").out
    check(overruled == nuloop.good("rates", *words).out, "the job's own settings do not hold")
    refused(nuloop, "run", "mine/job.toml", "-o", "x.h5", "--configs", "light",
            says='unknown experiment "bench"')
    nuloop.good("plan", "mine/job.toml", "--threads", "1")


def wrong_folders(nuloop):
    refused(nuloop, "list", "--configs", "nowhere", says="nowhere: the folder")
    Path("empty").mkdir()
    refused(nuloop, "list", "--configs", "empty", says="empty: holds no configurations")
    Path("typo").mkdir()
    Path("typo/experiment.toml").write_text("")
    refused(nuloop, "list", "--configs", "typo", says='did you mean "experiments.toml"')
    Path("near/fluxes").mkdir(parents=True)
    flux = (nuloop.source / "configs/fluxes/kurchatov.toml").read_text()
    Path("near/fluxes/near.toml").write_text(flux.replace("2.0, 2.25,", "2.0, 2.000001,"))
    refused(nuloop, "list", "--configs", "near", says="table.energies: 2 and 2.000001 MeV are nearer than 1e-05 MeV")
    # What can be said of a folder is also said of one that a job names.
    job = Path("mine/job.toml").read_text().replace('configs = "."', 'configs = "nowhere"')
    check(tomllib.loads(job)["job"]["configs"] == "nowhere", "the example names no folder")
    Path("mine/other.toml").write_text(job)
    refused(nuloop, "run", "mine/other.toml", says="mine/nowhere: the folder")
    refused(nuloop, "run", "mine/job.toml", "-o", "x.h5", "--set", "settings.window.low=0.3 MeV",
            says="energy_scale")


MASS, FINE_STRUCTURE, AVOGADRO = 0.51099895, 1 / 137.035999084, 6.02214076e23
NODES, WEIGHTS = np.polynomial.legendre.leggauss(60)


def electrons(endpoint, charge, low, high):
    """Integral of the allowed shape over kinetic energies; in momentum, in which it is smooth."""
    low, high = max(low, 0.0), min(high, endpoint)
    if low >= high:
        return 0.0
    momentum = [np.sqrt(T * (T + 2 * MASS)) for T in (low, high)]
    p = 0.5 * (momentum[1] - momentum[0]) * NODES + 0.5 * (momentum[1] + momentum[0])
    total = np.sqrt(p * p + MASS * MASS)
    eta = FINE_STRUCTURE * charge * total / p
    shape = p * p * (endpoint - total + MASS) ** 2 * 2 * np.pi * eta / (1 - np.exp(-2 * np.pi * eta))
    return 0.5 * (momentum[1] - momentum[0]) * (WEIGHTS @ shape)


def seen(decay, quenching):
    """[share, end point of the electrons or 0, what else is seen] of the branches of a decay."""
    count = len(decay["intensities"])
    columns = [decay.get(key, [0.0] * count) for key in ("endpoints", "gammas", "alphas")]
    return [[share / sum(decay["intensities"]), endpoint, gammas + quenching * alpha]
            for share, endpoint, gammas, alpha in zip(decay["intensities"], *columns, strict=True)]


def per_decay(chain, decays, edges, quenching, tagged, window):
    """Events in each bin per decay of a chain's first isotope."""
    alone, events = dict.fromkeys(chain["decays"], 1.0), []
    for name, number in chain["decays"].items():
        if follower := decays[name].get("followed_by"):
            half_life = float(decays[follower]["half_life"].split()[0])
            late = 0.5 ** (window / half_life)
            alone[name] = alone[follower] = late * (1 - tagged)
            events += [(decays[name], number * share * then * (1 - late), endpoint, rest + more)
                       for share, endpoint, rest in seen(decays[name], quenching)
                       for then, _, more in seen(decays[follower], quenching)]
    for name, number in chain["decays"].items():
        events += [(decays[name], number * alone[name] * share, endpoint, rest)
                   for share, endpoint, rest in seen(decays[name], quenching)]
    counts = np.zeros(len(edges) - 1)
    for decay, share, endpoint, rest in events:
        if endpoint == 0:
            counts += share * np.array([low <= rest < high for low, high in zip(edges, edges[1:])])
            continue
        charge = decay["daughter_charge"]
        parts = [electrons(endpoint, charge, low - rest, high - rest) for low, high in zip(edges, edges[1:])]
        counts += share * np.array(parts) / electrons(endpoint, charge, 0.0, endpoint)
    return counts


def radioactivity(nuloop):
    """Chains in the target, against a sum over all branches."""
    data = tomllib.loads((nuloop.source / "configs" / "radioactivity.toml").read_text())
    edges = np.arange(0.2, 6.01, 0.2)
    Path("hot").mkdir()
    Path("hot/experiments.toml").write_text(
        '[tao-30m]\nbackground = "none"\nfurther_backgrounds = ["hot"]\nefficiency = 0.5\n'
        'window = { low = "0.2 MeV", high = "6 MeV", bin_width = "0.2 MeV" }\n')
    for name, quenching, tagged, window in (("238U", 0.1, 0.0, 0.0), ("238U", 0.08, 0.9, 1e-5),
                                            ("232Th", 0.1, 0.5, 4e-7), ("235U", 0.12, 0.0, 0.0),
                                            ("40K", 0.1, 0.0, 0.0)):
        Path("hot/backgrounds.toml").write_text(
            f'[hot]\ntitle = "h"\nsource = "s"\nspectrum = "chain"\nchain = "{name}"\n'
            "concentration = 2e-14\nuncertainty = 0.1\n"
            + (f'alpha_quenching = {quenching}\ntagged = {tagged}\nreadout_window = "{window} s"\n'
               if name != "40K" else ""))
        chain = data["chain"][name]
        days = float(chain["half_life"].split()[0]) * 365.25
        decays = 2e-14 * 2.8e6 * 0.5 * AVOGADRO / chain["molar_mass"] * np.log(2) / days
        expected = decays * per_decay(chain, data["decay"], edges, quenching, tagged, window)
        for scale in (1, 3):
            rows = nuloop.good("rates", "--experiment", "tao-30m", "--model", "lo", "--configs", "hot",
                               "--set", f"settings.further_backgrounds.scale={scale}").rows()
            got = np.array([float(row["background_per_day"]) for row in rows])
            check(np.allclose(got, scale * expected, rtol=1e-8, atol=1e-12 * expected.max()),
                  f"{name}: {got}, not {scale * expected}")


def wrong_chains(nuloop):
    good = {"spectrum": '"chain"', "chain": '"238U"', "concentration": "1e-15", "alpha_quenching": "0.1",
            "uncertainty": "0.1", "title": '"h"', "source": '"s"'}
    for key, value, says in (("chain", '"239U"', 'unknown "239U"'), ("concentration", "-1", "concentration"),
                             ("alpha_quenching", "2", "alpha_quenching"), ("tagged", "1.1", "tagged"),
                             ("readout_window", "1e-6", "unit"), ("energies_are", '"measured"', "energies_are")):
        lines = [f"{name} = {text}" for name, text in {**good, key: value}.items()]
        Path("hot/backgrounds.toml").write_text("[hot]\n" + "\n".join(lines) + "\n")
        refused(nuloop, "list", "--configs", "hot", says=says)
    lines = [f"{name} = {text}" for name, text in good.items() if name != "alpha_quenching"]
    Path("hot/backgrounds.toml").write_text("[hot]\n" + "\n".join(lines) + "\n")
    refused(nuloop, "list", "--configs", "hot", says="alpha_quenching")
    Path("hot/backgrounds.toml").unlink()
    Path("hot/experiments.toml").unlink()
    for text, says in (("[chain.238U.decays]\n214Pu = 1\n", "is no decay"),
                       ("[decay.214Bi]\nfollowed_by = \"214Pb\"\n", "half_life"),
                       ("[decay.214Bi]\ngammas = [0]\n", "gammas")):
        Path("hot/radioactivity.toml").write_text(text)
        refused(nuloop, "list", "--configs", "hot", says=says)


def describe(text, backgrounds=""):
    Path("odd").mkdir(exist_ok=True)
    Path("odd/experiments.toml").write_text(f"[tao-30m]\n{text}\n[tao-30m-ibd]\n{backgrounds}\n")


def spectrum(nuloop, *words, experiment="tao-30m", model="nlo"):
    """[edges, signal, background] as nuloop rates has them."""
    rows = nuloop.good("rates", "--experiment", experiment, "--model", model, "--configs", "odd", *words).rows()
    edges = [float(row["bin_low_MeV"]) for row in rows] + [float(rows[-1]["bin_high_MeV"])]
    return [np.array(edges), *(np.array([float(row[f"{what}_per_day"]) for row in rows])
                               for what in ("signal", "background"))]


def unequal_bins(nuloop):
    """Wide bins have the counts of the narrow ones in them, for both channels."""
    for experiment in ("tao-30m", "tao-30m-ibd"):
        fine = 'window = { low = "1 MeV", high = "8 MeV", bin_width = "0.25 MeV" }'
        describe(fine, fine)
        edges, *narrow = spectrum(nuloop, experiment=experiment)
        own = 'window = { low = "2 MeV", edges = [1, 1.25, 2, 3.5, 8] }'
        describe(own, own)
        wide_edges, *wide = spectrum(nuloop, experiment=experiment)
        check(list(wide_edges) == [1, 1.25, 2, 3.5, 8], f"{wide_edges}")
        first = np.searchsorted(edges, wide_edges[:-1])
        for few, many in zip(wide, narrow):
            check(np.allclose(few, np.add.reduceat(many, first), rtol=1e-9, atol=0), f"{experiment}: {few}")
    for edges, says in (("[1, 1]", "ascending"), ("[0, 1]", "edges"), ("[1, 2000]", "edges"), ("[1]", "two or more")):
        describe(f"window = {{ edges = {edges} }}")
        refused(nuloop, "list", "--configs", "odd", says=says)


def photons(nuloop):
    """With some photons lost the spectrum lies between those of the two observables."""
    describe("lost_photons = 0.3")
    _, both, _ = spectrum(nuloop)
    _, none_lost, _ = spectrum(nuloop, "--set", "settings.detector.lost_photons=0")
    _, all_lost, _ = spectrum(nuloop, "--observable", "electron")
    check(np.allclose(both, 0.7 * none_lost + 0.3 * all_lost, rtol=1e-10, atol=0), "not in between")
    _, every, _ = spectrum(nuloop, "--set", "settings.detector.lost_photons=1")
    check(np.allclose(every, all_lost, rtol=1e-10, atol=0), "all photons are not all")


def years_to_5_sigma(reference, tested, background, columns):
    """By the covariance of counts; each column is a change by one standard deviation, per day."""
    def chi2(years):
        days = 365.25 * years
        covariance = np.diag((reference + background) * days)
        for column in columns:
            covariance += np.outer(column, column) * days * days
        difference = (reference - tested) * days
        return difference @ np.linalg.solve(covariance, difference)
    low, high = 1e-3, 1e6
    for _ in range(100):
        middle = np.sqrt(low * high)
        low, high = (middle, high) if chi2(middle) < 25 else (low, middle)
    return low


def uncertain_response(nuloop):
    """Discovery times with pulls of the response, their columns being other differences of spectra."""
    scale = [(0.5, 0.48), (2, 2.0), (5, 5.2), (11, 11.6)]
    efficiency = 'efficiency = { everywhere = 0.8, threshold = "1.4 MeV", width = "0.2 MeV" }\n'
    window = 'window = { edges = [1, 1.5, 2, 2.6, 3.4, 5, 10] }\n'

    def detector(points, more=""):
        deposited, visible = zip(*points)
        describe(efficiency + window + f"energy_scale = {{ deposited = {list(deposited)}, "
                 f"visible = {list(visible)} }}\n{more}")

    def differences(at, step):
        """A derivative, of signal and background together, from steps of one and two."""
        near, far = (sum(at(k * step)[1:]) - sum(at(-k * step)[1:]) for k in (1, 2))
        return (8 * near - far) / (12 * step)

    detector(scale)
    _, reference, background = spectrum(nuloop, model="lo")
    _, tested, _ = spectrum(nuloop)
    usual = [0.005 * tested, 0.1 * background]
    off = np.array([0.01, 0.0, -0.004, -0.01])

    def moved(share):
        detector([(energy, visible * (1 + share * error)) for (energy, visible), error in zip(scale, off.tolist())])
        return spectrum(nuloop)
    columns = {
        'efficiency = "0.2 %"': 0.002 * (tested + background),
        'threshold = "20 keV"': 0.02 * differences(
            lambda shift: spectrum(nuloop, "--set", f"settings.efficiency.threshold={1.4 + shift} MeV"), 2e-3),
        f"deposited = [0.5, 2, 5, 11]\nvisible = {off.tolist()}".replace("\n", ", "): differences(moved, 0.05)}
    words = ["reach", "--experiment", "tao-30m", "--model", "nlo", "--flux-uncertainty", "0.005", "--configs", "odd"]
    for chosen in (*([text] for text in columns), list(columns)):
        detector(scale, f"response_uncertainties = {{ {', '.join(chosen)} }}")
        expected = years_to_5_sigma(reference, tested, background, [*usual, *(columns[text] for text in chosen)])
        got = float(nuloop.good(*words).rows()[0]["discovery_time_yr"])
        check(abs(got / expected - 1) < 1e-8, f"{chosen}: {got}, not {expected}")
        plain = float(nuloop.good(*words, "--set", "settings.response_uncertainties.scale=0").rows()[0]["discovery_time_yr"])
        expected = years_to_5_sigma(reference, tested, background, usual)
        check(abs(plain / expected - 1) < 1e-8, f"without pulls {plain}, not {expected}")
    describe('response_uncertainties = { threshold = "1 keV" }')
    refused(nuloop, "list", "--configs", "odd", says="has no threshold")


def uncertain_shares(nuloop):
    """The same with a recorded share that is uncertain by energy: counts are linear in it."""
    relative = dict(zip((1.2, 2, 6, 9), (0.02, 0.004, -0.002, -0.01)))
    table = dict(zip((0.5, 2, 4, 11), (0.5, 0.9, 0.95, 0.97)))
    uncertain = f"response_uncertainties = {{ energies = {list(relative)}, recorded = {list(relative.values())} }}"
    points = sorted({*relative, *table})
    for own in (None, table):
        shares = np.interp(points, list(own), list(own.values())) if own else np.ones(len(points))

        def efficiency(values, points=points):
            return f"efficiency = {{ energies = {list(points)}, values = {list(map(float, values))} }}\n"
        plain = efficiency(own.values(), own) if own else ""
        describe(plain)
        _, reference, background = spectrum(nuloop, model="lo")
        _, tested, _ = spectrum(nuloop)
        # At half the share of either sign, since shares end at one.
        off = np.interp(points, list(relative), list(relative.values()))
        moved = []
        for sign in (1, -1):
            describe(efficiency(0.5 * shares * (1 + sign * off), points))
            moved.append(sum(spectrum(nuloop)[1:]))
        columns = [0.005 * tested, 0.1 * background, moved[0] - moved[1]]
        describe(plain + uncertain)
        got = float(nuloop.good("reach", "--experiment", "tao-30m", "--model", "nlo", "--flux-uncertainty", "0.005",
                                "--configs", "odd").rows()[0]["discovery_time_yr"])
        expected = years_to_5_sigma(reference, tested, background, columns)
        check(abs(got / expected - 1) < 1e-8, f"shares of {own}: {got}, not {expected}")
        usual = years_to_5_sigma(reference, tested, background, columns[:2])
        check(abs(got / usual - 1) > 0.01, f"shares of {own}: no pull, {usual}")
    for old, new, says in (("recorded = [0.02", "recorded = [2", "out of range"), ("energies = [1.2, ", "energies = [", "wants")):
        assert old in uncertain
        describe(uncertain.replace(old, new))
        refused(nuloop, "list", "--configs", "odd", says=says)


def test(nuloop):
    example(nuloop)
    without_the_folder(nuloop)
    from_the_file_alone(nuloop)
    layers(nuloop)
    wrong_folders(nuloop)
    radioactivity(nuloop)
    wrong_chains(nuloop)
    unequal_bins(nuloop)
    photons(nuloop)
    uncertain_response(nuloop)
    uncertain_shares(nuloop)


main(test)
