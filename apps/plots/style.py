"""What the figures share: pages of a journal or of a talk, colours, names, what stands below a figure."""
# SPDX-License-Identifier: GPL-3.0-or-later
import argparse
import io
import re
import subprocess
import sys
import textwrap
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402  (the backend comes first)

from reading import Result, refuse, write_file  # noqa: E402

# Colours that are told apart without red or green (Okabe and Ito's, and two of P. Tol's); those of detectors
# are not those of models. No two curves share their dashes, so that colour is not needed.
EXPERIMENTS = {
    "cloud-surface": ("CLOUD, surface", "#e69f00", (0, (6, 1.5, 1, 1.5))),
    "cloud-25mwe": ("CLOUD, 25 mwe", "#d55e00", (0, (5, 2))),
    "cloud-300mwe": ("CLOUD, 300 mwe", "#aa3377", "solid"),
    "tao-30m": ("TAO, 30 m", "#0072b2", (0, (9, 1.5, 1, 1.5, 1, 1.5))),
    "tao-44m": ("TAO, 44 m", "#56b4e9", (0, (1.3, 1.1))),
}
OWN_COLOURS = ["#009e73", "#882255", "#999933", "#332288", "#661100"]
MODELS = {"lo": "LO", "lo+cr": "LO + charge radius", "lo+cr-shift": "LO + shifted mixing angle",
          "nlo": "NLO", "free-charge-radius": "LO + free charge radius",
          "free-sin2-theta-w": "LO with free mixing angle", "free-couplings": "free couplings"}
SHORT_MODELS = {**MODELS, "lo+cr": "LO + CR", "lo+cr-shift": "LO + shifted angle"}
MODEL_STYLES = {"lo": ("black", "solid"), "lo+cr": ("#117733", (0, (7, 1.5, 1.2, 1.5))),
                "lo+cr-shift": ("#ddaa33", (0, (1.2, 1.2))), "nlo": ("#332288", (0, (5, 2)))}
STATISTICS = {"reference": "variance of the counts expected", "neyman": "Neyman's chi2",
              "pearson": "Pearson's chi2", "combined": "Neyman's and Pearson's chi2 combined",
              "poisson": "Poisson likelihood"}
# What else may be uncertain, and is said where it is.
FURTHER = ["theory.hadronic_3_gamma_uncertainty", "theory.hadronic_gamma_gamma_uncertainty", "flux_correlation",
           "flux_shape.uncorrelated_scale", "flux_shape.isotope_scale", "flux_shape.common_scale",
           "isotope_yields.scale", "energy_scale_uncertainty", "resolution_uncertainty", "reactor_off.share",
           "lo.sin2_theta_w_uncertainty"]
# What else makes another world, or another detector, than that of the experiment: said where it is not as usual.
WORLD = ("data.", "detector.", "reactor.", "reactor_time", "efficiency.", "resolution.", "oscillation.", "background.",
         "further_backgrounds.", "beta_decay_leak.", "one_loop.", "charge_radius.", "observable", "fuel",
         "energy_per_fission", "flux_shape.covariance_scale")

FONT, SMALL = 8, 7  # pt, of all texts; nothing is smaller
GREY = "0.35"
WANTED = {"color": "black", "linestyle": (0, (1, 2)), "linewidth": 0.9}  # the line of what is wanted

plt.rcParams.update({
    "font.size": FONT,
    "axes.titlesize": FONT,
    "axes.labelsize": FONT,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "legend.fontsize": SMALL,
    "legend.frameon": False,
    "axes.linewidth": 0.6,
    "lines.linewidth": 1.2,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "xtick.minor.visible": True,
    "ytick.minor.visible": True,
    "pdf.fonttype": 42,
    "svg.fonttype": "path",
    "svg.hashsalt": "nuloop",
})


@dataclass(frozen=True)
class Size:
    """A page in inches; the height is the largest, or the only one."""
    width: float
    height: float
    column: float  # width of a figure of one panel
    fixed: bool
    dots: float  # per inch, of the PNG
    least: tuple  # width and height that a panel needs


SIZES = {
    # Two columns of a journal, or one.
    "paper": Size(7.0, 9.2, 3.4, False, 300, (1.05, 0.8)),
    # 160 mm x 90 mm as in LaTeX's beamer, 1920 x 1080 dots.
    "talk": Size(160 / 25.4, 90 / 25.4, 160 / 25.4, True, 304.8, (0.95, 0.7)),
}


