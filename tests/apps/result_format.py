# A result opens as it is in ncdump, xarray and h5py, and holds what its format promises.
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

from harness import check, main, sha256, skip

try:
    import h5py
    import netCDF4  # noqa: F401  (xarray's engine where none is named)
    import numpy as np
    import xarray
except ImportError as missing:
    skip(missing)

YEAR = "365.25 day"
UNITS = {"flux_uncertainty": "1", "background_uncertainty": "1", "exposure": YEAR}
RATES = ("signal_lo", "signal", "background")


def text(attribute):
    return attribute.decode() if isinstance(attribute, bytes) else str(attribute)


def compute(nuloop, job, name, *words):
    nuloop.good("run", job, "-o", name, *words)
    return h5py.File(name)


def fig7_axes(nuloop):
    axes = tomllib.loads(nuloop.fig7.read_text())["axes"]
    axes["exposure"] = np.linspace(1 / 12, 10, 120)
    return axes


def header(nuloop):
    done = subprocess.run(["ncdump", "-h", "fig7.h5"], capture_output=True, text=True)
    check(done.returncode == 0, f"ncdump -h: {done.stderr}")
    for name, values in fig7_axes(nuloop).items():
        check(re.search(rf"^\t{name} = {len(values)} ;$", done.stdout, re.M),
              f"ncdump: no dimension {name} = {len(values)}")
        check(f"{name}:long_name = " in done.stdout, f"ncdump: {name} has no long_name")
    for name, unit in {**UNITS, "chi2": "1", "significance": "1", "discovery_time": YEAR,
                       "bin_low": "MeV", "bin_high": "MeV",
                       **{rate: "1/day" for rate in RATES}}.items():
        check(f'{name}:units = "{unit}" ;' in done.stdout, f"ncdump: {name} is not in {unit}")
    for line in ("chi2(experiment, model, flux_uncertainty, background_uncertainty, exposure) ;",
                 "discovery_time(experiment, model, flux_uncertainty, background_uncertainty) ;",
                 "byte status(experiment, model) ;", "string experiment(experiment) ;", "double signal(experiment, model, bin) ;",
                 "group: rates {"):
        check(line in done.stdout, f"ncdump: no {line}")


def in_xarray(nuloop):
    axes = fig7_axes(nuloop)
    with xarray.open_dataset("fig7.h5") as ds:
        check(ds.chi2.dims == tuple(axes), f"xarray: chi2 is over {ds.chi2.dims}")
        check(ds.discovery_time.dims == tuple(axes)[:-1], f"xarray: {ds.discovery_time.dims}")
        for name, values in axes.items():
            coordinate = ds[name].values
            if name in UNITS:
                check(np.allclose(coordinate, values, rtol=1e-15, atol=0),
                      f"xarray: {name} is {coordinate}")
                check(text(ds[name].attrs.get("units")) == UNITS[name], f"xarray: unit of {name}")
            else:
                check(all(isinstance(value, str) for value in coordinate.tolist())
                      and coordinate.tolist() == values, f"xarray: {name} is {coordinate}")
        try:
            curve = ds.chi2.sel(experiment="tao-30m", model="nlo", flux_uncertainty=0.005,
                                background_uncertainty=0.10)
            i = axes["experiment"].index("tao-30m"), axes["model"].index("nlo")
            check(np.array_equal(curve, ds.chi2.values[(*i, 0, 0)]), "xarray: another curve")
        except KeyError as error:
            check(False, f"xarray: an experiment cannot be selected by its name: {error}")
    with xarray.open_dataset("fig7.h5", group="rates") as ds:
        check(ds.signal.dims == ("experiment", "model", "bin"), f"xarray: {ds.signal.dims}")
        for name in ("experiment", "model"):
            check(ds[name].values.tolist() == axes[name], f"xarray: {name} of /rates: {ds[name].values}")
        one = ds.signal.sel(experiment="tao-30m", model="nlo")
        i = axes["experiment"].index("tao-30m"), axes["model"].index("nlo")
        check(np.array_equal(one, ds.signal.values[i]), "xarray: another spectrum")
        check(ds.bin.values.tolist() == list(range(18)), f"xarray: bins {ds.bin.values}")
        check(ds.bin_low.values.tolist() == [1 + 0.5 * i for i in range(18)]
              and ds.bin_high.values.tolist() == [1.5 + 0.5 * i for i in range(18)],
              "xarray: bin edges")


