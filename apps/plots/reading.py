"""What the figures share: how results are read and points of them selected."""
# SPDX-License-Identifier: GPL-3.0-or-later
import csv
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tomllib
from contextlib import suppress
from pathlib import Path

import h5py
import numpy as np

signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends a script as it ends the program: without a traceback

# The dataset that runs along every axis of the job, by kind of result.
WHOLE = {"reach": "chi2", "impacts": "impacts/elasticity", "rates": "rates/signal",
         "cross-section": "cross_section", "measurement": "measurement/best_fit",
         "toys": "toys/significance"}


SEAL_BEGIN, SEAL_BYTES = b"\nnuloop-sha256 ", 80
SEALED_SINCE = 4  # the format version


def refuse(path, reason):
    """Ends the script as nuloop ends at a file that it does not take."""
    print(f"{path}: {reason}", file=sys.stderr)
    sys.exit(3)


def write_file(path, content):
    """Writes bytes to a file, or leaves what was there: a full disk or a folder that is not ours ends the script."""
    target = Path(os.path.realpath(path))
    part = target.with_name(target.name + ".part")
    try:
        part.write_bytes(content)
        os.replace(part, target)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        refuse(target, f"cannot be written ({error.strerror})")


def program():
    """The nuloop that called a script, or else the one that was built or installed with it; None if there is none."""
    here = Path(__file__).resolve().parent
    beside = [here.parents[1] / "build" / "bin" / "nuloop", here.parents[2] / "bin" / "nuloop"]
    return os.environ.get("NULOOP_PROGRAM") or next((str(path) for path in beside if path.is_file()),
                                                    shutil.which("nuloop"))


def has_seal(path):
    """Whether a result ends in a seal, the SHA-256 of all before it; one that does not fit is refused."""
    size = path.stat().st_size - SEAL_BYTES
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        file.seek(max(size, 0))
        seal = file.read()
        if not seal.startswith(SEAL_BEGIN):
            return False
        file.seek(0)
        while piece := file.read(min(2**20, size - file.tell())):
            digest.update(piece)
    if seal != SEAL_BEGIN + digest.hexdigest().encode() + b"\n":
        refuse(path, "is damaged: it is not what nuloop wrote; run its job again")
    return True


def check_unsealed(file, size):
    """Reads all of a result of an earlier format. @raises Exception if it cannot be read as one."""
    if file.attrs.get("filetype") != b"nuloop-study":
        raise ValueError("it is not a result of nuloop")
    if file.attrs["format_version"] >= SEALED_SINCE:
        raise ValueError("it has no seal: it is not complete, or it is damaged; `nuloop verify` says which")

    def visit(group):
        list(group.attrs.values())
        for name in group:
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                raise ValueError(f"{name} is a link")
            item = group[name]
            if isinstance(item, h5py.Group):
                visit(item)
                continue
            if item.chunks or item.external or item.nbytes > size:
                raise ValueError(f"{name} is not stored as nuloop stores it")
            list(item.attrs.values())
            values = item[()]
            if values.dtype.kind == "O":
                [text.decode() for text in values]
    visit(file)


def open_result(path):
    """The file of a result, of which every byte is as it was written, as far as its format can say."""
    path = Path(path)
    if not path.is_file():
        refuse(path, "cannot be read: there is no such file, or it is no regular one")
    sealed = has_seal(path)
    try:
        file = h5py.File(path, "r")
        if not sealed:
            check_unsealed(file, path.stat().st_size)
    except Exception as error:  # h5py raises all kinds over damaged files
        refuse(path, f"cannot be read: {' '.join(str(error).split())}")
    if not sealed:
        print(f"{path}: has an earlier format, without a seal: damage may go unseen", file=sys.stderr)
    return file


