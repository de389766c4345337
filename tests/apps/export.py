# nuloop export: the numbers of the file, units in headers, submissions by the rules of HEPData's schemas,
# workspaces whose likelihood rejects what the program rejects.
# SPDX-License-Identifier: GPL-3.0-or-later
import csv
import errno
import json
import math
import os
from pathlib import Path

from harness import check, main, preloaded, skip

try:
    import h5py
    import numpy as np
except ImportError as missing:
    skip(missing)
try:
    import yaml
except ImportError:
    yaml = None

JOBS = {
    "reach": ("""experiment = ["tao-30m", "cloud-25mwe"]
"window.high, model" = [["10 MeV", "nlo"], ["4 MeV", "lo+cr"]]
flux_uncertainty = [0.005, 0.02]
exposure = ["1 yr", "10 yr"]
""", ""),
    "rates": ("""experiment = ["tao-30m"]
reactor.thermal_power = ["4 GW", "5 GW"]
""", 'model = "nlo"\nwindow.bin_width = "3 MeV"\n'),
    "impacts": ("""experiment = ["tao-30m"]
""", 'model = "nlo"\nflux_uncertainty = 0.005\nwindow.bin_width = "3 MeV"\n'),
}
AXES = {"experiment": "", "window.high": "MeV", "model": "", "flux_uncertainty": "1",
        "exposure": "365.25 day", "reactor.thermal_power": "GW"}


def write_job(name, kind, axes, settings):
    Path(f"{name}.toml").write_text(
        f'[job]\nname = "{name}"\ntitle = "\\"All\\": of \\\\ \\u00e9 - {name}"\nkind = "{kind}"\n'
        f'[axes]\n{axes}[settings]\nobservable = "electromagnetic"\n{settings}')


def decoded(values):
    return [value.decode() if isinstance(value, bytes) else value for value in values]


def expected_tables(file):
    """The numeric datasets of a result by their group and what they run along."""
    groups = {}

    def visit(path, dataset):
        if isinstance(dataset, h5py.Dataset) and dataset.dtype == np.float64 and \
                "DIMENSION_LIST" in dataset.attrs and not path.startswith("integrity"):
            scales = [dimension[0].name for dimension in dataset.dims]
            own = path.rsplit("/", 1)[0] if "/" in path else ""
            if path.endswith(("bin_low", "bin_high")) or path.split("/")[-1] in AXES:
                return  # coordinates
            groups.setdefault((own, tuple(scales)), []).append(path)
    file.visititems(visit)
    return groups


def cells_of(file, paths, scales):
    """Rows as dictionaries, coordinates by their dataset's name; bins that are not there left out."""
    shape = file[paths[0]].shape
    rows = []
    for at in np.ndindex(*shape):
        row = {}
        for scale, i in zip(scales, at):
            name = scale.split("/")[-1]
            group = scale.rsplit("/", 1)[0]
            if name == "bin":
                for edge in ("bin_low", "bin_high"):
                    edges = file[f"{group}/{edge}"]
                    along = [dimension[0].name for dimension in edges.dims]
                    row[edge] = edges[tuple(at[scales.index(one)] for one in along)]
            else:
                row[name] = decoded([file[scale][i]])[0]
        if "window.high" in row:
            along = [scale.split("/")[-1] for scale in scales].index("window.high")
            row["model"] = decoded([file["model"][at[along]]])[0]
        if math.isnan(row.get("bin_low", 0.0)):
            continue
        for path in paths:
            row[path.split("/")[-1]] = file[path][at]
        rows.append(row)
    return rows


def same(text, value):
    """A cell of CSV against what the file has, to the last bit."""
    if isinstance(value, str):
        return text == value
    return float(text) == value or (math.isnan(float(text)) and math.isnan(value))