def attributes(nuloop, file):
    root = {name: text(value) for name, value in file.attrs.items() if name != "format_version"}
    version = nuloop.good("--version").out.strip()
    check(len(file.attrs) <= 8, f"{len(file.attrs)} attributes: jsfive loses them")
    check(root["filetype"] == "nuloop-study", f"filetype {root['filetype']}")
    check(file.attrs["format_version"] == 4, f"format_version {file.attrs['format_version']}")
    check(root["creator"] == version, f"creator {root['creator']}, not {version}")
    check(file["status"].attrs["flag_values"].tolist() == [0, 1, 2]
          and file["status"].attrs["flag_values"].dtype == np.int8
          and text(file["status"].attrs["flag_meanings"]) == "pending done failed", "status: flags")

    asked = tomllib.loads(nuloop.fig7.read_text())
    job = tomllib.loads(root["job"])
    check(job["job"] == {**asked["job"], "kind": "reach"} and root["title"] == asked["job"]["title"], "job: the header")
    check(list(job["axes"].items()) == list(asked["axes"].items()), f"job: axes {job['axes']}")
    check(job["settings"].items() >= asked["settings"].items(), f"job: {job['settings']}")
    keys = {line.split()[0] for line in nuloop.good("list", "keys").out.splitlines()}
    check({*job["settings"], *job["axes"]} <= keys, "job: keys that nobody knows")
    check(job["settings"]["discovery.significance"] == 5, "job: defaults are not written out")

    files = {"fig7.toml": nuloop.fig7}
    for path in (nuloop.source / "configs").rglob("*.toml"):
        if path.parent.name == "example":  # for nuloop init
            continue
        files[str(path.relative_to(nuloop.source))] = path
    listed = dict(reversed(line.split("  ")) for line in root["inputs"].splitlines())
    check(listed == {name: sha256(path) for name, path in files.items()}, f"inputs: {listed}")

    Path("again.toml").write_text(root["job"])
    with compute(nuloop, "again.toml", "again.h5") as again:
        check(np.array_equal(again["chi2"], file["chi2"]), "the job attribute is another job")


def numbers(file):
    chi2, significance = file["chi2"][:], file["significance"][:]
    time, exposure = file["discovery_time"][:], file["exposure"][:]
    check(np.all(file["status"][:] == 1), "status: not all done")
    check(np.all(np.isfinite(chi2)) and np.all(chi2 > 0), "chi2: not all finite and above zero")
    check(np.array_equal(significance, np.sqrt(chi2)), "significance is not sqrt(chi2)")
    check(np.all(np.diff(chi2) >= 0), "chi2 falls with exposure")
    check(np.all(np.diff(chi2 / exposure) <= 1e-14 * (chi2 / exposure)[..., 1:]),
          "chi2 grows faster than exposure")
    within = (time > exposure[0]) & (time < exposure[-1])
    check(np.count_nonzero(within) >= 10, "too few discovery times on the axis")
    for i in np.ndindex(time.shape):
        curve = significance[i]
        if within[i]:
            k = np.searchsorted(exposure, time[i])
            check(curve[k - 1] <= 5 <= curve[k], f"discovery_time{i} is where no crossing is")
            # Two points bound a curve that is concave in exposure from below.
            line = np.interp(5, curve[k - 1:k + 1], exposure[k - 1:k + 1])
            check(time[i] <= line * (1 + 1e-12) and line - time[i] < 0.05 * line,
                  f"discovery_time{i} is {time[i]}, the curve crosses near {line}")
        else:
            check(curve[-1] < 5 if time[i] >= exposure[-1] else curve[0] > 5,
                  f"discovery_time{i} {time[i]} is not off the axis")
    for name in RATES:
        value, error = file[f"rates/{name}"][:], file[f"rates/{name}_error"][:]
        check(np.all(value > 0) and np.all(error >= 0), f"rates/{name}: not above zero")
        check(np.all(error < 1e-8 * value), f"rates/{name}: errors up to {np.max(error / value)}")
        check(np.any(error > 0), f"rates/{name}: no errors at all")


