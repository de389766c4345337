# Bad input ends with its exit status and one line that says what, where and which key.
# SPDX-License-Identifier: GPL-3.0-or-later
import base64
import fcntl
import math
import os
import re
import shutil
import struct
import subprocess
import zlib
from pathlib import Path

from harness import PATIENCE, check, main, sha256

# An HDF5 file without anything in it, as h5py writes one.
EMPTY_HDF5 = zlib.decompress(base64.b64decode(
    "eNrr9HBx4+WS4mIAAQ4OBhYGAQZk8B8KFJhR+TD5BCjNCKU7oPQKJpg4I1hOAiouCDUfXV1IkKsrsvno9oyCkQ08XB0D"
    "QHQElM8BpU8woaqDpcMAKtkLAKSkKIg="))

# (what to replace in jobs/fig7.toml, by what, the key and the words that the message must have)
BAD_JOBS = [
    ('title =', 'titel =', ['job.titel', 'unknown key', '"title"']),
    ('observable =', 'obsrevable =', ['settings.obsrevable', 'unknown key', '"observable"']),
    ('points = 120', 'points = 120, step = 1', ['axes.exposure.step', 'unknown key']),
    ('[settings]', '[settngs]', ['settngs', 'unknown key']),
    ('name = "fig7"', 'name = "a/b"', ['job.name']),
    ('"0.5 MeV"', '"0.5 m"', ['window.bin_width', 'unit', 'MeV']),
    ('"1 month"', '"1 fortnight"', ['axes.exposure.from', 'unit', 'month']),
    ('"0.5 MeV"', '0.5', ['window.bin_width', 'lacks its unit', '"0.5 MeV"']),
    ('"0.5 MeV"', '"0.5"', ['window.bin_width', 'lacks its unit', 'MeV']),
    ('flux = "mueller"', '"detector.mass" = "-8 t"', ['detector.mass', 'out of range', 'above 0']),
    ('flux = "mueller"', 'detector.mass = "0 t"', ['detector.mass', 'out of range', 'above 0']),
    ('0.2334 ', 'nan ', ['lo.sin2_theta_w', 'nan', 'out of range']),
    ('"0.5 MeV"', '"nan MeV"', ['window.bin_width', 'nan', 'out of range']),
    ('[0.005, 0.010]', '[0.005, inf]', ['axes.flux_uncertainty', 'inf', 'out of range']),
    ('"10 MeV"', '"inf MeV"', ['window.high', 'inf', 'out of range']),
    ('"10 yr"', '"-inf yr"', ['axes.exposure.to', 'inf', 'out of range']),
    ('0.2334 ', '1e400 ', []),
    ('"1 MeV"', '"10 MeV"', ['window.low', 'window.high']),
    ('"0.5 MeV"', '"1e-9 MeV"', ['window.bin_width', 'bins']),
    ('points = 120', 'points = 1', ['axes.exposure.points', 'out of range']),
    ('points = 120', 'points = 2.5', ['axes.exposure.points', 'whole']),
    ('[0.005, 0.010]', '[]', ['axes.flux_uncertainty', 'at least one']),
    ('[0.005, 0.010]', '[0.005, 0.005]', ['axes.flux_uncertainty', 'twice']),
    ('flux = "mueller"', 'exposure = "1 yr"', ['settings.exposure', 'axis']),
    ('"tao-30m"', '"tao-30m+cloud-25mwe"', ['experiment', 'joint', 'store_rates = false']),
    ('"tao-30m"', '"tao-3m"', ['axes.experiment', '"tao-3m"', 'did you mean "tao-30m"']),
    ('"mueller"', '"muller"', ['settings.flux', '"muller"', 'did you mean "mueller"']),
    ('"electromagnetic"', '3', ['settings.observable']),
    ('[axes]', '[axes', ['not valid TOML']),
    ('[axes]', '[job]', ['not valid TOML']),
]

# (words on the command line, what the message must have), all beside jobs/fig7.toml
BAD_SETTINGS = [
    (['--set', 'settings.flux=hubre'], ['settings.flux', 'did you mean "huber"']),
    (['--set', 'settings."detector.mass"=-8 t'], ['detector.mass', 'out of range']),
    (['--set', 'settings."background.scale"=nan'], ['background.scale', 'nan']),
    (['--set', 'settings.colour=blue'], ['settings.colour', 'unknown key']),
    (['--set', 'settings.flux'], ['key=value']),
    (['--set', 'flux=huber'], ['flux: ', 'settings.flux']),
    (['--set', 'mass=3 t'], ['mass: ', 'settings.detector.mass']),
    (['--set', 'settings.mass=3 t'], ['settings.mass', 'did you mean "detector.mass"']),
    (['--set', 'settings.detector.mass=2,8 t'], ['detector.mass', 'behind a point']),
    (['--set', 'axes.experiment=[tao-44m]'], ['want quotes']),
    (['--set', 'axes.experiment.points=3'], ['a list, not a table']),
    (['--set', 'axes.exposure={ from = "1 yr", to = "2 yr", step = "1 yr" }'], ['axes.exposure.step', 'points']),
]

# (what is set, how the warning begins)
ODD_SETTINGS = [
    ('settings.window.bin_width=0.7 MeV', 'window.bin_width = 0.7 MeV does not divide'),
    ('settings.window.bin_width=500 MeV', 'window.bin_width = 500 MeV: there are no two bins'),
    ('settings.window.low=1 keV', 'window.low = 0.001 MeV'),
    ('settings.window.high=20 MeV', 'window.high = 20 MeV: flux mueller ends at 12 MeV'),
    ('axes.model=["lo", "nlo"]', 'model lo is the reference too'),
    ('settings.reactor_off.share=0.25', 'reactor_off.share = 0.25 with a load factor of 0.8'),
    ('settings.detector.baseline=0.03 m', 'detector.baseline = 0.03 m is nearer than a core is wide; if 30 m is meant'),
    ('settings.detector.baseline=30 km', 'detector.baseline = 30000 m is too far for events to be counted; if 30 m'),
    ('settings.detector.electrons=3.372e29 /kg', 'detector.electrons = 3.372e+32 /t: a tonne of any matter has 2.2e+29 to'),
    ('settings.detector.electrons=3.372e28 /t', 'detector.electrons = 3.372e+28 /t: '),
    ('settings.reactor.thermal_power=4600 GW', 'reactor.thermal_power = 4600 GW: no core has more than 5 GW'),
    ('settings.background.muon_flux=88.3 /cm2/s', 'background.muon_flux = 883000 /m2/s: at sea level there are 200'),
    ('axes.flux_correlation=[0.0, 1.0]', 'flux_correlation = 1 changes nothing'),
    *((f'settings.{key}={value}', f'{key} changes nothing: {why}') for key, value, why in (
        ('further_backgrounds.scale', 2, 'no experiment has further_backgrounds'),
        ('further_backgrounds.uncertainty_scale', 0, 'no experiment has further_backgrounds'),
        ('signal_uncertainties.scale', 0, 'no experiment has signal_uncertainties'),
        ('response_uncertainties.scale', 2, 'no experiment has response_uncertainties'),
        ('oscillation.sin2_2theta', 0.1, 'it wants oscillation.delta_m2'),
        ('oscillation.delta_m2', '1 eV2', 'it wants oscillation.sin2_2theta'))),
    ('axes.flux_uncertainty=[0,5]', '--set: axes.flux_uncertainty: a comma stands between values, of which there are 2'),
    ('axes.background.scale=[0,5, 1,25]', '--set: axes.background.scale: a comma stands between values, of which there are '
                                          '4 here; if decimals are meant, write [0.5, 1.25]'),
]

# (what is set, by which words of the same command line both)
TWICE = [
    (['--set', 'settings.flux=huber', '--set', 'settings.flux=mueller'], '--set settings.flux=huber'),
    (['--set', 'axes.exposure.points=3', '--set', 'axes.exposure={ from = "1 yr", to = "2 yr", points = 2 }'],
     '--set axes.exposure.points=3'),
    (['--set', 'settings.window.low=2 MeV', '--set', 'settings."window.low"=1 MeV'], '--set settings.window.low=2 MeV'),
]

XSEC = ['xsec', '--model', 'nlo', '--observable', 'electron']
RATES = ['rates', '--experiment', 'tao-30m', '--model', 'nlo']
REACH = ['reach', '--experiment', 'tao-30m', '--model', 'nlo']