def check_csv(nuloop, name, file):
    nuloop.good("export", f"{name}.h5", "--format", "csv", "-o", f"{name}-csv")
    groups = expected_tables(file)
    found = sorted(path.name for path in Path(f"{name}-csv").iterdir())
    first_fields = {}
    for (own, scales), paths in groups.items():
        with_names = {path.replace("/", "_") + ".csv" for path in paths}
        (only,) = with_names & set(found) or {None}
        check(only is not None, f"{name}: no table of {paths} in {found}")
        first_fields[only] = (paths, scales)
    check(sorted(first_fields) == found, f"{name}: tables {found}, not {sorted(first_fields)}")
    for table, (paths, scales) in first_fields.items():
        with open(f"{name}-csv/{table}", newline="") as stream:
            header, *rows = list(csv.reader(stream))
        expected = cells_of(file, paths, list(scales))
        check(len(rows) == len(expected) > 0, f"{table}: {len(rows)} rows, not {len(expected)}")
        for title in header:
            column = title.split(" [")[0]
            units = title.split(" [")[1][:-1] if " [" in title else ""
            wanted = AXES.get(column)
            if column in ("bin_low", "bin_high"):
                wanted = "MeV"
            for path in paths:
                if path.split("/")[-1] == column:
                    wanted = file[path].attrs.get("units", b"")
                    wanted = wanted.decode() if isinstance(wanted, bytes) else wanted
            if wanted is not None:
                check(units == wanted, f"{table}: {title} has not the unit {wanted}")
        names = [title.split(" [")[0] for title in header]
        check(set(names) - {"unit"} == set(expected[0]),
              f"{table}: columns {names}, not {list(expected[0])}")
        for cells, row in zip(rows, expected):
            wrong = [n for n, cell in zip(names, cells) if n in row and not same(cell, row[n])]
            if not check(not wrong, f"{table}: {wrong} of {cells} are not those of {row}"):
                break
    return first_fields


def has_only(mapping, required, optional, what):
    check(isinstance(mapping, dict) and set(required) <= set(mapping) <= set(required) | set(optional),
          f"{what}: wants {required} and may have {optional}, has {mapping}")


def is_text_or_number(value):
    return isinstance(value, (str, int, float)) and not isinstance(value, bool)


def check_data(table, what):
    """A data table by the rules of data_schema.json 1.1.1, and the validator's two beyond it."""
    has_only(table, ["independent_variables", "dependent_variables"], [], what)
    lengths = set()
    for variable in table["independent_variables"]:
        has_only(variable, ["header", "values"], [], what)
        for value in variable["values"]:
            if "low" in value:
                has_only(value, ["low", "high"], ["value"], what)
                check(all(isinstance(end, (int, float)) for end in value.values()),
                      f"{what}: {value}")
            else:
                has_only(value, ["value"], [], what)
                check(is_text_or_number(value["value"]), f"{what}: {value}")
    for variable in table["dependent_variables"]:
        has_only(variable, ["header", "values"], ["qualifiers"], what)
        for qualifier in variable.get("qualifiers", []):
            has_only(qualifier, ["name", "value"], ["units"], what)
            check(isinstance(qualifier["name"], str) and is_text_or_number(qualifier["value"]),
                  f"{what}: {qualifier}")
        for value in variable["values"]:
            has_only(value, ["value"], ["errors"], what)
            check(is_text_or_number(value["value"]), f"{what}: {value}")
            errors = value.get("errors", [])
            for error in errors:
                has_only(error, ["symerror"], ["label"], what)
                check(isinstance(error["symerror"], float), f"{what}: {error}")
            check(not errors or any(error["symerror"] != 0.0 for error in errors),
                  f"{what}: errors all zero")
    for variable in table["independent_variables"] + table["dependent_variables"]:
        has_only(variable["header"], ["name"], ["units"], what)
        check(all(isinstance(text, str) for text in variable["header"].values()),
              f"{what}: {variable['header']}")
        lengths.add(len(variable["values"]))
    check(len(lengths) == 1, f"{what}: lists of {lengths} values")