def record():
    run = json.loads(Path("fig7.h5.run.json").read_text())
    check((run["ranks"], run["threads_per_rank"], run["failures"]) == (1, 1, [])
          and run["job"] == "fig7" and len(run["hosts"]) == 1, f"run.json: {run}")


def other_shapes(nuloop, file):
    """The same physics with other axes gives the same numbers."""
    axes = re.search(r"\[axes\]\n(.*\n)+?\n", nuloop.fig7.read_text()).group()
    lines = {line.split(" = ")[0]: line for line in axes.splitlines() if " = " in line}

    def job(name, order, settings=""):
        nuloop.write_job(f"{name}.toml", (axes, "\n".join(["[axes]", *map(lines.get, order), "\n"])),
                         ("[settings]\n", "[settings]\n" + settings))
        result = compute(nuloop, f"{name}.toml", f"{name}.h5")
        scales = tuple(dimension[0].name[1:] for dimension in result["chi2"].dims)
        check(scales == order, f"{name}: chi2 is over {scales}")
        check(np.all(result["status"][()] == 1), f"{name}: not all done")
        return result

    chi2 = file["chi2"][:]
    with job("turned", ("exposure", "experiment", "flux_uncertainty", "model",
                        "background_uncertainty")) as turned:
        check(np.array_equal(turned["chi2"], chi2.transpose(4, 0, 2, 1, 3)), "turned: chi2")
        check(np.array_equal(turned["discovery_time"],
                             file["discovery_time"][:].transpose(0, 2, 1, 3)), "turned: time")
        check(np.array_equal(turned["rates/signal"], file["rates/signal"]), "turned: rates")
    with job("swapped", ("model", "background_uncertainty", "experiment", "exposure",
                         "flux_uncertainty")) as swapped:
        check(np.array_equal(swapped["chi2"], chi2.transpose(1, 3, 0, 4, 2)), "swapped: chi2")
        check(np.array_equal(swapped["status"], file["status"][:].T), "swapped: status")
        check(np.array_equal(swapped["rates/background"],
                             file["rates/background"][:].transpose(1, 0, 2)), "swapped: rates")
    last = ("experiment", "model", "flux_uncertainty", "background_uncertainty")
    with job("fixed", last, 'exposure = "10 yr"\n') as fixed:
        check(np.array_equal(fixed["chi2"], chi2[..., -1]), "fixed exposure: chi2")
        check(np.array_equal(fixed["discovery_time"], file["discovery_time"]), "fixed: time")
        check("exposure" not in fixed, "fixed exposure: is an axis all the same")
    one = ('experiment = "cloud-surface"\nmodel = "nlo"\nflux_uncertainty = 0.005\n'
           "background_uncertainty = 0.10\n")
    with job("curve", ("exposure",), one) as curve:
        check(np.array_equal(curve["chi2"], chi2[0, 1, 0, 0]), "no outer axes: chi2")
        check(curve["discovery_time"][()] == file["discovery_time"][0, 1, 0, 0],
              "no outer axes: discovery_time")
        check(np.array_equal(curve["rates/signal"], file["rates/signal"][0, 1]),
              "no outer axes: rates")
    check(f"{file['discovery_time'][0, 1, 0, 0]:.2f}" in nuloop.good("report", "curve.h5").out,
          "no outer axes: report")


