"""How far each assumption moves the discovery time, from the results of jobs/influences/*.toml."""
# SPDX-License-Identifier: GPL-3.0-or-later
import sys
import tomllib
from pathlib import Path

import numpy as np

from style import MODELS, Result, experiment_style, open_result, plt, save

KNOWN = ["experiment", "model", "flux_uncertainty", "background_uncertainty"]
# Swept axis -> what it is called, and its unit where values have one.
ASSUMPTIONS = {
    "window.bin_width": ("bin width", " MeV"),
    "window.low": ("threshold", " MeV"),
    "flux": ("flux model", ""),
    "energy_per_fission": ("energy per fission", ""),
    "fuel": ("fuel", ""),
    "background": ("background model", ""),
    "resolution.stochastic": ("resolution at 1 MeV", " %"),
    "theory.hadronic_3_gamma_uncertainty": ("theory (Pi_3gamma)", " %"),
    "flux_shape.isotope_scale": ("flux shape", " x"),
    "isotope_yields.scale": ("isotope yields", " x"),
    "energy_scale_uncertainty": ("energy scale", " %"),
    "reactor_off.share": ("time without reactor", " %"),
}
# The muon models that describe the same place; None is the experiment's own.
BACKGROUNDS = {
    "cloud-surface": ["paper-surface", "flat-3mwe"],
    "cloud-25mwe": ["paper-25mwe", "flat-25mwe"],
    "tao-30m": ["paper-25mwe", "flat-25mwe", "tao-10mwe"],
    "tao-44m": ["paper-25mwe", "flat-25mwe", "tao-10mwe"],
}
OWN = "the experiment's own"
FIGURE_UNCERTAINTY = 0.005
LOW, HIGH = 1e-3, 1e6  # discovery time over the nominal one
TICKS = [0.01, 0.1, 0.5, 0.8, 1, 1.25, 2, 10, 100, 1000]
NEGLIGIBLE = 1e-3  # ends closer to nominal carry no label
STYLES = {"nlo": {"facecolor": "#0b3c8c", "edgecolor": "#0b3c8c"},
          "lo+cr": {"facecolor": "white", "edgecolor": "#b2161e", "hatch": "//////"}}
OTHER_STYLE = {"facecolor": "white", "edgecolor": "0.3", "hatch": "...."}


class Study(Result):
    """One result: discovery times over [experiment, model, flux uncertainty, swept axis]."""

    def __init__(self, path):
        self.path, self.file = path, open_result(path)
        dimensions = self.dimensions("discovery_time")
        swept = [axis for axis in dimensions if axis not in KNOWN]
        if len(swept) != 1:
            sys.exit(f"{path}: wants one swept axis, not {', '.join(swept) or 'none'}")
        self.axes = ["experiment", "model", "flux_uncertainty", swept[0]]
        if self.file["discovery_time"].size != np.prod([len(self.file[axis]) for axis in self.axes]):
            sys.exit(f"{path}: no figure for more than one background uncertainty")
        # The file calls the axis background_model: /background is taken.
        self.key = "background" if swept[0] == "background_model" else swept[0]
        self.settings = tomllib.loads(self.file.attrs["job"].decode())["settings"]
        self.swept = list(self.values(swept[0]))
        self.times = self.array("discovery_time")

    def grid(self):
        return [list(self.values(axis)) for axis in self.axes[:3]]

    def times_at(self, point):
        """Swept value -> years at a point of the grid; backgrounds of other places left out."""
        experiment = self.grid()[0][point[0]]
        wanted = BACKGROUNDS.get(experiment, []) if self.key == "background" else self.swept
        return {value: years for value, years in zip(self.swept, self.times[point])
                if value in wanted}


def number(setting):
    """A setting as the axis has it: "0.5 MeV" is 0.5."""
    if isinstance(setting, str) and setting[:1].isdigit():
        return float(setting.split()[0])
    return setting


def nominal_settings(studies):
    """Swept axis -> what the other studies set; an experiment decides where they are silent."""
    nominal = {}
    for study in studies:
        found = {number(other.settings.get(study.key)) for other in studies if other is not study}
        if len(found) > 1:
            sys.exit(f"{study.path.parent}: the studies set {study.key} differently: {found}")
        nominal[study.key] = found.pop() if found else None
    return nominal


def nominal_times(studies, nominal):
    """Years without any change over the grid: every study that has them must agree."""
    known = [(study, study.times[..., study.swept.index(nominal[study.key])]) for study in studies
             if nominal[study.key] in study.swept]
    if not known:
        sys.exit("no study has the nominal value on its axis")
    first, times = known[0]
    for study, others in known[1:]:
        # Two grids of quadrature may differ by their tolerance, 1e-10, which differences enhance.
        if not np.allclose(others, times, rtol=1e-6):
            sys.exit(f"{study.path}: its nominal times are not those of {first.path}")
    return times