def check_submission(documents, folder, what):
    """submission.yaml by the rules of submission_schema.json and additional_info_schema.json 1.1.1."""
    general, *tables = documents
    has_only(general, ["comment"], [], what)
    check(isinstance(general["comment"], str), f"{what}: {general}")
    for table in tables:
        has_only(table, ["name", "description", "keywords", "data_file"], ["location"], what)
        check(len(table["name"]) <= 64 and isinstance(table["description"], str),
              f"{what}: {table}")
        for keyword in table["keywords"]:
            has_only(keyword, ["name", "values"], [], what)
            check(keyword["name"] in ("cmenergies", "observables", "reactions", "phrases") and
                  all(is_text_or_number(value) and len(str(value)) <= 128
                      for value in keyword["values"]), f"{what}: {keyword}")
    files = [table["data_file"] for table in tables]
    names = {table["name"] for table in tables}
    check(sorted(files + ["submission.yaml"]) == sorted(path.name for path in folder.iterdir()),
          f"{what}: names {files}")
    check(len(names) == len(tables), f"{what}: a name twice in {names}")


def check_hepdata(nuloop, name, file, tables):
    nuloop.good("export", f"{name}.h5", "--format", "hepdata", "-o", f"{name}-hepdata")
    folder = Path(f"{name}-hepdata")
    if yaml is None:
        print("without python3-yaml the submission is not read back")
        return
    documents = list(yaml.safe_load_all((folder / "submission.yaml").read_text()))
    check_submission(documents, folder, f"{name}: submission.yaml")
    check(file.attrs["title"].decode() in documents[0]["comment"], f"{name}: {documents[0]}")
    for table, (paths, scales) in tables.items():
        data = yaml.safe_load((folder / table.replace(".csv", ".yaml")).read_text())
        check_data(data, table)
        expected = cells_of(file, paths, list(scales))
        for variable in data["dependent_variables"]:
            column = variable["header"]["name"]
            path = next(path for path in paths if path.split("/")[-1] == column)
            units = decoded([file[path].attrs.get("units", "1")])[0]
            check(variable["header"].get("units", "1") == units,
                  f"{table}: {variable['header']} is not in {units}")
            qualifiers = {entry["name"]: entry["value"] for entry in variable["qualifiers"]}
            check(qualifiers.get("flux") == "mueller", f"{table}: qualifiers {qualifiers}")
            for value, row in zip(variable["values"], expected):
                number = row[column]
                wanted = "-" if math.isnan(number) else "inf" if math.isinf(number) else number
                error = row.get(f"{column}_error", 0.0)
                wanted_errors = [error] if math.isfinite(error) and error > 0.0 else []
                errors = [one["symerror"] for one in value.get("errors", [])]
                if not check(value["value"] == wanted and errors == wanted_errors,
                             f"{table}: {column} is {value}, not {wanted} +- {error}"):
                    break
        for variable in data["independent_variables"]:
            column = variable["header"]["name"]
            for value, row in zip(variable["values"], expected):
                if "low" in value:
                    good = (value["low"], value["high"]) == (row["bin_low"], row["bin_high"])
                else:
                    good = column not in row or value["value"] == row[column]
                if not check(good, f"{table}: {column} is {value} in {row}"):
                    break