BAD_NUMBERS = [
    ([*XSEC, '--energy', '-1', '--recoil', '1'], '--energy'),
    ([*XSEC, '--energy', '0', '--recoil', '1'], '--energy'),
    ([*XSEC, '--energy', 'nan', '--recoil', '1'], '--energy'),
    ([*XSEC, '--energy', 'inf', '--recoil', '1'], '--energy'),
    ([*XSEC, '--energy', '1e9', '--recoil', '1'], '--energy'),
    ([*XSEC, '--energy', '10001', '--recoil', '1'], '--energy'),
    ([*XSEC, '--energy', '0.0009', '--recoil', '1e-6'], '--energy'),
    ([*XSEC, '--energy', '10001', '--total'], '--energy'),
    ([*RATES, '--set', 'settings.window.high=100.1 MeV'], 'window.high'),
    ([*XSEC, '--energy', '3,-1', '--recoil', '1'], '--energy'),
    ([*XSEC, '--energy', '3', '--recoil', '0'], '--recoil'),
    ([*XSEC, '--energy', '3', '--recoil', '-1'], '--recoil'),
    ([*XSEC, '--energy', '3', '--recoil', 'inf'], '--recoil'),
    ([*XSEC, '--energy', '3', '--recoil', '1', '--sin2-theta-w', '1.5'], '--sin2-theta-w'),
    ([*RATES, '--bin-width', '0'], '--bin-width'),
    ([*RATES, '--bin-width', '2 m'], '--bin-width'),
    ([*RATES, '--set', 'settings.flux=hubre'], 'settings.flux'),
    ([*REACH, '--flux-uncertainty', '-0.1'], '--flux-uncertainty'),
    *(([*REACH, '--flux-uncertainty', '0.01', '--set', f'settings.{key}={value}'], key)
      for key in ('flux_shape.uncorrelated_scale', 'flux_shape.isotope_scale',
                  'flux_shape.common_scale', 'isotope_yields.scale', 'energy_scale_uncertainty',
                  'resolution_uncertainty', 'reactor_off.share', 'flux_correlation')
      for value in ('-0.1', 'nan', 'inf', '1 MeV')),
    ([*REACH, '--flux-uncertainty', '0.01', '--set', 'settings.flux_correlation=1.1'],
     'flux_correlation'),
    ([*REACH, '--flux-uncertainty', 'nan'], '--flux-uncertainty'),
    ([*REACH, '--flux-uncertainty', '0.01', '--background-uncertainty', 'inf'],
     '--background-uncertainty'),
    (['reach', '--experiment', 'tao-3m', '--model', 'nlo', '--flux-uncertainty', '0.01'],
     'did you mean "tao-30m"'),
]

# (words, both ways in which a key is given; or what a verb says of a key that it does not take so)
TWO_WAYS = [
    ([*REACH, '--flux-uncertainty', '0.01', '--set', 'settings.flux_uncertainty=0.02'],
     '--flux-uncertainty', '--set settings.flux_uncertainty=0.02'),
    ([*REACH, '--flux-uncertainty', '0.01', '--background-uncertainty', '0.1', '--set',
      'settings.background_uncertainty=0.2'], '--background-uncertainty', '--set settings.background_uncertainty=0.2'),
    ([*REACH, '--flux-uncertainty', '0.01', '--set', 'settings.experiment=cloud-surface'],
     '--experiment', '--set settings.experiment=cloud-surface'),
    ([*RATES, '--set', 'settings.model=lo'], '--model', '--set settings.model=lo'),
    ([*RATES, '--bin-width', '1', '--set', 'settings.window={ bin_width = "2 MeV" }'], '--bin-width',
     '--set settings.window='),
    ([*RATES, '--sin2-theta-w', '0.23', '--set', 'settings."lo.sin2_theta_w"=0.24'], '--sin2-theta-w',
     '--set settings."lo.sin2_theta_w"=0.24'),
    (['show', 'tao-30m', '--set', 'settings.experiment=cloud-surface'], 'EXPERIMENT', '--set settings.experiment='),
    (['show', 'tao-30m', '--observable', 'electron', '--set', 'settings.observable=electron'], '--observable',
     '--set settings.observable='),
    (['show', 'tao-30m', '--set', 'settings.flux=huber', '--set', 'settings.flux=mueller'],
     '--set settings.flux=huber', '--set settings.flux=mueller'),
    ([*XSEC, '--energy', '3', '--total', '--set', 'settings.observable=electromagnetic'], '--observable',
     '--set settings.observable='),
    ([*XSEC, '--energy', '3', '--total', '--set', 'settings.energy=4 MeV'], 'settings.energy', 'is given by --energy'),
    ([*XSEC, '--energy', '3', '--total', '--set', 'settings.recoil=1 MeV'], 'settings.recoil', 'is given by --recoil'),
    ([*XSEC, '--energy', '3', '--total', '--set', 'settings.flavour=nu_e'], 'settings.flavour', 'is given by --flavour'),
    ([*REACH, '--flux-uncertainty', '0.01', '--set', 'settings.exposure=1 yr'], 'settings.exposure',
     'means nothing to nuloop reach'),
    (['show', 'tao-30m', '--set', 'settings.model=nlo'], 'settings.model', 'means nothing to nuloop show'),
]

BAD_USAGE = [
    ([], 'verb'),
    (['bogus'], '"bogus"'),
    (['lst'], 'did you mean "list"'),
    (['list', 'bogus'], '"bogus"'),
    (['list', 'models', 'fluxes'], ''),
    (['list', '--bogus'], '--bogus'),
    ([*XSEC, '--energy', '3', '--recoil', '1', '--part'], '--part'),
    (['xsec', '--mod', 'nlo', '--observable', 'electron', '--energy', '3', '--recoil', '1'],
     '--mod'),
    ([*XSEC, '--energy', '3'], '--recoil or --total'),
    ([*XSEC, '--energy', '3', '--recoil', '1', '--total'], '--total'),
    ([*XSEC, '--energy', '3', '--total', '1'], ''),
    ([*XSEC, '--energy', '3', '--recoil'], '--recoil'),
    ([*XSEC, '--energy', 'three', '--recoil', '1'], '--energy'),
    ([*XSEC, '--energy', '3MeV', '--recoil', '1'], '--energy'),
    ([*XSEC, '--energy', '3,,4', '--recoil', '1'], '--energy'),
    ([*XSEC, '--energy', '', '--recoil', '1'], '--energy'),
    ([*XSEC, '--energy', '3', '--energy', '4', '--recoil', '1'], '--energy'),
    (['xsec', '--model', 'nlo+', '--observable', 'electron', '--energy', '3', '--recoil', '1'],
     'did you mean "nlo"'),
    ([*XSEC, '--energy', '3', '--recoil', '1', '--flavour', 'nu_x'], '--flavour'),
    (REACH, 'flux-uncertainty'),
    ([*REACH, '--flux-uncertainty', 'small'], '--flux-uncertainty'),
    (['run'], 'JOB.toml'),
    (['run', 'a.toml', 'b.toml'], ''),
    (['run', 'a.toml', '--out', 'x.h5'], 'did you mean "--output"'),
    (['run', 'a.toml', '-o'], ''),
    (['run', 'a.toml', '--resume', '--force'], '--resume and --force'),
    (['run', 'a.toml', '--res'], '--res'),
    (['report'], 'FILE.h5'),
    (['report', 'earlier.h5', '--format', 'xml'], '--format'),
]


def refused(outcome, status, *parts):
    """One line on standard error, nothing on standard output, the right exit status."""
    name = outcome.command
    check(outcome.status == status, f"{name}: exit status {outcome.status}, not {status}")
    check(outcome.out == "", f"{name}: writes to standard output: {outcome.out!r}")
    lines = outcome.err.splitlines()
    check(len(lines) == 1 and lines[0].startswith("nuloop: "),
          f"{name}: standard error is not one line of nuloop's:\n{outcome.err}")
    for part in parts:
        check(str(part) in outcome.err, f"{name}: {str(part)!r} is not in the message: "
                                        f"{outcome.err.strip()}")