class Page:
    """What is asked of a script: a result or a folder of them, the size of the page, and what to select."""

    def __init__(self, source, size="paper", only=None):
        self.source, self.name, self.size, self.only = Path(source), size, SIZES[size], only or {}
        self.talk = self.size.fixed

    def read(self, axes, kind="reach", file=None, reader=None):
        """The result, or a file of the folder; `reader` is a class for that kind."""
        path = self.source / file if file else self.source
        result = (reader(axes, path, self.only) if reader
                  else Result(axes, kind, path, self.only))
        if not file:
            missing = [key for key in self.only if not any(key in (axis, axis.split(".")[-1]) for axis in result.kept)]
            if missing:
                refuse(path, f"--only {missing[0]}=...: it has no such axis; there is {', '.join(result.axes)}")
        return result

    def grid(self, path, rows, columns, height, **more):
        """A figure of panels, `rows` and `columns` being (axis, how many); height of a panel in inches on paper.

        A grid that the page has no room for is refused."""
        (row_axis, row_count), (column_axis, column_count) = rows, columns
        one = row_count * column_count == 1
        around = 1.7 if one and not self.talk else 0.95  # legend, labels, what stands below
        most = [int((self.size.height - around) / self.size.least[1]), int(self.size.width / self.size.least[0])]
        for axis, count, limit in ((row_axis, row_count, most[0]), (column_axis, column_count, most[1])):
            if count > limit:
                refuse(path, f"no figure on a {self.name} page for {count} values of {axis}, it has room for {limit}; "
                       f"--only {axis}=VALUE,VALUE selects some")
        width = self.size.column if one else self.size.width
        tall = self.size.height if self.talk else min(self.size.height, row_count * height + around)
        return plt.subplots(row_count, column_count, figsize=(width, tall), squeeze=False, **more)

    def finish(self, figure, notes, handles=(), later=()):
        """Legend above, notes below, the panels between them; `later` places labels when these stand."""
        handles = list(handles)
        width = figure.get_figwidth()
        renderer = figure.canvas.get_renderer()
        below = figure.text(0.008, 0.04 / figure.get_figheight(), "", fontsize=SMALL, color=GREY, va="bottom",
                            linespacing=1.25, in_layout=False)
        for letters in range(int(22 * width), 10, -3):  # signs of formulas are more letters than they show
            below.set_text(textwrap.fill(notes, letters))
            if below.get_window_extent(renderer).width < 0.984 * figure.bbox.width:
                break
        top = 0.0
        for columns in range(len(handles), 0, -1):
            legend = figure.legend(handles=handles, loc="upper center", ncol=columns, handlelength=2.8,
                                   borderaxespad=0.3, columnspacing=1.4)
            legend.set_in_layout(False)
            extent = legend.get_window_extent(renderer)
            top = extent.height / figure.bbox.height
            if extent.width < 0.98 * figure.bbox.width:
                break
            if columns > 1:
                legend.remove()
        bottom = (below.get_window_extent(renderer).height + 0.04 * figure.dpi) / figure.bbox.height
        figure.set_layout_engine("constrained", rect=(0, bottom, 1, 1 - bottom - top), w_pad=0.03, h_pad=0.04,
                                 wspace=0.02, hspace=0.02)
        layout = figure.get_layout_engine()
        with no_minor_ticks(figure):
            layout.execute(figure)
            for place in later:
                place()
            if later:
                layout.execute(figure)  # with what was placed
        figure.set_layout_engine("none")
        return figure

    def row(self, result, draw_panel, label, notes, handles, height=2.3):
        """A finished figure with a panel for each experiment: draw_panel(axes, experiment, index); label of the left."""
        experiments = result.values("experiment")
        figure, panels = self.grid(result.path, ("quantity", 1), ("experiment", len(experiments)), height, sharey=True)
        for index, (axes, experiment) in enumerate(zip(panels[0], experiments)):
            draw_panel(axes, experiment, index)
            name, colour, _ = experiment_style(experiment, index)
            axes.set_title(name, loc="left", color=colour)
        panels[0, 0].set_ylabel(label)
        return self.finish(figure, notes, handles)

    def save(self, figure, part=""):
        """NAME.png and NAME.pdf beside NAME.h5, or NAME-PART-talk.png; no date, so that they are reproducible."""
        end = "".join(f"-{word}" for word in (part, "talk" if self.talk else "") if word)
        stem = str(self.source.with_suffix("")) if self.source.suffix == ".h5" else str(self.source)
        paths = [Path(f"{stem}{end}.{kind}") for kind in ("png", "pdf")]
        drawn = [io.BytesIO(), io.BytesIO()]
        figure.savefig(drawn[1], format="pdf", metadata={"CreationDate": None})
        figure.savefig(drawn[0], format="png", dpi=self.size.dots, metadata={"Software": None})
        plt.close(figure)
        for path, picture in zip(paths, drawn):
            write_file(path, picture.getvalue())
        return paths


