# nuloop export: the numbers of the file, units in headers, submissions by the rules of HEPData's schemas.
# SPDX-License-Identifier: GPL-3.0-or-later
import csv
import math
from pathlib import Path

from harness import check, main, skip

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


def check_errors(nuloop):
    full = Path("full")
    full.mkdir()
    (full / "mine.txt").write_text("mine")
    for words, status, message in [
            (["reach.h5", "--format", "csv", "-o", "full"], 3, "is not empty"),
            (["reach.h5", "--format", "csv", "-o", "full/mine.txt"], 3, "mine.txt"),
            (["reach.h5", "--format", "cvs", "-o", "new"], 2, "csv"),
            (["reach.h5", "--format", "csv"], 2, "output"),
            (["none.h5", "--format", "csv", "-o", "new"], 3, "none.h5")]:
        done = nuloop("export", *words)
        check(done.status == status and message in done.err,
              f"{done.command}: {done.status}, {done.err}")
    check((full / "mine.txt").read_text() == "mine" and len(list(full.iterdir())) == 1,
          "what was there is not as it was")
    check(not Path("new").exists(), "a folder without a result")


def test(nuloop):
    for name, (axes, settings) in JOBS.items():
        Path(f"{name}.toml").write_text(
            f'[job]\nname = "{name}"\ntitle = "\\"All\\": of \\\\ \\u00e9 - {name}"\nkind = "{name}"\n'
            f'[axes]\n{axes}[settings]\nobservable = "electromagnetic"\n{settings}')
        nuloop.good("run", f"{name}.toml", "-o", f"{name}.h5")
        with h5py.File(f"{name}.h5") as file:
            tables = check_csv(nuloop, name, file)
            check_hepdata(nuloop, name, file, tables)
    check_errors(nuloop)


main(test)