def shown_value(key, value):
    if isinstance(value, str):
        return value
    unit = ASSUMPTIONS.get(key, ("", ""))[1]
    return f"{100 * value if unit == ' %' else value:g}{unit}"


def shown_time(years):
    if np.isinf(years):
        return "never"
    if years >= 1e5:
        exponent = int(np.floor(np.log10(years)))
        return f"{years / 10**exponent:.1f}e{exponent} yr"
    return f"{years:.0f} yr" if years >= 100 else f"{years:#.3g} yr"


class Influence:
    """What a study does to one configuration."""

    def __init__(self, study, point, nominal_value, nominal_years):
        self.key, self.nominal_value, self.nominal_years = study.key, nominal_value, nominal_years
        self.times = study.times_at(point)
        if self.times:
            self.first = min(self.times, key=self.times.get)
            self.last = max(self.times, key=self.times.get)

    def label(self):
        return ASSUMPTIONS.get(self.key, (self.key, ""))[0]

    def effect(self):
        """log(latest/earliest), nominal included; never counts as infinitely late."""
        if not self.times:
            return -1.0
        years = [*self.times.values(), self.nominal_years]
        return 0.0 if np.isinf(min(years)) else float(np.log(max(years) / min(years)))

    def ratios(self):
        """Earliest and latest time over the nominal one; NaN where both are never."""
        with np.errstate(invalid="ignore"):
            return [np.divide(self.times[value], self.nominal_years)
                    for value in (self.first, self.last)]


def write_table(file, grid, influences):
    experiments, models, uncertainties = grid
    print("Discovery times when one assumption is changed and the others stay nominal.", file=file)
    layout = "  {:<20} {:<22} {:<18} {:>11} {:>8}   {:<18} {:>11} {:>8}"
    for point, found in influences.items():
        experiment, model = experiments[point[0]], models[point[1]]
        print(f"\n{experiment}, {model}, flux uncertainty {100 * uncertainties[point[2]]:g} %: "
              f"nominal {shown_time(found[0].nominal_years)}", file=file)
        print(layout.format("assumption", "nominal", "earliest at", "", "ratio", "latest at", "",
                            "ratio").rstrip(), file=file)
        for influence in sorted(found, key=Influence.effect, reverse=True):
            if not influence.times:
                continue
            nominal = influence.nominal_value
            cells = [influence.label(),
                     OWN if nominal is None else shown_value(influence.key, nominal)]
            for value, ratio in zip((influence.first, influence.last), influence.ratios()):
                cells += [shown_value(influence.key, value), shown_time(influence.times[value]),
                          "-" if np.isnan(ratio) else f"{ratio:.4g}"]
            print(layout.format(*cells), file=file)


def position(ratio):
    """Where a ratio is drawn: by the root of its logarithm, so that per cents are seen beside
    orders of magnitude."""
    logarithm = np.log(np.clip(ratio, LOW, HIGH))
    return np.sign(logarithm) * np.sqrt(np.abs(logarithm))


def draw_bar(axes, height, thickness, model, influence):
    """The span of the times; each end that is not the nominal one says what brings it, and when."""
    ratios = influence.ratios()
    if any(np.isnan(ratios)):
        axes.annotate("never", (0, height), xytext=(4, 0), fontsize=7, textcoords="offset points",
                      va="center")
        return
    low, high = position(min(ratios[0], 1)), position(max(ratios[1], 1))
    axes.barh(height, high - low, left=low, height=thickness, linewidth=0.9, zorder=2,
              **STYLES.get(model, OTHER_STYLE))
    for value, ratio, side in ((influence.first, ratios[0], -1), (influence.last, ratios[1], 1)):
        if np.sign(ratio - 1) * side < 0 or abs(ratio - 1) < NEGLIGIBLE:
            continue
        text = f"{shown_value(influence.key, value)}: {shown_time(influence.times[value])}"
        at = low if side < 0 else high
        axes.annotate(text, (at, height), xytext=(3 * side, 0), textcoords="offset points",
                      ha="right" if side < 0 else "left", va="center", fontsize=7,
                      color=STYLES.get(model, OTHER_STYLE)["edgecolor"], zorder=3)