class Likelihood:
    """A HistFactory workspace of counts: normfactors, and histosys with interpolation code 0."""

    def __init__(self, path):
        space = json.loads(Path(path).read_text())
        has_only(space, ["channels", "observations", "measurements", "version"], [], path)
        (measurement,) = space["measurements"]
        has_only(measurement, ["name", "config"], [], path)
        has_only(measurement["config"], ["poi", "parameters"], [], path)
        check(space["version"] == "1.0.0" and measurement["config"]["poi"] == "mu", f"{path}: {measurement}")
        observed = {one["name"]: one["data"] for one in space["observations"]}
        self.channels = space["channels"]
        check([channel["name"] for channel in self.channels] == list(observed), f"{path}: {list(observed)}")
        self.observed = np.concatenate([observed[channel["name"]] for channel in self.channels])
        names = {modifier["name"] for channel in self.channels for sample in channel["samples"]
                 for modifier in sample["modifiers"]} - {"mu"}
        configured = [parameter["name"] for parameter in measurement["config"]["parameters"]]
        check(sorted(configured) == sorted(names | {"mu"}), f"{path}: {configured}, but modifiers {names}")
        self.names = sorted(names)

    def expected(self, mu):
        """What no pull changes, and what a unit of each adds. Shapes: bins, bins x pulls."""
        counts, slopes = [], []
        for channel in self.channels:
            total = np.zeros(len(channel["samples"][0]["data"]))
            slope = np.zeros((len(total), len(self.names)))
            for sample in channel["samples"]:
                data = np.array(sample["data"])
                kinds = [modifier["type"] for modifier in sample["modifiers"]]
                factor = mu if "normfactor" in kinds else 1.0
                total += factor * data
                for modifier in sample["modifiers"]:
                    if modifier["type"] == "histosys":
                        up = np.array(modifier["data"]["hi_data"]) - data
                        down = data - np.array(modifier["data"]["lo_data"])
                        check(np.allclose(up, down, rtol=1e-7, atol=1e-9 * np.abs(data).max()),
                              f"{modifier['name']} shifts {sample['name']} by {up} and {down}")
                        slope[:, self.names.index(modifier["name"])] += factor * (up + down) / 2.0
            counts.append(total)
            slopes.append(slope)
        return np.concatenate(counts), np.concatenate(slopes)

    def rejection(self, mu, observed=None):
        """-2 ln(L(mu)/L(counts as observed)), least over the pulls (Newton)."""
        n = self.observed if observed is None else observed
        fixed, slopes = self.expected(mu)
        pulls = np.zeros(len(self.names))
        for _ in range(60):
            m = fixed + slopes @ pulls
            curvature = slopes.T @ (slopes * (n / m**2)[:, None]) + np.eye(len(pulls))
            pulls -= np.linalg.solve(curvature, slopes.T @ (1.0 - n / m) + pulls)
        x = (fixed + slopes @ pulls - n) / n
        return 2.0 * np.sum(n * (x - np.log1p(x))) + pulls @ pulls


WORKSPACES = {
    # What the two normalisations do alone, by the statistic that HistFactory has.
    "poisson": (JOBS["reach"][0], 'statistic = "poisson"\n'),
    # Every pull that is linear, another statistic, and days without reactor.
    "pulls": ("""experiment = ["cloud-surface", "tao-30m+cloud-surface"]
model = ["nlo"]
flux_uncertainty = [0.005]
exposure = ["3 yr"]
""", """flux_correlation = 0.3
"flux_shape.uncorrelated_scale" = 1.0
"flux_shape.isotope_scale" = 1.0
"isotope_yields.scale" = 1.0
energy_scale_uncertainty = 0.01
"theory.hadronic_3_gamma_uncertainty" = 0.1
"reactor_off.share" = 0.2
"window.bin_width" = "1.5 MeV"
"""),
    # The other way round: the reference's pulls on the tested model's counts.
    "swapped": (JOBS["reach"][0].replace('"nlo"', '"lo"').replace('"lo+cr"', '"lo"'),
                'reference = "nlo"\nenergy_scale_uncertainty = 0.01\nstatistic = "poisson"\n'),
}


def check_workspaces(nuloop, name):
    nuloop.good("export", f"{name}.h5", "--format", "pyhf", "-o", f"{name}-pyhf")
    with h5py.File(f"{name}.h5") as file:
        chi2 = file["chi2"][()].ravel()
        errors = file["chi2_error"][()].ravel()
    is_poisson = "poisson" in WORKSPACES[name][1]
    with open(f"{name}-pyhf/workspaces.csv", newline="") as stream:
        points = list(csv.DictReader(stream))
    check(len(points) == len(chi2) == len(list(Path(f"{name}-pyhf").iterdir())) - 1 > 0,
          f"{name}: {len(points)} workspaces of {len(chi2)} points")
    for point, of_result, error in zip(points, chi2, errors):
        likelihood = Likelihood(f"{name}-pyhf/{point['workspace']}")
        found = likelihood.rejection(0.0)
        said = float(point["poisson_significance [1]"]) ** 2
        check(abs(found - said) <= 1e-8 * said, f"{point}: {found}, not {said}")
        check(not is_poisson or abs(found - of_result) <= 1e-8 * of_result + error,
              f"{point}: {found}, the result has {of_result}")
        check(likelihood.rejection(1.0) < 1e-12 * said, f"{point}: mu = 1 is not what is observed")
    return points