class Result:
    """A result file whose datasets are taken by the names of their axes."""

    def __init__(self, axes, kind="reach", path=None, only=None):
        """A result of this kind, with these axes and no other long ones.

        only: axis -> texts of the values to keep; an axis may go by the last part of its name."""
        self.path = Path(path)
        self.file = open_result(self.path)
        self.axes = axes
        self.expect_kind(kind)
        self.job = tomllib.loads(self.file.attrs["job"].decode())
        self.settings = self.job["settings"]
        shape = dict(zip(self.dimensions(WHOLE[kind]), self.file[WHOLE[kind]].shape))
        self.kept = self.selected(shape, only or {})
        found = {axis: len(self.kept.get(axis, range(size))) for axis, size in shape.items()}
        missing = [axis for axis in axes if axis not in found]
        extra = [axis for axis, size in found.items()
                 if axis not in axes and not is_no_axis(axis) and size > 1]
        if missing or extra:
            choose = f"; --only {extra[0]}=VALUE takes one value" if extra else ""
            refuse(self.path, f"no figure for these axes: it wants {', '.join(axes)}; missing: "
                   f"{', '.join(missing) or 'none'}; too many: {', '.join(extra) or 'none'}{choose}")

    def expect_kind(self, kind):
        found = self.file.attrs.get("kind", b"").decode()
        if not found:
            refuse(self.path, "says nothing of its kind: not a result of nuloop, or one of an earlier format")
        if found != kind:
            refuse(self.path, f"no figure for this kind of result: it wants {kind}, not {found}")

    def selected(self, shape, only):
        """Axis -> positions that --only keeps, in the order asked for."""
        kept = {}
        for key, wanted in only.items():
            axis = next((axis for axis in shape if key in (axis, axis.split(".")[-1])), None)
            if axis is None:
                continue
            values = self.stored(axis)
            kept[axis] = [position(self.path, axis, values, text) for text in wanted]
        return kept

    def dimensions(self, dataset):
        """The axes, and the paths of what is no axis of the job. A group has its own copies of the axes."""
        paths = [scales[0].name.lstrip("/") for scales in self.file[dataset].dims]
        names = [path.split("/")[-1] for path in paths]
        return [name if name in self.file else path for name, path in zip(names, paths)]

    def scales(self):
        """The paths of the axes, of bins, levels and the like."""
        found = []
        self.file.visititems(lambda path, item: found.append(path)
                             if item.attrs.get("CLASS") == b"DIMENSION_SCALE" else None)
        return found

    def stored(self, axis):
        values = self.file[axis][:]
        return [name.decode() for name in values] if values.dtype.kind in "SO" else values

    def values(self, axis):
        """The values of an axis that are kept; names as str."""
        values = self.stored(axis)
        if axis not in self.kept:
            return values
        chosen = [values[place] for place in self.kept[axis]]
        return chosen if isinstance(values, list) else np.array(chosen)

    def index(self, axis, name):
        """Where on an axis of names this one stands; the figure cannot do without it."""
        names = self.values(axis)
        if name not in names:
            refuse(self.path, f"no figure without {axis} {name}; there is {', '.join(names)}")
        return names.index(name)

    def array(self, dataset):
        """The dataset with its axes in the order asked for, then what is no axis of the job.

        Other axes have length one and are dropped."""
        dimensions = self.dimensions(dataset)
        values = self.file[dataset][()]
        for axis, places in self.kept.items():
            if axis in dimensions:
                values = np.take(values, places, axis=dimensions.index(axis))
        wanted = [axis for axis in self.axes if axis in dimensions]
        wanted += [axis for axis in dimensions if is_no_axis(axis)]
        rest = [axis for axis in dimensions if axis not in wanted]
        values = values.transpose([dimensions.index(axis) for axis in wanted + rest])
        return values.reshape(values.shape[:len(wanted)])

    def told(self, table, required=True):
        """What `nuloop report --what TABLE` says of the result, as a Told; if it is not required, None where nothing
        is said."""
        nuloop = program()
        if nuloop is None:
            if required:
                refuse(self.path, f"no figure without nuloop, which has the table {table}; NULOOP_PROGRAM names it")
            return None
        asked = subprocess.run([nuloop, "report", self.path, "--what", table, "--format", "csv"], capture_output=True,
                               text=True, check=False)
        if asked.returncode == 0:
            return Told(self, list(csv.reader(asked.stdout.splitlines())))
        if required:
            sys.stderr.write(asked.stderr)
            sys.exit(3)
        return None

    def nearest(self, axis, value):
        """Where on an axis of numbers the value stands, or one that differs by less than a tenth."""
        values = self.values(axis)
        index = int(np.argmin(np.abs(values - value)))
        if abs(values[index] - value) > 0.1 * abs(value):
            refuse(self.path, f"no figure without {axis} {value:g}; there is {', '.join(f'{v:g}' for v in values)}")
        return index

    def at(self, dataset, **names):
        """The dataset where these axes have these values, or the nearest ones there are."""
        values, dimensions = self.array(dataset), self.dimensions(dataset)
        left = [axis for axis in self.axes if axis in dimensions]
        for axis, value in names.items():
            axis = next(known for known in left if known.split(".")[-1] == axis)
            index = self.index(axis, value) if isinstance(value, str) else self.nearest(axis, value)
            values = np.take(values, index, axis=left.index(axis))
            left.remove(axis)
        return values

    def keys(self):
        """Of all settings and axes."""
        return [*self.settings, *(key for written in self.job["axes"] for key in written.replace(" ", "").split(","))]

    def usual(self, key):
        """What an analysis assumes for a key where a job says nothing; None if that is not known."""
        if "configs" not in self.file:
            return None
        texts = {name.decode(): text.decode() for name, text in zip(self.file["configs/file"], self.file["configs/text"])}
        part = tomllib.loads(texts.get("analysis.toml", ""))
        for word in key.split("."):
            part = part.get(word) if isinstance(part, dict) else None
        return part

    def one_value(self, key):
        """The value of a parameter that is a setting, or an axis of one value; otherwise None."""
        if key in self.settings:
            return self.settings[key]
        if key in self.file and len(self.values(key)) == 1:
            return self.values(key)[0]
        return None