def draw_panel(axes, experiment, keys, labels, by_model):
    """by_model: model -> swept axis -> Influence."""
    thickness = 0.30
    for row, key in enumerate(keys):
        for offset, (model, influences) in zip((-0.19, 0.19), by_model.items()):
            if influences[key].times:
                draw_bar(axes, row + offset, thickness, model, influences[key])
            else:
                axes.annotate("no other model" if offset < 0 else "", (0, row), xytext=(5, 0),
                              textcoords="offset points", va="center", fontsize=7, color="0.4")
    axes.axvline(0, color="black", linewidth=0.9, zorder=4)
    axes.set(xlim=(-3.35, 4.0), ylim=(len(keys) - 0.5, -0.5))
    axes.set_yticks(range(len(keys)), labels)
    axes.tick_params(axis="y", length=0)
    axes.set_xticks([position(ratio) for ratio in TICKS], [f"{ratio:g}" for ratio in TICKS],
                    fontsize=8)
    for ratio in TICKS:
        axes.axvline(position(ratio), color="0.9", linewidth=0.6, zorder=0)
    for row in range(1, len(keys)):
        axes.axhline(row - 0.5, color="0.85", linewidth=0.6, zorder=0)
    years = ", ".join(f"{MODELS[model]} {shown_time(next(iter(found.values())).nominal_years)}"
                      for model, found in by_model.items())
    title = experiment_style(experiment, 0)[0]
    axes.set_title(title, fontsize=10, loc="left", fontweight="bold")
    axes.set_title(f"nominal: {years}", fontsize=8, loc="right")


def draw_key(axes, models, nominal):
    axes.axis("off")
    handles = [plt.Rectangle((0, 0), 1, 1, linewidth=0.9, **STYLES.get(model, OTHER_STYLE)) for model in models]
    axes.legend(handles, [MODELS[model] for model in models], loc="upper left", frameon=False,
                bbox_to_anchor=(0, 1.04), fontsize=9, handlelength=2.6, title_fontsize=9,
                title=f"Discovery time, flux uncertainty {100 * FIGURE_UNCERTAINTY:g} %",
                alignment="left")
    lines = ["One assumption at a time takes all its values while the others",
             "stay nominal. A bar spans the times that come out; its ends say",
             "which value gives the earliest and the latest time. The scale is",
             "stretched around the nominal time.", "",
             "The background is cosmogenic alone. A threshold of 0.5 MeV uses the",
             "gap below that of 11C, which radioactivity would fill.", "",
             "Flux shape and isotope yields: 1 x is as uncertain as published.", "", "Nominal:"]
    for key, value in nominal.items():
        shown = OWN if value is None else shown_value(key, value)
        lines.append(f"    {ASSUMPTIONS.get(key, (key, ''))[0]}: {shown}")
    axes.annotate("\n".join(lines), (0.02, 0.755), xycoords="axes fraction", va="top", fontsize=7.5,
                  linespacing=1.1)


def draw(path, grid, influences, nominal):
    experiments, models, uncertainties = grid
    at = int(np.argmin(np.abs(np.subtract(uncertainties, FIGURE_UNCERTAINTY))))
    panels = {experiment: {model: {found.key: found for found in influences[i, j, at]}
                           for j, model in reversed(list(enumerate(models)))}
              for i, experiment in enumerate(experiments)}

    def strongest(key):
        return max(found[key].effect() for panel in panels.values() for found in panel.values())

    keys = sorted(nominal, key=strongest, reverse=True)
    labels = [ASSUMPTIONS.get(key, (key, ""))[0] for key in keys]
    rows = len(panels) // 2 + 1
    figure, axes = plt.subplots(rows, 2, figsize=(12, 3.55 * rows), sharex=True, sharey=True,
                                squeeze=False)
    for panel, experiment in zip(axes.flat, experiments):
        draw_panel(panel, experiment, keys, labels, panels[experiment])
    for panel in axes.flat[len(experiments):]:
        panel.axis("off")
    for panel in axes.flat[max(len(experiments) - 2, 0):len(experiments)]:
        panel.tick_params(labelbottom=True)
        panel.set_xlabel("discovery time / nominal discovery time")
    draw_key(axes.flat[len(experiments)], list(reversed(models)),
             {key: nominal[key] for key in keys})
    figure.subplots_adjust(left=0.125, right=0.985, bottom=0.05, top=0.97, wspace=0.06, hspace=0.16)
    save(figure, path)


def main():
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit(f"usage: {Path(sys.argv[0]).name} FOLDER, the one with the results of the studies")
    folder = Path(sys.argv[1])
    studies = [Study(path) for path in sorted(folder.glob("*.h5"))]
    if not studies:
        sys.exit(f"{folder}: has no results")
    grid = studies[0].grid()
    for study in studies:
        if study.grid() != grid:
            sys.exit(f"{study.path}: its experiments, models or flux uncertainties are not those of "
                     f"{studies[0].path}")
    nominal = nominal_settings(studies)
    times = nominal_times(studies, nominal)
    influences = {point: [Influence(study, point, nominal[study.key], times[point])
                          for study in studies] for point in np.ndindex(times.shape)}
    target = folder.parent / (folder.name + ".h5")
    with open(target.with_suffix(".txt"), "w") as file:
        write_table(file, grid, influences)
    draw(target, grid, influences, nominal)


if __name__ == "__main__":
    main()
