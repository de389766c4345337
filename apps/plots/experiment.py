"""What is known of an experiment: set-up, events per day, spectra, response. `nuloop show --figure` calls this with
the description of an experiment in JSON."""
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import sys
from pathlib import Path

import numpy as np
from matplotlib.patches import FancyBboxPatch, Rectangle
from matplotlib.ticker import NullLocator

from style import (EXPERIMENTS, GREY, MODEL_STYLES, OWN_COLOURS, SHORT_MODELS, SMALL, Page, numbers_on, options, plain,
                   plt, symbol)

BACKGROUNDS = ["#d55e00", "#e69f00", "#cc79a7", "#ddcc77", "#999933"]
OTHERS = "0.75"
MOST = 4  # backgrounds with a colour of their own
SHOWN_SHARE = 1e-5  # of the highest bin, at which the axis begins at the latest
# The curves of the response: label, colour, dashes.
RESPONSES = {"relative_resolution": (r"resolution $\sigma/T$", "#0072b2", "solid"),
             "efficiency": ("efficiency", "#009e73", (0, (6, 2))),
             "energy_scale": ("visible/deposited", "#aa3377", (0, (1.5, 1.5)))}


def draw_sketch(axes, cores, mass, muons=None):
    """Cores at the left, the detector at the right, its muons above; not to scale. All quantities are texts.

    cores: (title, power, distance) each, the nearest first."""
    axes.set(xlim=(0, 10), ylim=(0, 10), xticks=[], yticks=[])
    axes.minorticks_off()
    axes.set_axis_off()
    left, right, middle = 1.4, 8.2, 3.4
    axes.add_patch(FancyBboxPatch((right - 0.8, middle - 1.3), 1.6, 2.6, boxstyle="round,pad=0.1",
                                  facecolor="#dbe9f5", edgecolor="black", linewidth=0.8))
    axes.text(right, middle - 1.6, mass, ha="center", va="top", fontsize=SMALL)
    shown = cores[:3]
    for (title, power, distance), height in zip(shown, ([middle], [2.2, 6.6], [1.8, 4.9, 8.0])[len(shown) - 1]):
        end = middle + 0.15 * (height - middle)
        axes.annotate("", (right - 0.95, end), (left, height), arrowprops={
            "arrowstyle": "-|>", "color": GREY, "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0})
        axes.plot(left, height, "o", markersize=18, color="#f6d5a8", markeredgecolor="black", markeredgewidth=0.8,
                  zorder=4)
        axes.text((left + right) / 2, (height + end) / 2, distance, ha="center", va="center", fontsize=SMALL,
                  bbox={"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none"})
        axes.annotate(f"{plain(title)}\n{power}", (left, height), (0, -11), textcoords="offset points", ha="center",
                      va="top", fontsize=SMALL, linespacing=1.1)
    if len(cores) > len(shown):
        axes.text(0.3, 10, f"and {len(cores) - len(shown)} more", va="top", fontsize=SMALL)
    if muons:
        axes.annotate("", (right, middle + 1.5), (right, 8.2), arrowprops={
            "arrowstyle": "-|>", "color": BACKGROUNDS[0], "linewidth": 0.8, "linestyle": (0, (3, 1.5)), "shrinkA": 0,
            "shrinkB": 0})
        axes.text(9.9, 8.4, f"muons {muons.replace('m2', 'm$^2$')}", ha="right", va="bottom", fontsize=SMALL,
                  color=BACKGROUNDS[0])


def grouped(backgrounds):
    """The largest, then the others together: (label, per bin), the largest first. backgrounds: name -> per bin."""
    rates = {name: np.array(values) for name, values in backgrounds.items() if np.any(np.array(values) > 0)}
    order = sorted(rates, key=lambda name: -rates[name].sum())
    most = MOST if len(order) > MOST + 1 else MOST + 1
    groups = [(symbol(name), rates[name]) for name in order[:most]]
    if order[most:]:
        groups.append((f"{len(order) - most} others", sum(rates[name] for name in order[most:])))
    return groups


def background_colour(index, label):
    return OTHERS if label.endswith(" others") else BACKGROUNDS[index]


def draw_spectra(axes, edges, signals, groups):
    """Backgrounds one on the other, the largest below; signals as lines. All per MeV."""
    width, below = np.diff(edges), np.zeros(len(edges) - 1)
    for index, (label, rates) in enumerate(groups):
        above = below + rates / width
        axes.stairs(above, edges, baseline=below, fill=True, color=background_colour(index, label), alpha=0.55,
                    linewidth=0)
        below = above
    if groups:
        axes.stairs(below, edges, color=BACKGROUNDS[0], linewidth=0.8, baseline=None)
    highest, lowest = below.max(), np.inf
    for model, rates in signals.items():
        colour, dashes = MODEL_STYLES[model]
        axes.stairs(rates / width, edges, color=colour, linestyle=dashes, linewidth=1.1, baseline=None)
        highest, lowest = max(highest, (rates / width).max()), min(lowest, (rates / width).min())
    axes.set(yscale="log", xlim=(edges[0], edges[-1]), ylim=(max(lowest, SHOWN_SHARE * highest) / 2, 2 * highest))
    numbers_on(axes.yaxis)
    axes.set_xlabel("visible energy $T$ [MeV]")


def rate_text(per_day):
    return f"{per_day:,.0f}" if per_day >= 1e4 else f"{per_day:.4g}"


def draw_rates(axes, rows):
    """Bars of all events per day, with the numbers: (label, per day, colour)."""
    places = np.arange(len(rows), dtype=float)
    values = np.array([rate for _, rate, _ in rows])
    axes.barh(places, values, height=0.68, color=[colour for _, _, colour in rows], alpha=0.8)
    axes.set_yticks(places, [label for label, _, _ in rows])
    low = max(values[values > 0].min(initial=1.0), 1e-5 * values.max()) / 3
    axes.set(xscale="log", xlim=(low, 15 * values.max()), ylim=(max(places[-1], 3) + 0.6, -0.6),
             xlabel="events per day")
    numbers_on(axes.xaxis)
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_tick_params(length=0)
    for place, value in zip(places, values):
        axes.text(max(value, low) * 1.25, place, rate_text(value), va="center", fontsize=SMALL)


def draw_response(axes, response):
    """The resolution on the left scale, the others, which are near 1, on the right one."""
    energies = np.array(response["energies_MeV"])
    axes.set(xlim=(energies[0], energies[-1]), xlabel="visible energy $T$ [MeV]")
    near_one = [key for key in ("efficiency", "energy_scale") if response[key]]
    panels = {"relative_resolution": axes} if response["relative_resolution"] else {}
    if near_one:
        other = axes.twinx() if panels else axes
        panels.update(dict.fromkeys(near_one, other))
        other.set_ylabel(", ".join(RESPONSES[key][0] for key in near_one) + " [%]")
    lines = []
    for key, panel in panels.items():
        label, colour, dashes = RESPONSES[key]
        values = 100 * np.array(response[key])
        lines += panel.plot(energies, values, color=colour, linestyle=dashes, label=label)
        room = 1.5 if len(panels) > 2 else 1.3  # for the legend
        panel.set_ylim(0, max(room * values.max(), panel.get_ylim()[1] if key == "energy_scale" else 0))
    if "relative_resolution" in panels:
        axes.set_ylabel(f"{RESPONSES['relative_resolution'][0]} [%]")
    if lines:
        axes.legend(handles=lines, loc="upper right", handlelength=2.4, ncols=2, columnspacing=1)
    else:
        axes.yaxis.set_major_locator(NullLocator())
        axes.text(0.5, 0.5, "perfect: visible energy is\ndeposited energy, all is recorded", ha="center", va="center",
                  transform=axes.transAxes, fontsize=SMALL)


class Description:
    """What `nuloop show` knows of an experiment."""

    def __init__(self, text):
        self.known = json.loads(text)
        self.edges = np.array(self.known["edges_MeV"])
        decays = self.known["counts"] != "scattered electrons"
        self.signals = {name: np.array(values) for name, values in self.known["signals"].items()
                        if name in (("lo",) if decays else ("lo", "nlo"))}
        self.labels = {name: "signal" if decays else f"signal, {SHORT_MODELS[name]}" for name in self.signals}
        self.groups = grouped(self.known["backgrounds"])

    def sketch(self, axes):
        muons = self.known["muons"]
        cores = [(core["title"], f"{core['thermal_power_GW']:.4g} GW", f"{core['baseline_m']:.4g} m")
                 for core in self.known["cores"]]
        draw_sketch(axes, cores, f"{self.known['mass_t']:.4g} t", muons and f"{muons['flux_per_m2_s']:.4g} /m2/s")
        axes.set_title(plain(self.known["title"]), loc="left",
                       color=EXPERIMENTS.get(self.known["name"], ("", OWN_COLOURS[0]))[1])

    def rows(self):
        signals = [(self.labels[name], values.sum(), MODEL_STYLES[name][0]) for name, values in self.signals.items()]
        return signals + [(label, rates.sum(), background_colour(index, label))
                          for index, (label, rates) in enumerate(self.groups)]

    def handles(self):
        lines = [plt.Line2D([], [], color=MODEL_STYLES[name][0], linestyle=MODEL_STYLES[name][1], label=label)
                 for name, label in self.labels.items()]
        return lines + [Rectangle((0, 0), 1, 1, color=background_colour(index, label), alpha=0.55, label=label)
                        for index, (label, _) in enumerate(self.groups)]

    def notes(self):
        known = self.known
        loads = sorted({core["load_factor"] for core in known["cores"]})
        parts = [f"{known['name']}: {known['counts']}",
                 f"{known['observable']} energy" if known["counts"] == "scattered electrons" else "prompt energy",
                 f"flux {known['flux']}", f"load factor {' and '.join(f'{load:g}' for load in loads)}"]
        if known["recorded_share"] != 1:
            parts.append(f"{100 * known['recorded_share']:.4g} % of all events recorded")
        if known["response"]["energy_scale"]:
            parts.append("visible/deposited against deposited energy")
        parts = [*map(plain, parts)]
        if known["counts"] == "scattered electrons":
            parts.append(rf"$\sin^2\theta_W$ of LO {known['sin2_theta_w']:g}")
        return "; ".join([*parts, known["creator"]]) + "."


def draw(page):
    shown = Description(page.source.read_text())
    kinds = ("setup", "spectra")
    for part in ([kind] for kind in kinds) if page.talk else [kinds]:
        figure, panels = page.grid(page.source, ("quantity", len(part)), ("quantity", 2), 2.5)
        for kind, (left, right) in zip(part, panels):
            if kind == "setup":
                shown.sketch(left)
                draw_rates(right, shown.rows())
            else:
                draw_spectra(left, shown.edges, shown.signals, shown.groups)
                left.set_ylabel("events [1/(day MeV)]")
                draw_response(right, shown.known["response"])
        yield part[0] if page.talk else "", page.finish(figure, shown.notes(), shown.handles())


def main():
    asked = options("DESCRIPTION.json").parse_args()
    page = Page(asked.source, asked.size)
    figures = list(draw(page))
    # The pictures' name: another one than that of the figure of a result NAME.h5.
    page.source = Path(json.loads(page.source.read_text())["name"] + "-experiment.h5")
    print(", ".join(str(path) for part, figure in figures for path in page.save(figure, part)), file=sys.stderr)


if __name__ == "__main__":
    main()
