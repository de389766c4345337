# An experiment of one's own: from `nuloop init` to a result that can be read without its folder.
# SPDX-License-Identifier: GPL-3.0-or-later
import re
import shutil
import tomllib
from pathlib import Path

import h5py
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


def test(nuloop):
    example(nuloop)
    without_the_folder(nuloop)
    from_the_file_alone(nuloop)
    layers(nuloop)
    wrong_folders(nuloop)


main(test)
