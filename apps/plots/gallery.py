"""Writes jobs/GALLERY.md and its pictures, apps/plots/gallery/*.png, from the results of the jobs.

usage: gallery.py RESULTS, the folder in which jobs/run.sh has left the results of all jobs with figures"""
# SPDX-License-Identifier: GPL-3.0-or-later
import io
import sys
import textwrap
from pathlib import Path

from PIL import Image

from plot import script
from reading import refuse
from style import Page, plt

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "apps" / "plots" / "gallery"
WIDTH = 640  # dots
WIDE = {"fig7": 1000}  # for README.md
COLOURS = 48
# Job -> what it shows; the parts of a figure in several files, in the page's order.
SHOWN = {
    "fig7": ("Significance against running time for five detectors, two models and two flux uncertainties. Dots are "
             "the discovery times, which stand above.", [""]),
    "fig4": ("The differential cross sections at LO, LO + CR and NLO, their differences, and what NLO consists of. "
             "The inset shows the radiative tail below the threshold.", [""]),
    "fig5": ("The five detectors: cores, distances, masses and muons, and beside them the expected spectra. "
             "Backgrounds stand one on the other.", [""]),
    "fig6": ("Expected spectra of signal and background with their isotopes. Below, the models against LO.", [""]),
    "lo-reference": ("How the discovery time depends on the mixing angle of the LO hypothesis. Thin lines are LO + CR, "
                     "which hardly depends on it.", [""]),
    "budget": ("The discovery time against how well the number of signal events is known, and what makes it uncertain. "
               "Dotted lines are the sums in quadrature with and without the flux.", [""]),
    "bands": ("How far single experiments are spread around the expected significance. Bars are the ranges of the "
              "discovery times.", [""]),
    "impacts": ("The derivative of the discovery time with respect to each input, per cent by per cent. At the right, "
                "by each input's own uncertainty.", ["nlo"]),
    "influences": ("The discovery times if one assumption takes all its values. Beside the bars stand the values that "
                   "bring their ends.", ["tao-30m"]),
    "landscape": ("The discovery time over two assumptions at once: uncertainties in many bins and in one, baseline and "
                  "overburden. The last one has mass against running time.",
                  ["uncertainties", "one-bin", "overburden", "mass"]),
    "what-is-discovered": ("NLO counts fitted by LO whose angle is fixed, known or free. The second one shows what the "
                           "fit leaves, bin by bin.", ["priors", "shape"]),
    "flux-in-situ": ("Discovery times with the flux measured by inverse beta decays in the same detector, by how well "
                     "their number is known. Triangles are those of scattering alone.", [""]),
    "measure-charge-radius": ("Expected intervals on the charge radius against time, beside published limits and by "
                              "flux uncertainty. The last two compare them with those of Feldman and Cousins.",
                              ["bands", "limits", "expected", "critical", "construction"]),
    "measure-couplings": ("Expected regions of the two couplings, in the whole plane and near the Standard Model. The "
                          "last one has the mixing angle alone.", ["plane", "near", "angle"]),
    "toys-5sigma": ("How the significance is distributed in pseudo-experiments, and what thresholds mean, with many "
                    "events and few. The last one compares test statistics.",
                    ["density", "ratio", "few-events", "statistics"]),
}


def small_picture(figure, path, width):
    """The page in few colours and dots."""
    with io.BytesIO() as written:
        figure.savefig(written, dpi=2 * width / figure.get_figwidth())
        plt.close(figure)
        picture = Image.open(written).convert("RGB")
        size = width, round(picture.height * width / picture.width)
        picture.resize(size, Image.LANCZOS).quantize(COLOURS).save(path, optimize=True)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.split("\n\n")[1])
    results = Path(sys.argv[1])
    FOLDER.mkdir(exist_ok=True)
    lines = ["# Figures of the jobs", "",
             "`apps/plots/gallery.py results` writes this page and its pictures. Each figure is there at two sizes, "
             "for a paper\nand, with `--size talk`, for a talk; [README.md](README.md#figures) has the options."]
    for name, (text, parts) in SHOWN.items():
        source = results / name if (results / name).is_dir() else results / f"{name}.h5"
        figures = dict(script(name).draw(Page(source)))
        missing = [part for part in parts if part not in figures]
        if missing:
            refuse(source, f"its figure has no part {missing[0]}; there is {', '.join(figures)}")
        lines += ["", f"## {name}", "", *textwrap.wrap(
            f"`jobs/run.sh {name}`, again by `nuloop plot {Path('results') / source.name}`. {text}", 100), ""]
        for part in parts:
            picture = FOLDER / f"{name}{'-' if part else ''}{part}.png"
            small_picture(figures[part], picture, WIDE.get(name, WIDTH))
            lines.append(f"![{name} {part}](../{picture.relative_to(ROOT)})".replace(" ]", "]"))
        plt.close("all")
    (ROOT / "jobs" / "GALLERY.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