def refused_by_all(outcome, status, *parts):
    """The same under mpirun, which adds its own lines."""
    check(outcome.status == status, f"{outcome.command}: exit status {outcome.status}")
    check(outcome.out == "", f"{outcome.command}: writes to standard output: {outcome.out!r}")
    messages = outcome.messages()
    check(len(messages) == 1, f"{outcome.command}: {len(messages)} messages:\n{outcome.err}")
    check("MPI_ABORT" not in outcome.err, f"{outcome.command}: aborted:\n{outcome.err}")
    for part in parts:
        check(str(part) in " ".join(messages), f"{outcome.command}: {str(part)!r} is missing: "
                                               f"{messages}")


def bad_jobs(nuloop):
    for old, new, parts in BAD_JOBS:
        line = nuloop.write_job("job.toml", (old, new))
        refused(nuloop("run", "job.toml", "-o", "earlier.h5"), 3, f"job.toml:{line}: ", *parts)
    nuloop.write_job("job.toml", ('model = ["lo+cr", "nlo"]\n', ""))
    refused(nuloop("run", "job.toml", "-o", "earlier.h5"), 3, "job.toml:", " model: ", "missing")
    for words, parts in BAD_SETTINGS:
        refused(nuloop("run", nuloop.fig7, "-o", "earlier.h5", *words), 3, "--set", *parts)
    for words, first in TWICE:
        for verb in (["run", nuloop.fig7, "-o", "earlier.h5", "--force"], ["plan", nuloop.fig7]):
            refused(nuloop(*verb, *words), 3, f"--set {words[-1]}: ", f"by {first};")
    refused_by_all(nuloop("run", nuloop.fig7, "-o", "earlier.h5", "--force", *words, ranks=2), 3, f"by {first};")

    refused(nuloop("run", "missing.toml", "-o", "earlier.h5"), 3, "missing.toml", "No such file")
    Path("folder.toml").mkdir()
    refused(nuloop("run", "folder.toml", "-o", "earlier.h5"), 3, "folder.toml", "directory")
    Path("empty.toml").touch()
    # It exists: whatever is said, it must not be that it does not.
    empty = nuloop("run", "empty.toml", "-o", "earlier.h5")
    refused(empty, 3, "empty.toml")
    check("No such file" not in empty.err, f"{empty.command}: {empty.err.strip()}")
    Path("binary.toml").write_bytes(bytes(range(256)))
    refused(nuloop("run", "binary.toml", "-o", "earlier.h5"), 3, "binary.toml:", "TOML")


def bad_outputs(nuloop):
    Path("notes.txt").write_text("not to be lost\n")
    Path("foreign.h5").write_bytes(EMPTY_HDF5)
    Path("folder").mkdir()
    for name in ("missing/x.h5", "notes.txt/x.h5", "/proc/x.h5", "notes.txt", "foreign.h5",
                 "folder", "y" * 300 + ".h5"):
        refused(nuloop("run", nuloop.fig7, "-o", name), 3, name)
    before = set(os.listdir())
    refused(nuloop("run", nuloop.fig7, "-o", ""), 3)
    check(set(os.listdir()) == before,
          f"an empty name of the result leaves {set(os.listdir()) - before}")
    check(Path("notes.txt").read_bytes() == b"not to be lost\n", "a text file is overwritten")
    check(Path("foreign.h5").read_bytes() == EMPTY_HDF5, "a foreign HDF5 file is overwritten")
    check(not os.listdir("folder"), "something is left in the folder given as the result")


def odd_jobs(nuloop):
    """What is odd and allowed is run, and said: by the run, in the result, by its report."""
    shutil.copytree(nuloop.source / "configs", "odd")
    full = Path("odd/fluxes/mueller.toml").read_text()
    assert full.count('\nlow = "0 MeV"') == full.count('\nhigh = "12 MeV"') == 1
    Path("odd/fluxes/late.toml").write_text(full.replace('\nlow = "0 MeV"', '\nlow = "1.8 MeV"'))
    Path("odd/fluxes/short.toml").write_text(full.replace('\nhigh = "12 MeV"', '\nhigh = "7 MeV"'))

    def events(flux):
        rows = nuloop.good("rates", "--experiment", "tao-30m", "--model", "lo", "--set", f"settings.flux={flux}",
                           "--set", "settings.window.low=0.5 MeV", configs="odd").rows()
        return sum(float(row["signal_per_day"]) for row in rows)
    whole = events("mueller")
    job = ["run", nuloop.fig7, "--set", "settings.window.low=0.5 MeV", "--set", "axes.exposure.points=2", "--force"]
    for flux, words in (("late", "begins at 1.8 MeV"), ("short", "ends at 7 MeV")):
        run = nuloop.good(*job, "-o", "odd.h5", "--set", f"settings.flux={flux}", configs="odd")
        said = next((line for line in run.messages() if f"warning: flux {flux} {words}" in line), "")
        share = float(said.split(": ")[-1].split(" %")[0]) if said else 0.0
        expected = 100 * (1 - events(flux) / whole)
        check(abs(share / expected - 1) < 0.03, f"{flux}: {share} % for {expected} %: {run.err}")
        check(said in nuloop.good("report", "odd.h5", configs="odd").messages(), f"report does not say: {said}")
    run = nuloop.good(*job, "-o", "odd.h5", "--set", 'axes.flux_uncertainty=["0.5 %", 0.5]')
    said = 'warning: flux_uncertainty = 0.5 is 50 %; if 0.5 % is meant, write "0.5 %"'
    check(said in run.err and said in nuloop.good("report", "odd.h5").err, f"no warning: {run.err}")
    for words, said in ODD_SETTINGS:
        run = nuloop.good("run", nuloop.fig7, "-o", "odd.h5", "--force", "--set", "axes.exposure.points=2", "--set",
                          words)
        check(any(f"warning: {said}" in line for line in run.messages()), f"{words}: no {said!r}: {run.err}")
    quiet = nuloop.good(*job, "-o", "odd.h5", "--set", "axes.background.scale=[0, 5]")
    check("warning" not in quiet.err + nuloop.good("report", "odd.h5").err, f"a warning: {quiet.err}")
    line = nuloop.write_job("commas.toml", ("flux_uncertainty = [0.005, 0.010]", "flux_uncertainty = [0,5]  # %"))
    run = nuloop.good("run", "commas.toml", "-o", "odd.h5", "--force", "--set", "axes.exposure.points=2")
    said = f"warning: commas.toml:{line}: flux_uncertainty: a comma"
    check(said in run.err and said in nuloop.good("report", "odd.h5").err, f"no {said!r}: {run.err}")
    joint = nuloop.good("reach", "--experiment", "tao-30m+cloud-25mwe", "--model", "nlo", "--flux-uncertainty", "0.5",
                        "--set", "settings.flux_correlation=1")
    said = 'nuloop: warning: flux_uncertainty = 0.5 is 50 %; if 0.5 % is meant, write "0.5 %"'
    check(joint.messages() == [said], f"reach of a joint experiment: {joint.err}")
    baseline = nuloop("rates", "--experiment", "near", "--model", "nlo", "--configs", mine_with(
        "near", "experiments.toml", '[near]\ntitle = "Near"\nreactor = "taishan-1"\nmass = "1 t"\nbaseline = "12 cm"\n'
        'electrons = "3e29 /t"\nbackground = "none"\n'))
    check("warning: experiment near: baseline = 0.12 m is nearer than a core is wide; if 120 m is meant" in baseline.err,
          f"a baseline of 12 cm: {baseline.err}")