def check_pyhf(nuloop):
    for name, (axes, settings) in WORKSPACES.items():
        write_job(name, "reach", axes, settings)
        nuloop.good("run", f"{name}.toml", "-o", f"{name}.h5", "--set", "job.store_rates=false")
        points = check_workspaces(nuloop, name)
        if name == "pulls":
            one, both = (Likelihood(f"pulls-pyhf/{point['workspace']}") for point in points)
            check([channel["name"] for channel in both.channels] ==
                  ["tao-30m", "tao-30m without reactor", "cloud-surface", "cloud-surface without reactor"],
                  f"channels {[channel['name'] for channel in both.channels]}")
            check({"flux_uncertainty", "energy_scale", "yield of 11C", "hadronic_loops",
                   "flux_shape.isotope U235", "flux_shape.uncorrelated 0"} <= set(one.names),
                  f"pulls {one.names}")
            check({"flux_uncertainty of tao-30m", "flux_uncertainty of all sites"} <= set(both.names),
                  f"pulls {both.names}")
    # With data that the tested model expects, mu = 1 is rejected as the job with both swapped has it.
    write_job("forth", "reach", JOBS["reach"][0].replace("lo+cr", "nlo"), WORKSPACES["swapped"][1].replace(
        'reference = "nlo"', 'reference = "lo"'))
    nuloop.good("run", "forth.toml", "-o", "forth.h5")
    nuloop.good("export", "forth.h5", "--format", "pyhf", "-o", "forth-pyhf")
    with h5py.File("swapped.h5") as file:
        back = file["chi2"][()].ravel()
    for number in (0, len(back) - 1):
        likelihood = Likelihood(f"forth-pyhf/workspace-{number}.json")
        found = likelihood.rejection(1.0, likelihood.expected(0.0)[0])
        check(abs(found - back[number]) <= 1e-8 * back[number],
              f"point {number}: mu = 1 is rejected by {found}, not {back[number]}")


def check_errors(nuloop):
    full = Path("full")
    full.mkdir()
    (full / "mine.txt").write_text("mine")
    for words, status, message in [
            (["reach.h5", "--format", "csv", "-o", "full"], 3, "is not empty"),
            (["reach.h5", "--format", "csv", "-o", "full/mine.txt"], 3, "mine.txt"),
            (["reach.h5", "--format", "cvs", "-o", "new"], 2, "csv"),
            (["reach.h5", "--format", "csv"], 2, "output"),
            (["rates.h5", "--format", "pyhf", "-o", "new"], 3, "kind \"reach\""),
            (["none.h5", "--format", "csv", "-o", "new"], 3, "none.h5")]:
        done = nuloop("export", *words)
        check(done.status == status and message in done.err,
              f"{done.command}: {done.status}, {done.err}")
    check((full / "mine.txt").read_text() == "mine" and len(list(full.iterdir())) == 1,
          "what was there is not as it was")
    check(not Path("new").exists(), "a folder without a result")
    Path("bare").mkdir()
    fault = {"LD_PRELOAD": preloaded(nuloop.source / "tests" / "apps" / "failing_writes.c"),
             "FAIL_FILE": "/discovery_time.csv", "FAIL_AT": "1", "FAIL_HOW": str(errno.ENOSPC)}
    for folder in ("new", "bare"):  # a full disk leaves what was there, so that the same command can be given again
        before = Path(folder).exists()
        done = nuloop("export", "reach.h5", "--format", "csv", "-o", folder, environment=fault)
        check(done.status == 3 and f"{folder}/discovery_time.csv: cannot be written" in done.err
              and os.strerror(errno.ENOSPC) in done.err, f"a full disk: {done.status}: {done.err}")
        check(Path(folder).exists() == before and not list(Path(folder).glob("*")), f"a full disk leaves {folder}")
        nuloop.good("export", "reach.h5", "--format", "csv", "-o", folder)


def test(nuloop):
    for name, (axes, settings) in JOBS.items():
        write_job(name, name, axes, settings)
        nuloop.good("run", f"{name}.toml", "-o", f"{name}.h5")
        with h5py.File(f"{name}.h5") as file:
            tables = check_csv(nuloop, name, file)
            check_hepdata(nuloop, name, file, tables)
    check_pyhf(nuloop)
    check_errors(nuloop)


main(test)