def bins_of_different_numbers(nuloop):
    widths = [0.5, 9.0, 2.0]
    nuloop.write_job("widths.toml", ("[axes]\n", '[axes]\n"window.bin_width" = '
                                     '["0.5 MeV", "9 MeV", "2 MeV"]\n'),
                     ('"window.bin_width" = "0.5 MeV"\n', ""), ("points = 120", "points = 2"))
    with compute(nuloop, "widths.toml", "widths.h5") as file:
        check(file["window.bin_width"][:].tolist() == widths, "bin_width is not the axis")
        check(text(file["window.bin_width"].attrs["units"]) == "MeV", "bin_width has no unit")
        check(np.all(file["status"][:] == 1), "bin widths: not all done")
        totals = []
        for i, width in enumerate(widths):
            bins = int(np.ceil(9 / width))
            for name in (*RATES, *(f"{rate}_error" for rate in RATES)):
                values = file[f"rates/{name}"][i]
                check(np.all(np.isfinite(values[..., :bins]))
                      and np.all(np.isnan(values[..., bins:])), f"rates/{name}: NaN at {width}")
            totals.append(file["rates/signal"][i, ..., :bins].sum(axis=-1))
            low, high = file["rates/bin_low"][i], file["rates/bin_high"][i]
            check(low[:bins].tolist() == [1 + width * k for k in range(bins)]
                  and high[:bins].tolist() == [*low[1:bins], 10] and np.all(np.isnan(low[bins:]))
                  and np.all(np.isnan(high[bins:])), f"bin edges at {width}: {low} {high}")
        for total in totals[1:]:  # the quadrature is good to 1e-10
            check(np.allclose(total, totals[0], rtol=1e-9, atol=0), "totals depend on the bins")


def backgrounds_as_axis(nuloop):
    """The axis and the rates of that name do not get into each other's way."""
    compute(nuloop, nuloop.fig7, "backgrounds.h5", "--set", "axes.exposure.points=2",
            "--set", 'axes.background=["none", "paper-25mwe"]').close()
    with xarray.open_dataset("backgrounds.h5") as root:
        check(root.background_model.values.tolist() == ["none", "paper-25mwe"], "background axis")
    with xarray.open_dataset("backgrounds.h5", group="rates") as rates:
        total = rates.background.sum("bin").values
        check(np.all(total[..., 0] == 0) and np.all(total[..., 1] > 0), "rates of the backgrounds")
    rows = nuloop.good("report", "backgrounds.h5", "--format", "csv").rows()
    check({row["background"] for row in rows} == {"none", "paper-25mwe"}, "backgrounds in a report")