OWN = """[e]
title = "An experiment"
reactor = "taishan-1"
mass = "1 t"
baseline = "20 m"
electrons = "3e29 /t"
background = "none"
further_backgrounds = ["b"]
{0}"""
OWN_BACKGROUND = """[b]
title = "A background"
source = "a test"
spectrum = "table"
energies_are = "deposited"
edges = [{0}]
per_bin = [10, 10]
uncertainty = {1}
"""
IN_MEV = OWN_BACKGROUND.format("1, 2, 3", 0.1)
MUONS = IN_MEV + """[none]
muon_flux = "{0}"
mean_muon_energy = "{1}"
"""
CHAIN = """[b]
title = "A background"
source = "a test"
spectrum = "chain"
chain = "{0}"
concentration = 1e-12
uncertainty = 0.1
{1}
"""
LEAK = """beta_decay_leak = {{ cross_section = "couplings", protons = "7e28 /t", prompt = 1e-3, captures = 1e-3, \
capture_energy = "{0}", uncertainty = {1} }}"""
# (of the experiment, its background, how the warning begins; None for none)
ODD_EXPERIMENTS = [
    ("", IN_MEV, None),
    ("window = { edges = [1, 1.5, 3, 10] }", IN_MEV, None),
    ('window = { low = "1 MeV", high = "10 MeV", bin_width = "0.7 MeV" }', IN_MEV,
     "experiment e: window.bin_width = 0.7 MeV does not divide the window from 1 to 10 MeV"),
    ('window = { low = "1 MeV", high = "10 MeV", bin_width = "9 MeV" }', IN_MEV, "experiment e: window.bin_width = 9 MeV: "),
    ("window = { edges = [0.001, 0.0015, 0.003, 0.01] }", IN_MEV, "experiment e: window.low = 0.001 MeV"),
    ("window = { edges = [1, 1.5, 3, 20] }", IN_MEV, "window.high = 20 MeV: flux mueller ends at 12 MeV"),
    ("signal_uncertainties = [{ of = \"protons\", size = 0.9 }]", IN_MEV,
     'experiment e: size of the uncertainty of protons = 0.9 is 90 %; if 0.9 % is meant, write "0.9 %"'),
    ("response_uncertainties = { efficiency = 0.5 }", IN_MEV, "experiment e: response_uncertainties.efficiency = 0.5 is 50 %"),
    ("", OWN_BACKGROUND.format("1, 2, 3", 10), 'background b: uncertainty = 10 is 1000 %; if 10 % is meant, write "10 %"'),
    ("", OWN_BACKGROUND.format("0.001, 0.002, 0.003", 0.1), "background b: its spectrum from 0.001 to 0.003 MeV is outside"),
    ('further_cores = [{ reactor = "taishan-1", baseline = "25 m" }, { reactor = "taishan-2", baseline = "20 m" }]', IN_MEV,
     None),
    ('further_cores = [{ reactor = "taishan-1", baseline = "20 m" }]', IN_MEV,
     "experiment e: core Taishan 1 is there twice, 20 m away"),
    ('further_cores = [{ reactor = "taishan-2", baseline = "90 m" }, { reactor = "taishan-2", baseline = "90 m" }]', IN_MEV,
     "experiment e: core Taishan 2 is there twice, 90 m away"),
    ('signal_uncertainties = [{ of = "protons", size = "1 %" }, { of = "protons", size = "2 %" }]', IN_MEV,
     "experiment e: signal_uncertainties has protons twice"),
    ("", CHAIN.format("40K", ""), None),
    ("", CHAIN.format("238U", 'alpha_quenching = 0.1\nreadout_window = "1e-6 s"'), None),
    ("", CHAIN.format("40K", "alpha_quenching = 0.1"), "background b: alpha_quenching changes nothing: chain 40K has no"),
    ("", CHAIN.format("40K", "tagged = 0.1"), "background b: tagged changes nothing: no decay of chain 40K follows"),
    ("", CHAIN.format("40K", 'readout_window = "1e-6 s"'), "background b: readout_window changes nothing"),
    ("", MUONS.format("70 /m2/s", "9.8 GeV"), None),
    ("", MUONS.format("70 /m2/s", "9.8 MeV"), "background none: mean_muon_energy = 0.0098 GeV: "),
    ("", MUONS.format("70 /m2/s", "9800 GeV"), "background none: mean_muon_energy = 9800 GeV: "),
    ("", MUONS.format("70 /cm2/s", "9.8 GeV"), "background none: muon_flux = 700000 /m2/s: "),
    ("", OWN_BACKGROUND.format("1000, 2000, 3000", 0.1), "background b: its spectrum from 1000 to 3000 MeV is outside"),
    ('efficiency = { threshold = "1.5 MeV", width = "0.1 MeV" }', IN_MEV, None),
    ('efficiency = { threshold = "150 MeV", width = "0.1 MeV" }', IN_MEV,
     "experiment e: efficiency.threshold = 150 MeV is above the window from 1 to 10 MeV"),
    ('efficiency = { threshold = "1.5 MeV", width = "0.1 MeV" }\nresponse_uncertainties = { threshold = "20 MeV" }', IN_MEV,
     "experiment e: response_uncertainties.threshold = 20 MeV is more than the threshold, 1.5 MeV"),
    (LEAK.format("2.223 MeV", 0.2), IN_MEV, None),
    (LEAK.format("2.223 keV", 0.2), IN_MEV, "experiment e: beta_decay_leak.capture_energy = 0.002223 MeV is outside of the"),
    (LEAK.format("2.223 MeV", 20), IN_MEV,
     'experiment e: beta_decay_leak.uncertainty = 20 is 2000 %; if 20 % is meant, write "20 %"'),
]
# (in the experiment, what stands in its place, how the warning begins; None for none)
ODD_SITES = [
    ('mass = "1 t"', 'mass = "20 kg"', None),
    ('mass = "1 t"', 'mass = "20 g"', "experiment e: mass = 2e-05 t: too little for events to be counted"),
    ('mass = "1 t"', 'mass = "2800 t"',
     'experiment e: mass = 2800 t: no target near a core has as much; if 2800 kg is meant, write "2800 kg"'),
    ('mass = "1 t"\nbaseline = "20 m"', 'mass = "2800 t"\nbaseline = "2 km"', None),
    ('"taishan-1"', '"mine"', None),
    ('"taishan-1"', '"watts"', "experiment e: thermal_power of its reactor = 3.8e-06 GW: too little for events to be counted"),
    ('"taishan-1"', '"mine"\nfurther_cores = [{ reactor = "closed", baseline = "90 m" }]',
     "experiment e: core Closed does not run while data are taken"),
]
SITES = """[reactor.{0}]
title = "{1}"
thermal_power = "3.8 {2}"
calendar = {{ begin = "0 days", end = "100 days", on = [{3}] }}
fission_fractions = {{ U235 = 1, U238 = 0, Pu239 = 0, Pu241 = 0 }}
source = "a test"
"""
# (in the experiment, what stands in its place, what the error says)
WRONG_EXPERIMENTS = [
    ("\nelectrons = \"3e29 /t\"", "\ncomposition = { C = 0.9 }", "e.composition: mass fractions sum to 0.9"),
    ("", 'efficiency = { width = "0.1 MeV" }', "e.efficiency.width: means nothing without threshold, which is missing"),
    ("", 'efficiency = { treshold = "1 MeV", width = "0.1 MeV" }', 'e.efficiency.treshold: unknown key; did you mean "threshold"?'),
    ("", "efficiency = { values = [0.5, 0.6] }", "e.efficiency.values: means nothing without energies"),
    ("", "efficiency = { energies = [0.5, 12], values = [0, 0] }", "e.efficiency.values: are all zero"),
    ("", 'energy_scale = { calibrated_at = "1 MeV" }', "e.energy_scale.calibrated_at: means nothing without birks"),
    ("", 'energy_scale = { birks = "0.01 g/cm2/MeV", mean_excitation = "64 eV", calibrated_at = "1 MeV", visible = [1, 2] }',
     "e.energy_scale.visible: and birks say the same thing"),
    ("", "response_uncertainties = { visible = [0.01, 0.02] }", "visible: means nothing without deposited"),
    ("", "response_uncertainties = { recorded = [0.01, 0.02] }", "recorded: means nothing without energies"),
    ("", "response_uncertainties = { energies = [500, 8000], recorded = [0.01, 0.02] }",
     "energies: begin at 500 MeV, above the energies of all events; are they keV?"),
    ("", "response_uncertainties = { deposited = [500, 8000], visible = [0.01, 0.02] }", "deposited: begin at 500 MeV"),
    ("", "periods = 4", "e.periods: means nothing without members"),
    ("", 'members = ["tao-30m", "tao-44m"]', "e.members: make a joint experiment, which has no reactor"),
    ("", 'protons = "7e28 /t"', 'e.protons: is of an experiment that counts inverse beta decays: channel = "ibd"'),
    ("", 'channel = "ibd"\ncross_section = "couplings"\nprotons = "7e28 /t"', "e.background: is of an experiment that counts scat"),
]


