"""What the figures share: how results are read, how curves look."""
# SPDX-License-Identifier: GPL-3.0-or-later
import sys
from pathlib import Path

import h5py
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402  (the backend comes first)

# Told apart by colour, by lightness in grey, and by dashes.
EXPERIMENTS = {
    "cloud-surface": ("CLOUD, surface", "#d9a400", (0, (5, 1.5, 1, 1.5))),
    "cloud-25mwe": ("CLOUD, 25 mwe", "#e8700f", (0, (5, 2))),
    "cloud-300mwe": ("CLOUD, 300 mwe", "#b2161e", "solid"),
    "tao-30m": ("TAO, 30 m", "#0b3c8c", "solid"),
    "tao-44m": ("TAO, 44 m", "#5aa2dc", (0, (5, 2))),
}
MODELS = {"lo+cr": "LO + charge radius", "nlo": "NLO", "lo": "LO"}

plt.rcParams.update({
    "font.size": 9,
    "axes.linewidth": 0.8,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "pdf.fonttype": 42,
})


def names(file, axis):
    """The values of an axis of names."""
    return [name.decode() for name in file[axis][:]]


def open_result():
    """The result named on the command line, and its path."""
    if len(sys.argv) != 2:
        sys.exit(f"usage: {Path(sys.argv[0]).name} RESULT.h5")
    path = Path(sys.argv[1])
    try:
        return h5py.File(path, "r"), path
    except OSError as error:
        sys.exit(f"{path}: cannot be read: {error}")


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