def rates_by_isotope(nuloop):
    """A job of kind rates, like Fig. 6."""
    job = nuloop.source / "jobs" / "fig6.toml"
    words = ("--set", "settings.window.bin_width=1.5 MeV")
    axes = tomllib.loads(job.read_text())["axes"]
    with compute(nuloop, job, "fig6.h5", *words) as file:
        check(text(file.attrs["kind"]) == "rates", f"fig6: kind {file.attrs['kind']}")
        check(set(file) == {"experiment", "model", "status", "rates", "configs", "integrity"},
              f"fig6: {set(file)}")
        further = {"signal_by_isotope", "background_by_isotope"}
        values = {*RATES, *further}
        check(set(file["rates"]) == values | {f"{name}_error" for name in values}
              | {"experiment", "model", "bin", "bin_low", "bin_high", "fissile_isotope", "cosmogenic_isotope"},
              f"fig6: rates {set(file['rates'])}")
        check(file["status"].dtype == np.int8 and np.all(file["status"][:] == 1), "fig6: status")
        for name in values:
            value, error = file[f"rates/{name}"], file[f"rates/{name}_error"]
            check(value.dtype == np.float64 and text(value.attrs["units"]) == "1/day"
                  and text(error.attrs["units"]) == "1/day" and value.shape == error.shape,
                  f"fig6: type, unit or shape of {name}")
            check(np.all(value[:] >= 0) and np.all(error[:] <= 1e-8 * value[:].sum(-1, keepdims=True)),
                  f"fig6: errors of {name}")
        for name in ("signal", "background"):
            for ending in ("", "_error"):  # sums of as many terms in another order
                total = file[f"rates/{name}{ending}"][:]
                parts = file[f"rates/{name}_by_isotope{ending}"][:].sum(axis=2)
                check(np.allclose(parts, total, rtol=1e-13, atol=0),
                      f"fig6: the isotopes' {name}{ending} do not add up")
        check(np.array_equal(file["rates/signal"][:, 0], file["rates/signal_lo"][:, 0]),
              "fig6: signal of the model lo is not signal_lo")
        for i, experiment in enumerate(axes["experiment"]):
            for k, model in enumerate(axes["model"]):
                rows = nuloop.good("rates", "--experiment", experiment, "--model", model,
                                   "--bin-width", "1.5", "--sin2-theta-w", "0.2334").rows()
                for name, column in (("signal", "signal_per_day"),
                                     ("background", "background_per_day"),
                                     ("bin_low", "bin_low_MeV"), ("bin_high", "bin_high_MeV")):
                    stored = file[f"rates/{name}"]
                    stored = stored[i, k] if stored.ndim > 1 else stored[:]
                    check(stored.tolist() == [float(row[column]) for row in rows],
                          f"fig6: {name} of {experiment}, {model} is not that of nuloop rates")
        Path("fig6-again.toml").write_text(text(file.attrs["job"]))
        with compute(nuloop, "fig6-again.toml", "fig6-again.h5") as again:
            check(all(np.array_equal(again[f"rates/{name}"], file[f"rates/{name}"])
                      for name in values), "fig6: the job attribute is another job")
    with xarray.open_dataset("fig6.h5", group="rates") as ds:
        check(ds.signal.dims == ("experiment", "model", "bin"), f"fig6: {ds.signal.dims}")
        check(ds.signal_by_isotope.dims == ("experiment", "model", "fissile_isotope", "bin")
              and ds.background_by_isotope.dims == ("experiment", "model", "cosmogenic_isotope",
                                                    "bin"), "fig6: dimensions by isotope")
        check(ds.fissile_isotope.values.tolist() == ["U235", "U238", "Pu239", "Pu241"],
              f"fig6: {ds.fissile_isotope.values}")
        isotopes = tomllib.loads((nuloop.source / "configs" / "isotopes.toml").read_text())
        check(ds.cosmogenic_isotope.values.tolist() == list(isotopes),
              f"fig6: {ds.cosmogenic_isotope.values}")
        check(np.array_equal(ds.signal_by_isotope.sel(fissile_isotope="Pu239"),
                             ds.signal_by_isotope.values[:, :, 2]), "fig6: selection of Pu239")


def cross_sections(nuloop):
    """A job of kind cross-section, like Fig. 4."""
    job = nuloop.source / "jobs" / "fig4.toml"
    words = ("--set", "axes.energy.points=8", "--set", "settings.flavour=nu_mu")
    axes = tomllib.loads(job.read_text())["axes"]
    parts = ("born", "loops", "photonic")
    with compute(nuloop, job, "fig4.h5", *words) as file:
        check(text(file.attrs["kind"]) == "cross-section", f"fig4: kind {file.attrs['kind']}")
        check(set(file) == {*axes, "status", "configs", "integrity", "cross_section", *parts},
              f"fig4: {set(file)}")
        check(np.all(file["status"][:] == 1), "fig4: not all done")
        energies = file["energy"][:]
        check(text(file["energy"].attrs["units"]) == "MeV"
              and np.allclose(energies, np.linspace(1.05, 10, 8), rtol=1e-14, atol=0),
              f"fig4: energies {energies}")
        for name in ("cross_section", *parts):
            check(file[name].dtype == np.float64 and file[name].shape == (2, 4, 1, 8)
                  and text(file[name].attrs["units"]) == "cm^2/MeV", f"fig4: {name}")
        for i, observable in enumerate(axes["observable"]):
            for k, model in enumerate(axes["model"]):
                rows = nuloop.good("xsec", "--model", model, "--observable", observable,
                                   "--energy", ",".join(map(repr, energies.tolist())),
                                   "--recoil", "1", "--flavour", "nu_mu", "--sin2-theta-w",
                                   "0.2334", "--parts").rows()
                for name in ("cross_section", *parts):
                    column = name if name in parts else "cross_section_cm2_per_MeV"
                    check(file[name][i, k, 0].tolist() == [float(row[column]) for row in rows],
                          f"fig4: {name} of {model}, {observable} is not that of nuloop xsec")
        total = sum(file[name][:] for name in parts)
        check(np.allclose(total, file["cross_section"], rtol=1e-15, atol=0),
              "fig4: the parts are not the whole")
        check(np.all(file["loops"][:, 0] == 0) and np.all(file["photonic"][:, :2] == 0),
              "fig4: tree level has loops or photons")
        Path("fig4-again.toml").write_text(text(file.attrs["job"]))
        with compute(nuloop, "fig4-again.toml", "fig4-again.h5") as again:
            check(np.array_equal(again["cross_section"], file["cross_section"]),
                  "fig4: the job attribute is another job")
    with xarray.open_dataset("fig4.h5") as ds:
        check(ds.cross_section.dims == ("observable", "model", "recoil", "energy"),
              f"fig4: {ds.cross_section.dims}")
        nlo = ds.cross_section.sel(model="nlo", observable="electron")
        check(np.array_equal(nlo, ds.cross_section.values[1, 2]), "fig4: selection of nlo")