def odd_experiments(nuloop):
    """What is odd about an experiment of one's own is said by reach, by the run and in its report."""
    for k, (words, background, said) in enumerate(ODD_EXPERIMENTS):
        folder = mine_with(f"odd-{k}", "experiments.toml", OWN.format(words))
        mine_with(folder, "backgrounds.toml", background)
        reach = nuloop.good("reach", "--experiment", "e", "--model", "nlo", "--flux-uncertainty", "0.005", "--configs",
                            folder)
        check(bool(reach.messages()) == (said is not None) and (said or "") in reach.err, f"{words}: {said}: {reach.err}")
    electron = nuloop.good("reach", "--experiment", "tao-30m", "--model", "nlo", "--flux-uncertainty", "0.005", "--observable",
                           "electron", "--set", "settings.detector.lost_photons=0.1")
    check("lost_photons changes nothing: the observable electron misses all photons" in electron.err, electron.err)
    run = nuloop.good("run", nuloop.fig7, "--configs", folder, "-o", "odd-own.h5", "--set", 'axes.experiment=["e", "tao-30m"]',
                      "--set", "axes.exposure.points=2", "--set", "job.store_rates=false")
    check(said in run.err and said in nuloop.good("report", "odd-own.h5").err, f"no {said}: {run.err}")


def reach_of_e(nuloop, folder, old, new):
    """An experiment of one's own with a change, or with something more."""
    text = OWN.format("")
    assert old in text
    mine_with(folder, "experiments.toml", text.replace(old, new, 1) if old else text + new)
    mine_with(folder, "backgrounds.toml", IN_MEV)
    mine_with(folder, "reactors.toml", SITES.format("mine", "Mine", "GW", "[0, 80]") + SITES.format("watts", "Watts", "kW", "[0, 80]")
              + SITES.format("closed", "Closed", "GW", ""))
    return nuloop("reach", "--experiment", "e", "--model", "nlo", "--flux-uncertainty", "0.005", "--configs", folder)


def odd_sites(nuloop):
    """Targets and cores as there are none are said; keys of an experiment that mean nothing are refused by name."""
    for old, new, said in ODD_SITES:
        outcome = reach_of_e(nuloop, "site", old, new)
        check(outcome.status == 0 and bool(outcome.messages()) == (said is not None) and (said or "") in outcome.err,
              f"{new}: {said}: {outcome.err}")
    for old, new, says in WRONG_EXPERIMENTS:
        refused(reach_of_e(nuloop, "site", old, new), 3, "site/experiments.toml:", says)


STEPS = """title = "Two bins"
source = "a test"
form = "file"
file = "steps.csv"
columns = ["low", "high", "U235"]
energy_unit = "MeV"
values = "per MeV"
absent = ["U238", "Pu239", "Pu241"]
low = "2 MeV"
high = "{0} MeV"
{1}
"""
A_MATRIX = 'uncertainties = {{ covariance = {{ file = "matrix.txt", isotopes = ["U235"], kind = "covariance", values = "{0}" }} }}'
NOT_SQUARED = "; if the numbers of the matrix are standard deviations, not yet squared, they are "
# The flux is 0.5 and 0.02 in its bins, known to 3 and 6 %: (what the numbers are said to be; the two of the diagonal, or of
# a list; which uncertainties follow in per cent; what is suggested). No uncertainties: nothing is said.
UNCERTAINTIES = [
    ("relative", (9e-4, 36e-4), None, ""),
    ("absolute", (2.25e-4, 1.44e-6), None, ""),
    ("list", (0.03, 0.06), None, ""),
    ("relative", (0.03, 0.06), (17.32, 24.49), NOT_SQUARED),
    ("absolute", (0.015, 0.0012), (24.49, 173.2), NOT_SQUARED),
    ("relative", (9, 36), (300, 600), "; if they are in per cent squared, they are "),
    ("absolute", (9e-4, 36e-4), (6, 300), "; if they are relative to the flux, they are "),
    ("relative", (2.25e-4, 1.44e-6), (1.5, 0.12), "; if they are absolute, they are "),
    ("list", (0.8, 0.8), (80, 80), "; if they are in per cent, they are "),
    ("list", (9e-4, 36e-4), (0.09, 0.36), "; if they are variances, they are "),
    ("relative", (1, 1), (100, 100), '; a correlation has kind = "correlation"'),
]


def odd_uncertainties(nuloop):
    """Uncertainties of a flux of one's own as no flux has them are said, with what their numbers may have been meant to be."""
    fractions = [word for isotope, share in (("U235", 1), ("U238", 0), ("Pu239", 0), ("Pu241", 0))
                 for word in ("--set", f"settings.reactor.fission_fraction.{isotope}={share}")]
    steps = ["--experiment", "tao-30m", "--configs", "steps", "--set", "settings.flux=steps", *fractions]
    mine_with("steps", "fluxes/steps.csv", "2, 5, 0.5\n5, 8, 0.02\n")

    def events(high):
        mine_with("steps", "fluxes/steps.toml", STEPS.format(high, 'uncertainties = "huber"'))
        return sum(float(row["signal_per_day"]) for row in nuloop.good("rates", "--model", "lo", *steps).rows())
    share = events(5) / events(8)
    reach = ["reach", "--model", "nlo", "--flux-uncertainty", "0.005", *steps]
    for said_to_be, (first, second), follows, meant in UNCERTAINTIES:
        listed = said_to_be == "list"
        mine_with("steps", "fluxes/matrix.txt", f"{first} 0\n0 {second}\n")
        mine_with("steps", "fluxes/steps.toml", STEPS.format(
            8, f"uncertainties = {{ U235 = [{first}, {second}] }}" if listed else A_MATRIX.format(said_to_be)))
        scale = f"settings.flux_shape.{'uncorrelated' if listed else 'covariance'}_scale=1"
        err = nuloop.good(*reach, "--set", scale).err
        said = [line for line in err.splitlines() if "its uncertainties are" in line]
        if follows is None:
            check(not said, f"{said_to_be} {first}: {said}")
            continue
        mean = share * follows[0] + (1 - share) * follows[1]
        check(len(said) == 1 and meant in said[0], f"{said_to_be} {first}: {err}")
        numbers = [float(x) for x in re.search(r"are (\S+) % of the flux on average over events, (\S+) to (\S+) %",
                                               said[0]).groups()]
        check(abs(numbers[0] / mean - 1) < 1e-3 and sorted(follows) == numbers[1:],
              f"{said_to_be} {first}: {numbers}, not {mean}, {follows}")
        if meant == NOT_SQUARED:
            check(f"{meant}{3 * share + 6 * (1 - share):.2f}"[:-1] in said[0] and "3 to 6 % in its bins" in said[0],
                  f"{said[0]}")
        check("its uncertainties are" not in nuloop.good(*reach).err, "uncertainties that nothing uses are looked at")
    # Those of nuloop, as if they were one's own, are as they should be.
    known = (nuloop.source / "configs/flux_uncertainties.toml").read_text()
    for name in ("huber", "kurchatov"):
        mine_with("copied", "flux_uncertainties.toml", known.replace(f"[{name}", "[copy"))
        flux = (nuloop.source / "configs/fluxes/mueller.toml").read_text().replace('uncertainties = "huber"', 'uncertainties = "copy"')
        mine_with("copied", "fluxes/copied.toml", flux)
        outcome = nuloop.good("reach", "--experiment", "tao-30m", "--model", "nlo", "--flux-uncertainty", "0.005", "--configs",
                              "copied", "--set", "settings.flux=copied", "--set", "settings.flux_shape.uncorrelated_scale=1")
        check(not outcome.messages(), outcome.err)


A_CORRECTION = """
[[corrections]]
file = "c.csv"
isotopes = ["U235"]
columns = ["energy", "value"]
energy_unit = "MeV"
values = "{0}"
"""


