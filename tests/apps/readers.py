# Results of every kind, whole, in what scientists read such files with: each reader's names and numbers are h5py's.
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import math
import os
import re
import shutil
import subprocess
from pathlib import Path

from harness import PATIENCE, check, main, skip

try:
    import h5py
    import numpy as np
except ImportError as missing:
    skip(missing)

# A small result of every kind, with what is particular about it.
JOBS = {
    "reach": ("""experiment = ["tao-30m", "cloud-surface"]
model = ["lo+cr", "nlo"]
exposure = { from = "1 month", to = "10 yr", points = 3 }""", """flux_uncertainty = 0.005
"window.bin_width" = "3 MeV\""""),
    "zipped": (""""experiment, detector.mass" = [["tao-30m", "1 t"], ["cloud-surface", "0.001 t"]]
"window.low" = ["1 MeV", "6 MeV"]
flux_uncertainty = [0.0, 0.01]""", """model = "nlo"
exposure = "1 yr"
"window.bin_width" = "3 MeV\""""),
    "rates": ("""experiment = ["tao-30m", "cloud-surface"]
background = ["none", "paper-25mwe"]""", """model = "nlo"
"window.bin_width" = "3 MeV\""""),
    "cross-section": ("""model = ["lo", "nlo"]
energy = { from = "1 MeV", to = "3 MeV", points = 3 }""", """flavour = "nu_mu"
recoil = "0.5 MeV\""""),
    "impacts": ("""experiment = ["tao-30m"]
model = ["nlo"]""", """flux_uncertainty = 0.005
"window.bin_width" = "3 MeV\""""),
    "measurement": ("""experiment = ["tao-30m", "cloud-surface"]
exposure = ["1 yr", "5 yr"]""", """model = "free-charge-radius"
reference = "nlo"
flux_uncertainty = 0.005
"window.bin_width" = "3 MeV\""""),
    "toys": ("""experiment = ["tao-30m"]
"toys.tail" = [0, 5]""", """model = "nlo"
flux_uncertainty = 0.005
exposure = "5 yr"
"toys.count" = 5000
"window.bin_width" = "3 MeV\""""),
}
KINDS = {"zipped": "reach"}
HERE = Path(__file__).parent / "readers"


class Missing(Exception):
    """A reader that is not installed."""


def command(*words, **environment):
    """What a program prints, which must succeed."""
    if shutil.which(words[0]) is None:
        raise Missing(f"{words[0]} is not installed")
    done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=False,
                          env={**os.environ, **environment})
    assert done.returncode == 0, f"{' '.join(map(str, words))}: status {done.returncode}\n{done.stderr[-1000:]}"
    return done.stdout


def module(name):
    try:
        return __import__(name)
    except ImportError as missing:
        raise Missing(missing) from missing


def flat(values):
    """Names as str, numbers as they are."""
    values = np.asarray(values)
    if values.dtype.kind in "SOU":
        return [name.decode() if isinstance(name, bytes) else str(name) for name in values.ravel().tolist()]
    return values.ravel().tolist()


def in_h5py(path):
    """Every dataset by its path: a flat list of names or of numbers."""
    datasets = {}

    def visit(name, item):
        if isinstance(item, h5py.Dataset):
            datasets[f"/{name}"] = flat(item[()])
    with h5py.File(path) as file:
        file.visititems(visit)
    return datasets


def compare(reader, wanted, found, but=()):
    """All datasets are there and have the same values, whether these came as numbers or as text."""
    def same(a, b):
        if isinstance(a, str):
            return a == b
        b = math.nan if b in ("NA", "NaN") else float(b)
        return a == b or (math.isnan(a) and math.isnan(b))
    missing = set(wanted) - set(found) - set(but)
    check(not missing, f"{reader}: does not show {sorted(missing)}")
    for name in sorted(set(wanted) & set(found)):
        a, b = wanted[name], found[name]
        check(len(a) == len(b) and all(map(same, a, b)), f"{reader}: {name} is {b[:4]}, not {a[:4]} ({len(a)} of them)")


def tokens(text):
    """Values separated by commas; texts in quotation marks."""
    found = re.findall(r'"((?:[^"\\]|\\.)*)"|([^\s,]+)', text)
    return [quoted if not bare else bare.replace("Infinityf", "Infinity") for quoted, bare in found]


def in_ncdump(path):
    """All data, from the text."""
    datasets, groups, in_data = {}, [], False
    lines = iter(command("ncdump", "-p", "9,17", path).splitlines())
    for line in lines:
        line = line.strip()
        if line.startswith("group: "):
            groups, in_data = [*groups, line.split()[1]], False
        elif line.startswith("} // group"):
            groups.pop()
        elif line.endswith("data:"):
            in_data = True
        elif in_data and (value := re.match(r"(\S+) =\s*(.*)", line)):
            text = value[2]
            while not text.endswith(";"):
                text += " " + next(lines).strip()
            datasets["/".join(["", *groups, value[1].replace("\\", "")])] = [
                re.sub(r"\\(.)", lambda escaped: {"n": "\n"}.get(escaped[1], escaped[1]), one)
                for one in ("" if one == "_" else one for one in tokens(text[:-1]))]  # as it shows texts of no letter
    return datasets


def in_h5dump(path):
    """All data, from the text, without attributes."""
    datasets, nested = {}, []
    lines = iter(command("h5dump", "-A", "0", "-y", "-w", "0", "-m", "%.17g", path).splitlines())
    for line in lines:
        line = line.strip()
        opened = re.match(r'(\w+)(?: "(.*)")?.*\{$', line)
        if opened and opened[1] == "DATA":
            text = ""
            while (line := next(lines).strip()) != "}":
                text += line + " "
            path_of = "/".join(name for kind, name in nested if kind in ("GROUP", "DATASET"))
            datasets[path_of.replace("//", "/")] = tokens(text)
        elif opened:
            nested.append((opened[1], opened[2] or ""))
        elif line == "}":
            nested.pop()
    del datasets["/configs/text"]  # where a text with quotation marks ends h5dump does not show
    return datasets