def impacts(nuloop):
    """A job of kind impacts: inputs with their units as a scale, and the report's rankings."""
    job = nuloop.source / "jobs" / "impacts.toml"
    words = ("--set", 'axes.experiment=["tao-30m", "cloud-surface"]', "--set", 'axes.model=["lo+cr", "nlo"]')
    columns = ("value", "derivative", "derivative_error", "elasticity", "uncertainty", "shift")
    with compute(nuloop, job, "impacts.h5", *words) as file:
        check(text(file.attrs["kind"]) == "impacts", f"impacts: kind {file.attrs['kind']}")
        check(set(file) == {"experiment", "model", "status", "configs", "integrity", "impacts", "discovery_time",
                            "discovery_time_error"}, f"impacts: {set(file)}")
        check(set(file["impacts"]) == {"experiment", "model", "input", "unit", *columns}, f"impacts: {set(file['impacts'])}")
        check(np.all(file["status"][:] == 1), "impacts: not all done")
        inputs = [name.decode() for name in file["impacts/input"][:]]
        units = [unit.decode() for unit in file["impacts/unit"][:]]
        keys = {line.split()[0] for line in nuloop.good("list", "keys").out.splitlines()}
        others = {name for name in inputs if name not in keys}
        isotopes = tomllib.loads((nuloop.source / "configs" / "isotopes.toml").read_text())
        check({name for name in others if name.startswith("yield.")}
              == {f"yield.{isotope}" for isotope in isotopes}, "impacts: yields")
        check({"detector.mass", "flux_uncertainty", "window.low", "lo.sin2_theta_w"} <= set(inputs)
              and "window.bin_width" not in inputs and len(set(inputs)) == len(inputs),
              f"impacts: {inputs}")
        by_name = dict(zip(inputs, units))
        check((by_name["detector.mass"], by_name["flux_uncertainty"], by_name["yield.11C"])
              == ("t", "1", "cm^2/g"), f"impacts: units {by_name}")
        for name in columns:
            check(file["impacts"][name].shape == (2, 2, len(inputs))
                  and file["impacts"][name].dtype == np.float64, f"impacts: {name}")
        mass = inputs.index("detector.mass")
        check(np.array_equal(file["impacts/value"][:, 0, mass], [2.8, 8.0]), "impacts: masses")
        rows = nuloop.good("report", "impacts.h5", "--format", "csv").rows()
        check(len(rows) == 4 * len(inputs), f"impacts: {len(rows)} rows")
        first = rows[:len(inputs)]
        sizes = [abs(float(row["elasticity"])) for row in first if row["rank_elasticity"]]
        check(sizes == sorted(sizes, reverse=True) and len(sizes) > 30, "impacts: not ranked")
        shifts = sorted((row for row in first if row["rank_shift"]),
                        key=lambda row: int(row["rank_shift"]))
        sizes = [abs(float(row["shift_yr"])) for row in shifts]
        check(sizes == sorted(sizes, reverse=True) and len(sizes) > 10, "impacts: shifts not ranked")
        for row in first:
            index = inputs.index(row["input"])
            check(float(row["derivative_yr_per_unit"]) == file["impacts/derivative"][0, 0, index]
                  and row["unit"] == units[index], f"impacts: the row of {row['input']}")
        points = json.loads(nuloop.good("report", "impacts.h5", "--format", "json").out)["points"]
        check([(point["experiment"], point["model"]) for point in points]
              == [("tao-30m", "lo+cr"), ("tao-30m", "nlo"), ("cloud-surface", "lo+cr"),
                  ("cloud-surface", "nlo")]
              and [row["input"] for row in points[0]["inputs"]] == [row["input"] for row in first],
              "impacts: the points in JSON")
    with xarray.open_dataset("impacts.h5", group="impacts") as ds:
        check(ds.elasticity.dims == ("experiment", "model", "input"), f"impacts: {ds.elasticity.dims}")
        check(ds.unit.dims == ("input",), f"impacts: unit is over {ds.unit.dims}")
        check(abs(float(ds.elasticity.sel(input="detector.mass")[0, 0]) + 1) < 1e-8,
              "impacts: the elasticity of the mass")
    words = ("--set", 'axes.experiment=["tao-30m"]', "--set", 'axes.model=["nlo", "free-couplings"]',
             "--set", "settings.free.c_l=0.7", "--set", "settings.free.c_r=0.24",
             "--set", "settings.reactor_off.share=0.1")
    with compute(nuloop, job, "free.h5", *words) as file:
        inputs = [name.decode() for name in file["impacts/input"][:]]
        free = [inputs.index(key) for key in ("free.c_l", "free.c_r")]
        check(not {"free.charge_radius", "free.sin2_theta_w"} & set(inputs), f"impacts: {inputs}")
        for name in columns:
            values = file["impacts"][name][0]
            check(np.all(np.isnan(values[0, free])), f"impacts: {name} of what nlo has not")
            check(name in ("uncertainty", "shift") or np.all(np.isfinite(values[1, free])),
                  f"impacts: {name} of free couplings")
        check(np.array_equal(file["impacts/value"][0, 1, free], [0.7, 0.24]), "impacts: free couplings")
    nlo, free = json.loads(nuloop.good("report", "free.h5", "--format", "json").out)["points"]
    rows = {row["input"]: row for row in nlo["inputs"]}
    check(rows["free.c_l"]["value"] is None and rows["free.c_l"]["derivative_yr_per_unit"] is None
          and rows["reactor_off.share"]["derivative_yr_per_unit"] < 0, f"impacts: {rows}")
    check({row["input"]: row for row in free["inputs"]}["free.c_l"]["value"] == 0.7, "impacts: c_L")
    tables = nuloop.good("report", "free.h5").out.split("model = ")
    check("free.c_l" not in tables[1] and "free.c_l" in tables[2], f"impacts: {tables}")