def odd_corrections(nuloop):
    """A correction of a flux that is more than a part of it is said; one that changes nothing is refused."""
    mueller = (nuloop.source / "configs/fluxes/mueller.toml").read_text()
    polynomial = [float(x) for x in re.search(r"U235 = \[(.*)\]", mueller)[1].split(",")]
    flux_at_8 = math.exp(sum(a * 8 ** k for k, a in enumerate(polynomial)))
    mine_with("corrected", "fluxes/c.csv", "2, 5\n8, 5\n9, 1000\n")

    def reach(text):
        mine_with("corrected", "fluxes/corrected.toml", text)
        return nuloop("reach", "--experiment", "tao-30m", "--model", "nlo", "--flux-uncertainty", "0.005", "--configs",
                      "corrected", "--set", "settings.flux=corrected")
    for values, per_cent in (("percent", None), ("relative", 500), ("per MeV", 500 / flux_at_8)):
        outcome = reach(mueller + A_CORRECTION.format(values))
        said = [float(x) for x in re.findall(r"a correction changes it by (\S+) % between", outcome.err)]
        check(outcome.status == 0 and len(said) == (per_cent is not None)
              and all(abs(one / per_cent - 1) < 1e-3 for one in said), f"{values}: {per_cent}: {outcome.err}")
    text = mueller + A_CORRECTION.format("percent")
    refused(reach(text.replace('energy_unit = "MeV"', 'energy_unit = "keV"')), 3, "c.csv:3:1: energy: 9 keV is the highest energy",
            "energy_unit")
    refused(reach(text.replace('["U235"]', "[]")), 3, "corrected.toml:", "corrections.isotopes: wants an isotope")
    refused(reach(text.replace('fit_high = "8 MeV"', 'fit_high = "1 MeV"')), 3, "corrected.toml:", "fit_high: must be above")


def mine_with(folder, name, text):
    """A folder of one's own with this file."""
    path = Path(folder) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return folder


GEV = """title = "Energies in GeV"
source = "a test"
form = "{form}"
{values}
outside = "summation"
uncertainties = {uncertainties}
low = "0.05 MeV"
high = "10 MeV"
"""
BY_ISOTOPE = "U235 = [{0}]\nU238 = [{0}]\nPu239 = [{0}]\nPu241 = [{0}]\n"


def other_units(nuloop):
    """Energies of which none is used are refused with what they would be in another unit; texts that nobody reads are
    named."""
    file = ('file = "x.csv"\ncolumns = ["energy", "U235", "U238", "Pu239", "Pu241"]\nenergy_unit = "MeV"\n'
            'values = "per MeV"')
    rows = "{0},1,1,1,1\n{1},.1,.1,.1,.1\n"
    correction = ('\n[[corrections]]\nfile = "c.csv"\ncolumns = ["energy", "value"]\nenergy_unit = "MeV"\n'
                  'values = "percent"\n')
    table = ('[table]\nenergies = [{0}, {1}]\n' + BY_ISOTOPE.format("1, 0.1"))
    own = "\n[uncertainties]\nenergies = [0.002, 0.004, 0.008]\n" + BY_ISOTOPE.format("0.1, 0.1, 0.1")
    plain = GEV.format(form="file", values=file, uncertainties='"huber"')
    cases = {
        "file": (plain, rows.format(0.002, 0.008), "fluxes/x.csv:1:1: energy: ", "GeV, 2 to 8 MeV?"),
        "table": (GEV.format(form="table", values="", uncertainties='"huber"') + table.format(2000, 8000), "",
                  "fluxes/mine.toml:", "keV, 2 to 8 MeV?"),
        "correction": (plain + correction, rows.format(2, 8), "fluxes/c.csv:1:1: energy: ", "GeV, 2 to 4 MeV?"),
        "widths": (plain.replace('uncertainties = "huber"\n', "") + own, rows.format(2, 8), "fluxes/mine.toml:",
                   "GeV, 3 to 6 MeV?"),
    }
    for name, (toml, csv, place, unit) in cases.items():
        folder = mine_with(f"units-{name}", "fluxes/mine.toml", toml)
        if csv:
            mine_with(folder, "fluxes/x.csv", csv)
        if "c.csv" in toml:
            mine_with(folder, "fluxes/c.csv", "0.002, 1\n0.004, 0\n")
        outcome = nuloop("list", "fluxes", "--configs", folder)
        refused(outcome, 3, f"{folder}/{place}", unit)
    folder = mine_with("unread", "fluxes/mine.toml", plain)
    for name, text in (("x.csv", rows.format(2, 8)), ("mine.txt", "2 1\n8 0.1\n"), ("README.md", "notes")):
        mine_with(folder, f"fluxes/{name}", text)
    said = "warning: own/fluxes/mine.txt: is not read, because no TOML file names it"
    job = ["run", nuloop.fig7, "--set", "axes.exposure.points=2", "--configs", folder, "-o", "unread.h5"]
    for ranks in (None, 2):
        run = nuloop.good(*job, "--force", ranks=ranks)
        check(run.err.count("is not read") == 1 and said in run.err, f"{ranks}: no {said!r} alone: {run.err}")
    for words in (["report", "unread.h5"], ["list", "fluxes", "--configs", folder]):
        outcome = nuloop.good(*words)
        check(outcome.err.count("is not read") == 1 and said in outcome.err, f"{words}: {outcome.err}")


def together(nuloop):
    """All problems of a job, or of a folder of configurations, in one go; none that follows from another."""
    lines = [nuloop.write_job("three.toml", *changes) for changes in (
        [('"mueller"', '"muller"')], [('"mueller"', '"muller"'), ('"1 month"', '"1 fortnight"')],
        [('"mueller"', '"muller"'), ('"1 month"', '"1 fortnight"'), ('["lo+cr", "nlo"]', '["lo+cr", "nnlo"]')])]
    outcome = nuloop("run", "three.toml", "-o", "earlier.h5")
    check(outcome.status == 3 and sorted(int(line.split(":")[2]) for line in outcome.messages()) == sorted(lines),
          f"three problems: {outcome.status}\n{outcome.err}")

    Path("own").mkdir()
    Path("own/experiments.toml").write_text("""
[near]
title = "one that cannot be read"
reactor = "taishan-1"
mass = "2 m"
baseline = "12 m"
electrons = "3e29 /t"
background = "paper-surface"
[both]
title = "has it as a member, which is no further problem"
members = ["near", "tao-30m"]
""")
    Path("own/backgrounds.toml").write_text('[odd]\ntitle = "x"\nsource = "y"\nmuon_flux = "3"\n'
                                            'mean_muon_energy = "10 GeV"\n')
    Path("own/fluxes").mkdir()
    Path("own/fluxes/mine.toml").write_text('title = "no more than that"\n')
    outcome = nuloop("run", nuloop.fig7, "-o", "earlier.h5", "--configs", "own")
    found = [line.split(":")[1].strip() for line in outcome.messages()]
    check(outcome.status == 3 and sorted(found) == ["own/backgrounds.toml", "own/fluxes/mine.toml"],
          f"problems of two files: {outcome.status}\n{outcome.err}")
    Path("own/backgrounds.toml").unlink()
    outcome = nuloop("run", nuloop.fig7, "-o", "earlier.h5", "--configs", "own")
    found = [line.split(":")[1].strip() for line in outcome.messages()]
    check(outcome.status == 3 and sorted(found) == ["own/experiments.toml", "own/fluxes/mine.toml"]
          and "near.mass" in outcome.err, f"problems of two files: {outcome.status}\n{outcome.err}")


def in_the_way(nuloop):
    """What is at FILE.h5.part and no result of ours is named, and stays."""
    Path("mine.txt").write_text("a user's\n")
    os.symlink("mine.txt", "linked.h5.part")
    Path("text.h5.part").write_text("a user's too\n")
    os.mkfifo("pipe.h5.part")
    for name in ("linked.h5", "text.h5", "pipe.h5"):
        for option in ([], ["--resume"], ["--force"]):
            refused(nuloop("run", nuloop.fig7, "-o", name, *option), 3, f"{name}.part", "left as it is")
    check(Path("linked.h5.part").is_symlink() and Path("pipe.h5.part").is_fifo(), "links or pipes go")
    check(Path("mine.txt").read_text() == "a user's\n", "the target of a link is overwritten")
    check(Path("text.h5.part").read_text() == "a user's too\n", "a text is overwritten")
    for name in ("linked", "text", "pipe"):
        Path(f"{name}.h5.part").unlink()
    os.mkfifo("pipe.h5")
    for words in (["report", "pipe.h5"], ["verify", "pipe.h5"], ["run", nuloop.fig7, "-o", "pipe.h5"],
                  ["run", nuloop.fig7, "-o", "more.h5", "--extend", "pipe.h5"]):
        refused(nuloop(*words), 3, "pipe.h5")
    Path("pipe.h5").unlink()