@contextmanager
def no_minor_ticks(figure):
    """Without those that have no labels: a layout takes most of its time to place them, and does not depend on them."""
    tickers = {id(axis.minor): axis.minor for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)
               if isinstance(axis.minor.formatter, NullFormatter)}
    locators = [ticker.locator for ticker in tickers.values()]
    for ticker in tickers.values():
        ticker.locator = NullLocator()
    yield
    for ticker, locator in zip(tickers.values(), locators):
        ticker.locator = locator


def selections(words):
    """--only KEY=VALUE[,VALUE...] as a dict."""
    only = {}
    for word in words:
        key, equals, values = word.partition("=")
        if not equals or not key or not values:
            print(f"--only {word}: wants KEY=VALUE", file=sys.stderr)
            sys.exit(2)
        only.setdefault(key, []).extend(values.split(","))
    return only


def options(source):
    """What all figures take on the command line."""
    parser = argparse.ArgumentParser(usage=f"%(prog)s {source} [--size paper|talk] [--only KEY=VALUE]... "
                                     "[--html] [--open]")
    parser.add_argument("source", metavar=source)
    parser.add_argument("--size", choices=SIZES, default="paper", help="a journal's page, or 16:9")
    parser.add_argument("--only", action="append", default=[], metavar="KEY=VALUE[,VALUE...]",
                        help="only these values of an axis; repeatable")
    parser.add_argument("--html", action="store_true", help="one page of a result, with its table, to send")
    parser.add_argument("--open", action="store_true", help="show the pictures")
    return parser


@contextmanager
def table_beside(page):
    """Takes the text of NAME.txt of a folder of results, and then writes it."""
    text = io.StringIO()
    yield text
    write_file(page.source.parent / (page.source.name + ".txt"), text.getvalue().encode())


def write_page(page, draw):
    """The page of --html."""
    from page import write  # takes this module
    if page.source.is_dir():
        refuse(page.source, "--html makes a page of one result, not of a folder")
    return write(page, draw)


def run(draw, source="RESULT.h5"):
    """The command line of a figure: draw(page) gives (part, figure), one or several."""
    asked = options(source).parse_args()
    page = Page(asked.source, asked.size, selections(asked.only))
    if source == "FOLDER" and not page.source.is_dir():
        refuse(page.source, f"is no folder; it wants the one with the results of jobs/{Path(sys.argv[0]).stem}")
    if asked.html:
        paths = [write_page(page, draw)]
    else:
        figures = list(draw(page))  # before any is saved: what is refused leaves none
        paths = [path for part, figure in figures for path in page.save(figure, part)]
    print(", ".join(map(str, paths)), file=sys.stderr)
    if asked.open:
        opener = "open" if sys.platform == "darwin" else "xdg-open"
        for path in paths if asked.html else paths[1::2]:
            try:
                subprocess.run([opener, path], check=False)
            except FileNotFoundError:
                print(f"{path}: is not shown: there is no {opener}", file=sys.stderr)
                sys.exit(3)


def assumptions(result, *more, leave=()):
    """What a result assumes, in a line or two; keys of `leave` are said elsewhere in the figure."""
    def known(key):
        return None if key in leave else result.one_value(key)

    parts = [part for part in more if part]
    for key, form in (("reference", lambda name: f"data as expected of {MODELS.get(name, name)}"),
                      ("model", lambda name: f"model {MODELS.get(name, name)}"),
                      ("flux", lambda name: f"flux {plain(name)}"),
                      ("lo.sin2_theta_w", lambda value: rf"$\sin^2\theta_W$ of LO {float(value):g}"),
                      ("flux_uncertainty", lambda value: f"flux known to {100 * float(value):g} %"),
                      ("background_uncertainty", lambda value: f"background known to {100 * float(value):g} %"),
                      ("statistic", lambda name: STATISTICS.get(name, name))):
        value = known(key)
        if value is not None:
            parts.append(form(value))
    window = [known(f"window.{end}") for end in ("low", "high", "bin_width")]
    if None not in window:
        low, high, width = (f"{float(str(value).split()[0]):g}" for value in window)
        parts.append(f"$T$ of {low} to {high} MeV in bins of {width} MeV")
    parts += [f"{key} {value:g}" for key in FURTHER if isinstance(value := known(key), float) and value != 0]
    for key in result.keys():
        value = known(key) if key.startswith(WORLD) else None
        if value is not None and value != result.usual(key):
            parts.append(f"{key} {value:g}" if isinstance(value, float) else f"{key} {plain(value)}")
    return "; ".join([*parts, result.file.attrs["creator"].decode()]) + "."