class Told:
    """A table that the program has made of a result.

    Columns are arrays over those axes asked for that the table runs along, then over its other keys, all that is kept
    of them."""

    def __init__(self, result, rows):
        header, *cells = rows
        texts = dict(zip(header, zip(*cells)))
        scales = {"bin", "level", *(path.split("/")[-1] for path in result.scales())}
        keys = [name for name in header if name in scales]
        every = {key: list(dict.fromkeys(texts[key])) for key in keys}
        shape = [len(every[key]) for key in keys]
        asked = [axis for axis in result.axes if axis in keys]
        order = [keys.index(key) for key in asked + [key for key in keys if key not in result.axes]]
        # Other axes of the job have one value.
        further = [key for key in keys if key not in result.axes and key not in result.file]
        kept = {key: places for key, places in result.kept.items()
                if key in keys and len(every[key]) == len(result.stored(key))}

        def array(values):
            values = np.array(values, float).reshape(shape)
            for key, places in kept.items():
                values = np.take(values, places, axis=keys.index(key))
            values = values.transpose(order)
            return values.reshape(values.shape[:len(asked)] + tuple(len(every[key]) for key in further))

        # What moves along with an axis may be names.
        self.columns = {name: array(texts[name]) for name in header if name not in scales
                        and is_number(texts[name][0])}
        self.numbers = {key: np.array(every[key], float) for key in keys if is_number(every[key][0])}

    def __getitem__(self, column):
        return self.columns[column]

    def values(self, key):
        """The numbers of a key."""
        return self.numbers[key]


def is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


def configs_of(result):
    """What configs/NAME.toml says, by NAME, as nuloop read it for a result: its own, and the user's over these.

    Values are as they are written; the former are those of the present nuloop."""
    here = Path(__file__).resolve().parent
    folder = next((place for place in (here.parent / "configs", here.parents[1] / "configs") if place.is_dir()), None)
    own = {}
    if "own/file" in result.file:
        own = {Path(name.decode()).name: text.decode()
               for name, text in zip(result.file["own/file"], result.file["own/text"])}

    def table(name):
        tables = tomllib.loads((folder / name).read_text()) if folder else {}
        for key, changed in tomllib.loads(own.get(name, "")).items():
            tables[key] = {**tables.get(key, {}), **changed}
        return tables
    return {name: table(f"{name}.toml") for name in ("experiments", "reactors", "backgrounds")}


def position(path, axis, values, text):
    """Where a value that is written as text stands on an axis: a name, or a number, perhaps in per cent."""
    if isinstance(values, list):
        if text in values:
            return values.index(text)
        refuse(path, f"--only {axis}={text}: there is {', '.join(values)}")
    number, _, unit = text.strip().partition(" ") if not text.endswith("%") else (text[:-1], "", "%")
    try:
        wanted = float(number) * (0.01 if unit == "%" else 1)
    except ValueError:
        refuse(path, f"--only {axis}={text}: is no number")
    near = np.flatnonzero(np.isclose(values, wanted, rtol=1e-6, atol=0))
    if not len(near):
        shown = ", ".join(f"{value:g}" for value in values[:12]) + (", ..." if len(values) > 12 else "")
        refuse(path, f"--only {axis}={text}: there is {shown}")
    return int(near[0])


def is_no_axis(axis):
    """Bins, isotopes, inputs, levels, thresholds and the like are no axes of the job."""
    return axis.startswith(("rates/", "impacts/", "measurement/", "toys/"))