def pseudo_experiments(nuloop):
    """A job of kind toys, plain and with importance sampling."""
    job = nuloop.source / "jobs" / "toys-5sigma" / "tails.toml"
    words = ("--set", 'settings."toys.count"=10000')
    along = ("experiment", "toys.tail", "exposure")
    scales = {"probability": 5, "level": 3, "threshold": 12, "offset": 802, "moment": 7, "tail": 52}
    estimates = {"quantile": ("probability",), "critical": ("level",), "p_value": ("threshold",),
                 "p_value_of_significance": ()}
    over = {"significance": (), "z_expected": (), "histogram": ("offset",), "histogram_squares": ("offset",),
            "moments": ("moment",), "tails": ("tail",), **estimates,
            **{f"{name}_error": further for name, further in estimates.items()}}
    with compute(nuloop, job, "toys.h5", *words) as file:
        check(text(file.attrs["kind"]) == "toys", f"toys: kind {file.attrs['kind']}")
        check(set(file) == {*along, "status", "configs", "integrity", "toys"}, f"toys: {set(file)}")
        check(set(file["toys"]) == {*along, *scales, *over}, f"toys: {set(file['toys']) ^ {*scales, *over}}")
        check(np.all(file["status"][:] == 1) and file["status"].shape == (2, 2, 2), "toys: status")
        for name, further in over.items():
            value = file[f"toys/{name}"]
            check(value.dtype == np.float64 and text(value.attrs["units"]) == "1"
                  and value.shape == (2, 2, 2, *(scales[scale] for scale in further))
                  and np.all(np.isfinite(value[:]) | (value[:] == np.inf)), f"toys: {name}")
        toys = {name: file[f"toys/{name}"][:] for name in (*over, *scales)}
        Path("toys-again.toml").write_text(text(file.attrs["job"]))
        with compute(nuloop, "toys-again.toml", "toys-again.h5") as again:
            check(all(np.array_equal(again[f"toys/{name}"], toys[name]) for name in over),
                  "toys: the job attribute is another job")
    moments = {name.decode(): toys["moments"][..., i] for i, name in enumerate(toys["moment"])}
    tails = {name.decode(): toys["tails"][..., i] for i, name in enumerate(toys["tail"])}
    check(np.all(moments["toys"] == 10000), f"toys: {moments['toys']} of them")
    check(np.all(moments["w"][:, 0] == 10000) and np.all(moments["w2"][:, 0] == 10000),
          "toys: plain sampling has weights")
    # Sums of 1e4 numbers in two orders.
    check(np.allclose(toys["histogram"].sum(axis=-1), moments["w"], rtol=1e-11, atol=0)
          and np.allclose(toys["histogram_squares"].sum(axis=-1), moments["w2"], rtol=1e-11, atol=0),
          "toys: the histogram is not all")
    spread = np.sqrt(moments["w2"] - moments["w"]**2 / 1e4)
    check(np.all(np.abs(moments["w"] - 1e4) <= 5 * spread), "toys: the mean weight is not 1")
    for i, threshold in enumerate(toys["threshold"]):
        p = (tails[f"w above {threshold:g}"] + tails[f"w below {threshold:g}"]) / 1e4
        check(np.allclose(toys["p_value"][..., i], p, rtol=1e-14, atol=0), f"toys: p({threshold:g})")
    check(np.all(np.diff(toys["p_value"]) <= 0) and np.all(np.diff(toys["quantile"]) > 0)
          and np.all(np.diff(toys["critical"]) > 0), "toys: out of order")
    check(np.array_equal(toys["threshold"], np.arange(1, 13) / 2)
          and np.allclose(np.diff(toys["offset"]), 0.02, rtol=0, atol=1e-12), "toys: scales")
    check(abs(toys["probability"][1] - 0.15865525393145707) < 1e-15, "toys: probability of -1 sigma")
    with xarray.open_dataset("toys.h5", group="toys") as ds:
        check(ds.p_value.dims == (*along, "threshold") and ds.histogram.dims == (*along, "offset"),
              f"toys: {ds.p_value.dims}")
        check(np.array_equal(ds.p_value.sel(threshold=5.0), toys["p_value"][..., 9]), "toys: selection of 5 sigma")
        check(np.array_equal(ds.moments.sel(moment="w2"), moments["w2"]), "toys: selection of w2")


def documented_fields(nuloop):
    """FORMAT.md has what the program says of its fields."""
    page = (nuloop.source / "lib" / "analysis" / "FORMAT.md").read_text()
    fields = nuloop.good("list", "fields").out.rstrip("\n")
    check("/chi2" in fields and f"```\n{fields}\n```" in page,
          "FORMAT.md does not have what `nuloop list fields` prints")


def test(nuloop):
    documented_fields(nuloop)
    if shutil.which("ncdump") is None:
        skip("ncdump is not installed")
    with compute(nuloop, nuloop.fig7, "fig7.h5") as file:
        header(nuloop)
        attributes(nuloop, file)
        numbers(file)
        record()
        other_shapes(nuloop, file)
    in_xarray(nuloop)
    bins_of_different_numbers(nuloop)
    backgrounds_as_axis(nuloop)
    rates_by_isotope(nuloop)
    cross_sections(nuloop)
    pseudo_experiments(nuloop)
    impacts(nuloop)


main(test)