def wanted_sigma(result):
    """The significance of a discovery, of which the file's discovery times are."""
    return float(result.one_value("discovery.significance"))


def plain(name):
    return str(name).replace("$", r"\$")  # else the beginning of a formula


def symbol(isotope):
    """U235 and 11C with their mass number above; other names as they are."""
    found = re.fullmatch(r"([A-Z][a-z]?)(\d+)|(\d+)([A-Z][a-z]?)", isotope)
    if not found:
        return plain(isotope)
    letters, digits = found[1] or found[4], found[2] or found[3]
    return rf"$^{{{digits}}}${letters}"


def experiment_style(name, index=0):
    """Label, colour and dashes; for experiments of the user's own too."""
    own = (plain(name), OWN_COLOURS[index % len(OWN_COLOURS)], (0, (2 + index, 1 + index % 3)))
    return EXPERIMENTS.get(name, own)


def model_style(name, index=0):
    return MODEL_STYLES.get(name, (OWN_COLOURS[-1 - index % len(OWN_COLOURS)], (0, (2 + index, 1))))


def experiment_handles(names, **more):
    """A legend's lines for these experiments."""
    return [plt.Line2D([], [], color=colour, linestyle=dashes, label=label, **more)
            for label, colour, dashes in (experiment_style(name, k) for k, name in enumerate(names))]


def written(axes, position, text, **more):
    """A text on white at a place of the data, which covers what it stands on."""
    return axes.annotate(text, position, **{
        "ha": "center", "va": "center", "fontsize": SMALL, "zorder": 5,
        "bbox": {"boxstyle": "square,pad=0.12", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}, **more})


def numbers_on(axis):
    """0.1, 1, 10 and 10^4 in place of powers on a logarithmic axis."""
    def shown(value, _):
        return f"{value:g}" if 1e-3 <= value < 1e4 else rf"$10^{{{np.log10(value):.0f}}}$"

    axis.set_major_locator(LogLocator(numticks=12))
    axis.set_major_formatter(FuncFormatter(shown))
    low, high = sorted(axis.get_view_interval())
    few = high / low < 30 or np.floor(np.log10(high)) - np.ceil(np.log10(low)) < 1  # one power of ten at most
    axis.set_minor_locator(LogLocator(subs=range(2, 10), numticks=12))
    axis.set_minor_formatter(FuncFormatter(lambda value, _: f"{value:g}" if f"{value:e}"[0] in "25" else "")
                             if few else NullFormatter())
    axis.set_tick_params(which="minor", labelsize=SMALL)


def shown_years(years):
    """Three digits."""
    if np.isinf(years):
        return "never"
    if years >= 1e4:
        exponent = int(np.floor(np.log10(years)))
        return rf"${years / 10**exponent:.1f}\cdot 10^{{{exponent}}}$ yr"
    return f"{years:.0f} yr" if years >= 1000 else f"{years:#.3g}".rstrip(".") + " yr"


def label_ends(axes, names, ends, style=experiment_style):
    """Names curves at their right ends, moved apart to a line's height; for `later` of Page.finish."""
    to_axes = (axes.transData + axes.transAxes.inverted()).transform
    line = 1.3 * SMALL / 72 / (axes.get_position().height * axes.figure.get_figheight())
    low, high = axes.get_xlim()[1], axes.get_ylim()
    heights = [to_axes((low, float(np.clip(end, *sorted(high)))))[1] for end in ends]
    for index, (name, end, height) in enumerate(zip(names, heights, spread(heights, line))):
        label, colour, _ = style(name, index)
        axes.annotate(label, (1, end), xycoords="axes fraction", xytext=(1.06, height), textcoords="axes fraction",
                      color=colour, va="center", fontsize=SMALL, annotation_clip=False,
                      arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 0,
                                  "relpos": (0, 0.5)})


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


def within(positions, gap, low, high):
    """The same between two bounds, as far as there is room."""
    moved = spread([min(max(place, low), high) for place in positions], gap)
    down, up = max(0, low - min(moved, default=low)), max(0, max(moved, default=high) - high)
    return spread([min(max(place, low), high) for place in (m + down - up for m in moved)], gap)