def from_xarray(dataset, group):
    """The variables of a group as xarray shows them."""
    return {f"{group}/{name}": flat(values) for name, values in dataset.variables.items()}


def in_xarray(path, engine):
    """Every group by itself; a copy written by to_netcdf holds the same, and is selected from by names."""
    xarray = module("xarray")
    if engine:
        module({"netcdf4": "netCDF4"}.get(engine, engine))
    datasets = {}
    with h5py.File(path) as file:
        groups = ["", *(f"/{name}" for name in file if isinstance(file[name], h5py.Group))]
    for group in groups:
        copy = f"copy{group.replace('/', '-')}-{engine}.nc"
        with xarray.open_dataset(path, group=group or None, engine=engine) as ds:
            datasets |= from_xarray(ds, group)
            if "experiment" in ds.dims:
                name = ds.experiment.values[-1]
                check(ds.sel(experiment=name).identical(ds.isel(experiment=-1)), f"{path}{group}: selection of {name}")
            ds.to_netcdf(copy, engine=engine)
        with xarray.open_dataset(copy, engine=engine) as ds:
            again = from_xarray(ds, group)
        compare(f"{path}: xarray, {engine}, to_netcdf", {name: datasets[name] for name in again}, again)
        Path(copy).unlink()
    return datasets


def in_netcdf4_python(path):
    """All variables, group by group."""
    datasets = {}

    def visit(group, prefix):
        group.set_auto_maskandscale(False)
        for name, variable in group.variables.items():
            datasets[f"{prefix}/{name}"] = flat(variable[...])
        for name, inner in group.groups.items():
            visit(inner, f"{prefix}/{name}")
    with module("netCDF4").Dataset(path) as file:
        visit(file, "")
    return datasets


def in_nco(path):
    """A copy; and one experiment of all, cut out by its index."""
    command("ncks", "-O", path, "copy.nc")
    datasets = in_h5py("copy.nc")
    with h5py.File(path) as file:
        whole = {name for name in ("status", "rates/signal", "toys/p_value", "impacts/value", "measurement/best_fit")
                 if name in file} if "experiment" in file else set()
        if whole:
            last = len(file["experiment"]) - 1
            command("ncks", "-O", "-d", f"experiment,{last}", path, "cut.nc")
            with h5py.File("cut.nc") as cut:
                check(flat(cut["experiment"]) == flat(file["experiment"][last:]), f"{path}: NCO: another experiment")
                for name in whole:
                    axis = [scales[0].name.split("/")[-1] for scales in file[name].dims].index("experiment")
                    compare(f"{path}: NCO, cut out", {name: flat(np.take(file[name], [last], axis))},
                            {name: flat(cut[name])})
    return datasets


def in_r(paths, package):
    if shutil.which("Rscript") is None:
        raise Missing("R is not installed")
    known = subprocess.run(["Rscript", "-e", f"cat(nzchar(system.file(package = '{package}')))"], capture_output=True,
                           text=True, check=False)
    if known.stdout != "TRUE":
        raise Missing(f"R's {package} is not installed")
    return json.loads(command("Rscript", str(HERE / "read.R"), package, *paths))


def in_node(paths, package):
    """With the package in a folder of the variable NODE_PATH."""
    folders = os.environ.get("NODE_PATH", "").split(os.pathsep)
    if not any((Path(folder) / package).is_dir() for folder in folders if folder):
        raise Missing(f"{package} is in no folder of NODE_PATH")
    return json.loads(command("node", str(HERE / "read.mjs"), package, *paths))


def each(read):
    """For all files what reads one."""
    return lambda paths: {path: read(path) for path in paths}


# What is read in one go: files -> file -> dataset -> values.
READERS = {
    "ncdump": each(in_ncdump),
    "xarray": each(lambda path: in_xarray(path, None)),
    "xarray, netcdf4": each(lambda path: in_xarray(path, "netcdf4")),
    "xarray, h5netcdf": each(lambda path: in_xarray(path, "h5netcdf")),
    "netCDF4 for Python": each(in_netcdf4_python),
    "h5dump": each(in_h5dump),
    "NCO": each(in_nco),
    "R, ncdf4": lambda paths: in_r(paths, "ncdf4"),
    "R, hdf5r": lambda paths: in_r(paths, "hdf5r"),
    "h5wasm": lambda paths: in_node(paths, "h5wasm"),
    "jsfive": lambda paths: in_node(paths, "jsfive"),
}


def test(nuloop):
    results = {}
    for name, (axes, settings) in JOBS.items():
        Path(f"{name}.toml").write_text(
            f'[job]\nname = "{name}"\ntitle = "Of {name}"\nkind = "{KINDS.get(name, name)}"\n'
            f"[axes]\n{axes}\n[settings]\n{settings}\n")
        nuloop.good("run", f"{name}.toml", "-o", f"{name}.h5")
        results[f"{name}.h5"] = in_h5py(f"{name}.h5")
    for reader, read in READERS.items():
        try:
            found = read(list(results))
            for path, wanted in results.items():
                compare(f"{path}: {reader}", wanted, found[path], ["/configs/text"] if reader == "h5dump" else [])
        except Missing as missing:
            print(f"skipped: {reader}: {missing}")
        except Exception as failure:  # whatever a reader says is shown, and the next one tried
            check(False, f"{reader}: {type(failure).__name__}: {failure}")


main(test)
