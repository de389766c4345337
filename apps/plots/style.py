"""What the figures share: how results are read, how curves look."""
# SPDX-License-Identifier: GPL-3.0-or-later
import hashlib
import sys
from pathlib import Path

import h5py
import matplotlib
import numpy as np

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402  (the backend comes first)

# Colours in the paper's spirit; no two curves share their dashes, so that colour is not needed.
EXPERIMENTS = {
    "cloud-surface": ("CLOUD, surface", "#b88a00", (0, (6, 1.5, 1, 1.5))),
    "cloud-25mwe": ("CLOUD, 25 mwe", "#e8700f", (0, (5, 2))),
    "cloud-300mwe": ("CLOUD, 300 mwe", "#b2161e", "solid"),
    "tao-30m": ("TAO, 30 m", "#0b3c8c", (0, (9, 1.5, 1, 1.5, 1, 1.5))),
    "tao-44m": ("TAO, 44 m", "#4a94d2", (0, (1.3, 1.1))),
}
MODELS = {"lo": "LO", "lo+cr": "LO + charge radius", "lo+cr-shift": "LO + shifted mixing angle",
          "nlo": "NLO", "free-charge-radius": "LO + free charge radius",
          "free-sin2-theta-w": "LO with free mixing angle", "free-couplings": "free couplings"}

plt.rcParams.update({
    "font.size": 9,
    "axes.linewidth": 0.8,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "pdf.fonttype": 42,
})


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

    def __init__(self, axes, kind="reach", path=None):
        """A result, that named on the command line if there is no path: of this kind, with these axes and no
        other long ones."""
        if path is None and len(sys.argv) != 2:
            sys.exit(f"usage: {Path(sys.argv[0]).name} RESULT.h5")
        self.path = Path(path or sys.argv[1])
        self.file = open_result(self.path)
        self.axes = axes
        self.expect_kind(kind)
        found = dict(zip(self.dimensions(WHOLE[kind]), self.file[WHOLE[kind]].shape))
        missing = [axis for axis in axes if axis not in found]
        extra = [axis for axis, size in found.items()
                 if axis not in axes and not is_no_axis(axis) and size > 1]
        if missing or extra:
            sys.exit(f"{self.path}: no figure for these axes: it wants {', '.join(axes)}; "
                     f"missing: {', '.join(missing) or 'none'}; too many: {', '.join(extra) or 'none'}")

    def expect_kind(self, kind):
        found = self.file.attrs.get("kind", b"").decode()
        if not found:
            sys.exit(f"{self.path}: says nothing of its kind: not a result of nuloop, or one of an "
                     "earlier format")
        if found != kind:
            sys.exit(f"{self.path}: no figure for this kind of result: it wants {kind}, not {found}")

    def dimensions(self, dataset):
        """The axes, and the paths of what is no axis of the job. A group has its own copies of the axes."""
        paths = [scales[0].name.lstrip("/") for scales in self.file[dataset].dims]
        names = [path.split("/")[-1] for path in paths]
        return [name if name in self.file else path for name, path in zip(names, paths)]

    def values(self, axis):
        """The values of an axis; names as str."""
        values = self.file[axis][:]
        return [name.decode() for name in values] if values.dtype.kind in "SO" else values

    def index(self, axis, name):
        """Where on an axis of names this one stands; the figure cannot do without it."""
        names = self.values(axis)
        if name not in names:
            sys.exit(f"{self.path}: no figure without {axis} {name}; there is {', '.join(names)}")
        return names.index(name)

    def array(self, dataset):
        """The dataset with its axes in the order asked for, then what is no axis of the job.

        Other axes have length one and are dropped."""
        dimensions = self.dimensions(dataset)
        wanted = [axis for axis in self.axes if axis in dimensions]
        wanted += [axis for axis in dimensions if is_no_axis(axis)]
        rest = [axis for axis in dimensions if axis not in wanted]
        order = [dimensions.index(axis) for axis in wanted + rest]
        values = self.file[dataset][()].transpose(order)
        return values.reshape(values.shape[:len(wanted)])

    def at(self, dataset, **names):
        """The dataset where these axes have these values, or the nearest ones there are."""
        values, dimensions = self.array(dataset), self.dimensions(dataset)
        left = [axis for axis in self.axes if axis in dimensions]
        for axis, value in names.items():
            axis = next(known for known in left if known.split(".")[-1] == axis)
            index = (self.index(axis, value) if isinstance(value, str)
                     else int(np.argmin(np.abs(self.values(axis) - value))))
            values = np.take(values, index, axis=left.index(axis))
            left.remove(axis)
        return values


def is_no_axis(axis):
    """Bins, isotopes, inputs, levels, thresholds and the like are no axes of the job."""
    return axis.startswith(("rates/", "impacts/", "measurement/", "toys/"))


def experiment_style(name, index):
    """Label, colour and dashes; for experiments of the user's own too."""
    label = name.replace("$", r"\$")  # else the beginning of a formula
    return EXPERIMENTS.get(name, (label, f"C{index}", (0, (2 + index, 1 + index % 3))))


def label_ends(axes, names, ends, gap, to_height=lambda end: end, from_height=lambda h: h,
               style=experiment_style):
    """Names the curves at their right ends, labels moved apart by at least `gap`."""
    heights = spread([to_height(end) for end in ends], gap)
    for index, (name, end, height) in enumerate(zip(names, ends, heights)):
        label, colour, _ = style(name, index)
        axes.annotate(label, (1, end), xycoords=axes.get_yaxis_transform(),
                      xytext=(1.06, from_height(height)), textcoords=axes.get_yaxis_transform(),
                      color=colour, va="center", fontsize=8.5, fontweight="bold",
                      annotation_clip=False,
                      arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.7,
                                  "shrinkA": 0, "shrinkB": 0, "relpos": (0, 0.5)})


def folder():
    """The folder named on the command line, that of the results of a folder of jobs."""
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        name = Path(sys.argv[0]).stem
        sys.exit(f"usage: {name}.py FOLDER, the one with the results of jobs/{name}")
    return Path(sys.argv[1])


def save(figure, path):
    """NAME.png and NAME.pdf beside NAME.h5; the PDF without a date, so that it is reproducible."""
    figure.savefig(path.with_suffix(".png"), dpi=200)
    figure.savefig(path.with_suffix(".pdf"), metadata={"CreationDate": None})
    print(f"{path.with_suffix('.png')}, {path.with_suffix('.pdf')}", file=sys.stderr)


def spread(positions, gap):
    """The positions, in the same order, moved apart to at least `gap`, as little as possible."""
    order = sorted(range(len(positions)), key=positions.__getitem__)
    groups = []  # [centre sum, members]
    for index in order:
        groups.append([positions[index], [index]])
        while len(groups) > 1:
            (low_sum, low), (high_sum, high) = groups[-2:]
            low_top = low_sum / len(low) + gap * (len(low) - 1) / 2
            high_bottom = high_sum / len(high) - gap * (len(high) - 1) / 2
            if high_bottom - low_top >= gap:
                break
            groups[-2:] = [[low_sum + high_sum, low + high]]
    moved = list(positions)
    for total, members in groups:
        start = total / len(members) - gap * (len(members) - 1) / 2
        for step, index in enumerate(members):
            moved[index] = start + gap * step
    return moved