def output_of_another_run(nuloop):
    with open("busy.h5.part", "w") as part:
        # The byte that a run locks: far beyond any file's end.
        fcntl.fcntl(part, fcntl.F_OFD_SETLK,
                    struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 1 << 62, 1, 0))
        for option in ([], ["--resume"], ["--force"]):
            refused(nuloop("run", nuloop.fig7, "-o", "busy.h5", *option), 3, "busy.h5.part",
                    "another run")
    nuloop.good("run", nuloop.fig7, "-o", "busy.h5", "--set", "axes.exposure.points=3")
    with open("busy.h5", "r+b") as result:  # as HDF5 locks a file that is open for writing
        fcntl.flock(result, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for words in (["report", "busy.h5"], ["verify", "busy.h5"], ["export", "busy.h5", "--format", "csv", "-o", "n"],
                      ["run", nuloop.fig7, "-o", "busy.h5", "--force"],
                      ["run", nuloop.fig7, "-o", "more.h5", "--extend", "busy.h5"]):
            refused(nuloop(*words), 3, "busy.h5", "another program has it open")
    nuloop.good("report", "busy.h5")


def earlier_results(nuloop):
    """Neither a finished nor an unfinished result is touched without being told to."""
    run = ["run", nuloop.fig7, "-o", "earlier.h5", "--set", "axes.exposure.points=3"]
    refused(nuloop(*run), 3, "earlier.h5", "--force", "-o")
    refused_by_all(nuloop(*run, ranks=2), 3, "earlier.h5", "--force")
    check(not Path("earlier.h5.part").exists(), "a refused run leaves a .part")
    shutil.copy("earlier.h5", "other.h5.part")
    run[3] = "other.h5"
    refused(nuloop(*run), 3, "other.h5.part", "--resume", "--force")
    check(sha256("other.h5.part") == sha256("earlier.h5"), "a refused run changes a .part")
    check(not Path("other.h5").exists(), "a refused run makes a result")
    Path("other.h5.part").unlink()


def what_is_not_ours(nuloop):
    """Beside the result, links are not followed and folders not removed."""
    Path("precious").write_text("mine")
    Path("beside.h5.run.json").symlink_to("precious")
    Path("beside.h5.progress.json").mkdir()
    outcome = nuloop("run", nuloop.fig7, "-o", "beside.h5", "--set", "axes.exposure.points=3")
    check(outcome.status == 3 and "beside.h5.run.json: is in the way" in outcome.err
          and "the result itself is complete" in outcome.err, f"{outcome.status}: {outcome.err}")
    nuloop.good("verify", "beside.h5")
    check(Path("precious").read_text() == "mine" and Path("beside.h5.run.json").is_symlink(), "a link was followed")
    check(Path("beside.h5.progress.json").is_dir(), "a folder was removed")


# (job, what makes a number of it larger than any, a name of the first scenario, the field that has it)
BEYOND_NUMBERS = [
    ("fig6", "settings.detector.mass=1e308 t", "experiment = cloud-25mwe, model = lo", "/rates/signal_lo"),
    ("fig7", "settings.detector.mass=1e300 t", "experiment = cloud-surface, model = lo+cr", "not finite"),
]


def numbers_beyond(nuloop):
    """A number of a result that is not finite ends a run of any kind, with its scenario and its name."""
    for job, change, scenario, says in BEYOND_NUMBERS:
        outcome = nuloop("run", nuloop.source / "jobs" / f"{job}.toml", "-o", "beyond.h5", "--set", change)
        check(outcome.status == 4 and scenario in outcome.err and says in outcome.err and not Path("beyond.h5").exists(),
              f"{job}, {change}: exit status {outcome.status}: {outcome.err}")
        Path("beyond.h5.part").unlink()
    mass = ["--set", "settings.detector.mass=1e308 t"]
    free = ["xsec", "--model", "free-couplings", "--observable", "electron", "--energy", "3", "--set",
            "settings.free.c_l=1e200", "--set", "settings.free.c_r=0"]
    for words in ([*RATES, *mass], ["show", "tao-30m", *mass], [*REACH, "--flux-uncertainty", "0.01", *mass],
                  [*free, "--total"], [*free, "--recoil", "1"]):
        outcome = nuloop(*words)
        check(outcome.status == 4 and "not finite" in outcome.err and ",inf" not in outcome.out,
              f"{words}: {outcome.status}: {outcome.out}{outcome.err}")


def failed_run(nuloop):
    """Points that cannot be computed are named; the earlier result and its record stay."""
    record = Path("earlier.h5.run.json").read_bytes()
    outcome = nuloop("run", nuloop.fig7, "-o", "earlier.h5", "--force",
                     "--set", "axes.exposure.points=3", "--set", "settings.detector.mass=1e300 t")
    check(outcome.status == 4, f"{outcome.command}: exit status {outcome.status}")
    check("experiment = tao-30m, model = nlo" in outcome.err and "not finite" in outcome.err
          and "--resume" in outcome.err, f"{outcome.command}: {outcome.err}")
    check(Path("earlier.h5.run.json").read_bytes() == record, "a failed run replaced a record")
    report = nuloop.good("report", "earlier.h5.part", "--format", "csv")
    check("10 points are not computed" in report.err, f"report of an unfinished file: {report.err}")
    check(all(row["discovery_time_yr"] == "nan" for row in report.rows()), "failed points have times")
    Path("earlier.h5.part").unlink()


def bad_results(nuloop):
    refused(nuloop("report", "missing.h5"), 3, "missing.h5")
    refused(nuloop("report", "folder"), 3, "folder")
    refused(nuloop("report", "notes.txt"), 3, "notes.txt", "HDF5")
    refused(nuloop("report", "foreign.h5"), 3, "foreign.h5", "nuloop-study")
    whole = Path("earlier.h5").read_bytes()
    for size in (0, 4, 100, len(whole) // 2, len(whole) - 1):
        Path("cut.h5").write_bytes(whole[:size])
        refused(nuloop("report", "cut.h5"), 3, "cut.h5")


def bad_configs(nuloop):
    def broken(name, old, new):
        """A copy of configs/ with a change in one file; the line of the change."""
        shutil.rmtree("configs", ignore_errors=True)
        shutil.copytree(nuloop.source / "configs", "configs")
        path = Path("configs") / name
        text = path.read_text()
        assert old in text, f"configs/{name}: {old!r} is not there"
        path.write_text(text.replace(old, new, 1))
        return text[:text.index(old)].count("\n") + 1

    run = ["run", nuloop.fig7, "-o", "earlier.h5"]
    cases = [
        ("fluxes/mueller.toml", 'high = "12 MeV"', 'high = "12 m"', ["high", "unit"]),
        ("experiments.toml", "baseline", "basline", ["basline", "unknown key", '"baseline"']),
        ("experiments.toml", '"8 t"', '"-8 t"', ["mass", "out of range"]),
        ("experiments.toml", '"chooz-b2"', '"chooz-b3"', ["reactor", 'did you mean "chooz-b2"']),
        ("couplings.toml", 'scale = "2 GeV"', "scale = 2", ["scale", "unit"]),
        ("analysis.toml", "observable", "observabel", ["observabel", "unknown key"]),
        ("isotopes.toml", "0.98216", "nan", ["fraction", "out of range"]),
    ]
    for name, old, new, parts in cases:
        line = broken(name, old, new)
        refused(nuloop(*REACH, "--flux-uncertainty", "0.01", configs="configs"), 3,
                f"configs/{name}:{line}: ", *parts)
    refused(nuloop(*run, configs="configs"), 3, f"configs/{name}:{line}: ", *parts)
    for name in ("couplings.toml", "analysis.toml", "published.toml"):
        broken(name, "", "")
        Path("configs", name).unlink()
        refused(nuloop(*run, configs="configs"), 3, f"configs/{name}", "missing")
    refused(nuloop("list", configs="nowhere"), 3, "nowhere", "NULOOP_CONFIGS")
    for job in ("bands", "fig7"):
        refused(nuloop("run", nuloop.source / "jobs" / f"{job}.toml", "-o", "narrow.h5",
                       environment={"NULOOP_REGISTERS": "narrow"}),
                3, "NULOOP_REGISTERS", '"narrow"', "baseline")
    check(not list(Path(".").glob("narrow.h5*")), "a run with wrong registers leaves a file")


def by_jobs(nuloop):
    """What jobs/run.sh lets through of mpirun's own words: none if nuloop has said what is wrong, else all."""
    def started(program, *words):
        text = 'set -eu; source "$1"; launch_here 2 1 "$2"; shift; stoppable "${launch[@]}" "$@"'
        return subprocess.run(["bash", "-c", text, "bash", nuloop.source / "jobs" / "launch.sh", program, *words],
                              stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)

    failed = started(nuloop.program, "run", "missing.toml")
    check(failed.returncode == 3 and "missing.toml" in failed.stderr, f"{failed}")
    check(all(line.startswith("nuloop: ") for line in failed.stderr.splitlines()),
          f"mpirun has its say too: {failed.stderr}")
    words = subprocess.run([*nuloop.launcher(2)[:1], "--print", "2", "1", "/bin/false"], stdout=subprocess.PIPE,
                           text=True, check=True).stdout.splitlines()
    plain = subprocess.run([*words, "/bin/false"], stderr=subprocess.PIPE, text=True, check=False)
    silent = started("/bin/false")
    check(silent.returncode == plain.returncode and bool(silent.stderr) == bool(plain.stderr),
          f"mpirun says {plain.stderr}, of which is left {silent.stderr}")


def on_two_ranks(nuloop):
    line = nuloop.write_job("job.toml", ("observable =", "obsrevable ="))
    refused_by_all(nuloop("run", "job.toml", "-o", "earlier.h5", ranks=2), 3, f"job.toml:{line}: ",
                   "obsrevable")
    refused_by_all(nuloop("run", "missing.toml", ranks=2), 3, "missing.toml")
    by_jobs(nuloop)
    refused_by_all(nuloop("run", nuloop.fig7, "-o", "missing/x.h5", ranks=2), 3, "missing/x.h5")
    refused_by_all(nuloop("run", nuloop.fig7, "-o", "notes.txt", ranks=2), 3, "notes.txt")
    refused_by_all(nuloop("run", nuloop.fig7, "-o", "y" * 300, ranks=2), 3)
    refused_by_all(nuloop("run", nuloop.fig7, "--out", "x.h5", ranks=2), 2, "--out")


def unwritable_standard_output(nuloop):
    table = [["list"], ["report", "earlier.h5"], ["report", "earlier.h5", "--format", "json"],
             [*XSEC, "--energy", "3", "--recoil", "1"], RATES,
             [*REACH, "--flux-uncertainty", "0.01"], ["list", "--help"], ["run", "--help"],
             ["--help"], ["--version"]]
    for words in table:
        with open("/dev/full", "w") as full:
            outcome = nuloop(*words, stdout=full)
        check(outcome.status == 3 and "standard output" in outcome.err,
              f"{outcome.command} > /dev/full: exit status {outcome.status}, {outcome.err!r}")
        closed = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", nuloop.program, *words],
                                stderr=subprocess.PIPE, text=True, timeout=PATIENCE)
        check(closed.returncode == 3,
              f"{outcome.command} >&-: exit status {closed.returncode}, {closed.stderr!r}")


def windows_without_a_job(nuloop):
    for change, part in (("settings.window.low=11 MeV", "window.low"),
                         ("settings.window.bin_width=1e-9 MeV", "window.bin_width")):
        refused(nuloop(*REACH, "--flux-uncertainty", "0.01", "--set", change), 3, part)
        refused(nuloop("rates", "--experiment", "tao-30m", "--model", "lo", "--set", change), 3, part)


def nothing_to_fission(nuloop):
    """Power over a mean energy per fission of zero is no rate: with this fuel nothing is computed."""
    shares = [f"reactor.fission_fraction.{isotope}" for isotope in ("U235", "U238", "Pu239", "Pu241")]
    none = [word for share in shares for word in ("--set", f"settings.{share}=0")]
    for verb in (RATES, [*REACH, "--flux-uncertainty", "0.01"], ["show", "tao-30m"]):
        refused(nuloop(*verb, *none), 3, "reactor.fission_fraction", "all zero")
    rates = ["run", nuloop.source / "jobs" / "fig6.toml", "-o", "earlier.h5"]
    refused(nuloop(*rates, *none), 3, "--set", shares[0], "all zero")
    axes = [word for share in shares for word in ("--set", f'axes."{share}"=[0.5, 0.0]')]
    refused(nuloop(*rates, *axes), 3, shares[0], "all zero")
    refused(nuloop("run", nuloop.fig7, "-o", "earlier.h5",
                   *(word.replace("settings.", "settings.data.") for word in none)), 3, f"data.{shares[0]}", "all zero")
    nuloop.good("run", nuloop.fig7, "-o", "pure.h5", "--set", "axes.exposure.points=2", *none[2:])


def joint_experiments(nuloop):
    """They take no key of a single site, and have no spectrum that a result or a table could hold."""
    name = "tao-30m+cloud-25mwe"
    reach = ["reach", "--experiment", name, "--model", "nlo", "--flux-uncertainty", "0.01"]
    for key, value in (("detector.mass", "3 t"), ("reactor.load_factor", "0.9"),
                       ("reactor.fission_fraction.U235", "0.5"), ("fuel", "begin-of-cycle"),
                       ("background", "flat-25mwe"), ("background.muon_flux", "70 /m2/s")):
        refused(nuloop(*reach, "--set", f"settings.{key}={value}"), 3, key, name,
                "single detector or reactor")
    refused(nuloop("rates", "--experiment", name, "--model", "nlo"), 3, "experiment", name, "joint")

    def job(*changes):
        return nuloop.write_job("job.toml", ("title =", "store_rates = false\ntitle ="),
                                ('"tao-30m"', f'"{name}"'), *changes)

    run = ["run", "job.toml", "-o", "earlier.h5"]
    job(('flux = "mueller"', '"detector.mass" = "3 t"'))
    refused(nuloop(*run), 3, "job.toml:", "detector.mass", name)
    job(("[settings]", '"detector.baseline" = ["30 m", "40 m"]\n[settings]'))
    refused(nuloop(*run), 3, "job.toml:", "detector.baseline", name)
    job()
    nuloop.good("run", "job.toml", "-o", "joint.h5", "--set", "axes.exposure.points=2")
    refused(nuloop("run", nuloop.source / "jobs" / "fig6.toml", "-o", "joint-rates.h5",
                   "--set", f'axes.experiment=["{name}"]'), 3, "experiment", name, "joint")
    refused(nuloop("run", nuloop.fig7, "-o", "joint-rates.h5",
                   "--set", f'axes.experiment=["{name}"]'), 3, "store_rates = false", name)
    # Nor could it hold those of a window of one's own, which a table can.
    decays = "tao-30m-ibd"
    for job_name, kind in (("fig6", "rates"), ("fig7", "store_rates = false")):
        refused(nuloop("run", nuloop.source / "jobs" / f"{job_name}.toml", "-o", "own-window.h5",
                       "--set", f'axes.experiment=["{decays}"]'), 3, "experiment", decays, "window", kind)
    rows = nuloop.good("rates", "--experiment", decays, "--model", "nlo").rows()
    check(len(rows) == 28 and float(rows[0]["bin_low_MeV"]) == 1 and float(rows[-1]["bin_high_MeV"]) == 8,
          f"rates of {decays}: {rows}")
    shown = nuloop.good("show", "--experiment", decays).out
    check("inverse beta decays" in shown and "of Pu239" in shown and "e-43" in shown and "muons" not in shown, f"show: {shown}")


def test(nuloop):
    nuloop.good("run", nuloop.fig7, "-o", "earlier.h5", "--set", "axes.exposure.points=3")
    earlier = sha256("earlier.h5")
    for step in (bad_jobs, odd_jobs, odd_experiments, odd_sites, odd_uncertainties, odd_corrections, other_units,
                 together, bad_outputs, in_the_way, output_of_another_run, earlier_results, numbers_beyond, failed_run,
                 what_is_not_ours, bad_results, bad_configs, on_two_ranks, windows_without_a_job, nothing_to_fission, joint_experiments, unwritable_standard_output):
        step(nuloop)
        check(Path("earlier.h5").is_file() and sha256("earlier.h5") == earlier,
              f"{step.__name__}: the earlier result is not what it was")
    left = [str(path) for path in Path().rglob("*.part")]
    check(not left, f"left behind: {left}")
    for words, part in BAD_NUMBERS:
        refused(nuloop(*words), 3, part)
    for words, *parts in TWO_WAYS:
        refused(nuloop(*words), 3, *parts)
    for words, part in BAD_USAGE:
        refused(nuloop(*words), 2, part)


main(test)
