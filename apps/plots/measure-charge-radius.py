"""Expected intervals on the charge radius beside published limits, from jobs/measure-charge-radius/*.toml."""
# SPDX-License-Identifier: GPL-3.0-or-later
import tomllib
from pathlib import Path

import numpy as np

from style import Result, experiment_style, folder, plt, save

STANDARD_MODEL = -8.275  # 1e-33 cm2: -GF/(2 sqrt2 pi^2) [3 - 2 ln(me^2/mW^2)], arXiv:2410.00107
UNIT = 1e-33  # cm2
SHADES = (0.55, 0.30, 0.16)  # of 68, 90 and 95 %
FAMILY, COMPLETE = "lo+cr", "nlo"
YEARS = [1, 5]  # of the limits beside the published ones
LOW, HIGH = -23, 8  # 1e-33 cm2
ZOOM = (-15.5, 2.5)
NINETY = 0.90


def ends(result, **names):
    """The intervals' lower and upper ends in 1e-33 cm2, levels last."""
    return [result.at(f"measurement/interval_{side}", **names) / UNIT for side in ("low", "high")]


def reference_lines(draw, unit=1):
    """No radius and the Standard Model's; `unit` in 1e-33 cm2."""
    draw(0, color="black", linewidth=0.8, zorder=1.5)
    draw(STANDARD_MODEL / unit, color="black", linewidth=0.9, linestyle=(0, (1, 2)), zorder=1.5)


def draw_bands(axes, result, experiment, index, uncertainty, levels):
    years = result.values("exposure")
    _, colour, _ = experiment_style(experiment, index)
    point = {"experiment": experiment, "flux_uncertainty": uncertainty}
    low, high = ends(result, reference=FAMILY, **point)
    for level in reversed(range(len(levels))):
        axes.fill_between(years, low[:, level], high[:, level], color=colour, alpha=SHADES[level],
                          linewidth=0, zorder=1)
    complete = result.at("measurement/best_fit", reference=COMPLETE, **point) / UNIT
    axes.plot(years, complete, color="black", linewidth=1.6, linestyle=(0, (5, 2)), zorder=3)
    ninety = levels.index(NINETY)
    for side in ends(result, reference=COMPLETE, **point):
        axes.plot(years, side[:, ninety], color="black", linewidth=1.0, linestyle=(0, (1.2, 1.2)), zorder=3)
    reference_lines(axes.axhline)
    axes.set(xscale="log", xlim=(years[0], years[-1]), ylim=(LOW, HIGH))
    axes.set_xticks([0.2, 1, 5], ["0.2", "1", "5"])
    axes.set_xticks([], minor=True)


def excludes_zero(years, high):
    """From when on a radius of zero is outside, as text."""
    below = np.flatnonzero(high < 0)
    if not len(below):
        return f"above {years[-1]:g}"
    first = below[0]
    if first == 0:
        return f"below {years[0]:g}"
    share = high[first - 1] / (high[first - 1] - high[first])
    return f"{years[first - 1] * (years[first] / years[first - 1])**share:.2f}"


def bars(axes, rows):
    """One row per limit: (name, low, high, colour, whether expected), in the axes' unit, from top to bottom."""
    for place, (name, low, high, colour, expected) in enumerate(rows):
        height = len(rows) - place
        axes.plot([low, high], [height, height], color=colour, linewidth=5 if expected else 2.2,
                  solid_capstyle="butt", zorder=3)
        if not expected:
            for end in (low, high):
                axes.plot([end, end], [height - 0.2, height + 0.2], color=colour, linewidth=2.2, zorder=3)
    axes.set(ylim=(0.4, len(rows) + 0.6))
    axes.set_yticks(range(len(rows), 0, -1), [row[0] for row in rows])
    axes.tick_params(axis="y", length=0)


def expected_rows(result, levels, scale, uncertainties, years):
    ninety = levels.index(NINETY)
    rows = []
    for index, experiment in enumerate(result.values("experiment")):
        label, colour, _ = experiment_style(experiment, index)
        for uncertainty in uncertainties:
            for exposure in years:
                low, high = (float(end[ninety]) * scale
                             for end in ends(result, experiment=experiment, reference=FAMILY,
                                             flux_uncertainty=uncertainty, exposure=exposure))
                rows.append((f"{label}, {100 * uncertainty:g} %, {exposure} yr", low, high, colour, True))
    return rows


def published():
    path = Path(__file__).parent / "published_charge_radii.toml"
    with open(path, "rb") as file:
        return tomllib.load(file)["limit"]


def draw_limits(axes, result, levels, uncertainties):
    """Published limits and, hardly wider than a line, what is expected, in 1e-32 cm2."""
    rows = [(limit["name"], limit["low"], limit["high"], "0.35", False) for limit in published()]
    for name, low, high, colour, expected in expected_rows(result, levels, 0.1, uncertainties[:1], YEARS[:1]):
        rows.append((name.rsplit(", ", 2)[0] + f", {YEARS[0]} yr", low, high, colour, expected))
    bars(axes, rows)
    reference_lines(axes.axvline, 10)
    axes.set_xlim(-9, 12.5)
    axes.set_xlabel(r"$\langle r^2_{\nu_e}\rangle$ ($10^{-32}$ cm$^2$)")
    for place, limit in enumerate(published()):
        axes.annotate(r"$\bar\nu_e$" if limit["neutrino"] == "nuebar_e" else r"$\nu_e$",
                      (limit["high"], len(rows) - place), xytext=(6, 0), textcoords="offset points",
                      va="center", fontsize=9, color="0.35")


def draw_zoom(axes, result, levels, uncertainties):
    """The expected ones alone, in 1e-33 cm2."""
    rows = expected_rows(result, levels, 1, uncertainties, YEARS)
    bars(axes, rows)
    reference_lines(axes.axvline)
    axes.set_xlim(*ZOOM)
    axes.tick_params(axis="y", labelsize=7.5)
    axes.set_xlabel(r"$\langle r^2_{\nu_e}\rangle$ ($10^{-33}$ cm$^2$)")


def draw(path, result, levels):
    experiments, uncertainties = result.values("experiment"), list(result.values("flux_uncertainty"))
    columns = len(experiments)
    figure = plt.figure(figsize=(2.55 * columns + 1.0, 12.2))
    top = figure.add_gridspec(len(uncertainties), columns, left=0.062, right=0.945, bottom=0.475, top=0.885,
                              wspace=0.06, hspace=0.10)
    for row, uncertainty in enumerate(uncertainties):
        for column, experiment in enumerate(experiments):
            axes = figure.add_subplot(top[row, column])
            draw_bands(axes, result, experiment, column, uncertainty, levels)
            label, colour, _ = experiment_style(experiment, column)
            if row == 0:
                axes.set_title(label, fontsize=11, fontweight="bold", color=colour)
            axes.tick_params(labelleft=column == 0, labelbottom=row == len(uncertainties) - 1)
            if row == len(uncertainties) - 1:
                axes.set_xlabel("running time (yr)")
            if column == 0:
                axes.set_ylabel(f"flux uncertainty {100 * uncertainty:g} %\n"
                                r"$\langle r^2_{\nu_e}\rangle$ ($10^{-33}$ cm$^2$)")
            if column == columns - 1:
                for place, name in ((0, "no charge\nradius"), (STANDARD_MODEL, "Standard\nModel")):
                    axes.annotate(name, (1, place), xycoords=axes.get_yaxis_transform(), xytext=(4, 0),
                                  textcoords="offset points", va="center", fontsize=8.5)
    bottom = figure.add_gridspec(1, 2, left=0.135, right=0.985, bottom=0.045, top=0.365, wspace=0.36)
    limits, zoom = (figure.add_subplot(bottom[0, column]) for column in range(2))
    draw_limits(limits, result, levels, uncertainties)
    draw_zoom(zoom, result, levels, uncertainties)
    heading = {"fontsize": 12.5, "fontweight": "bold", "va": "bottom"}
    text = {"fontsize": 9.5, "va": "bottom", "linespacing": 1.35}
    figure.text(0.02, 0.967, "What five detectors would measure of the charge radius of the electron neutrino",
                **heading)
    figure.text(0.02, 0.912,
                "The fit has tree level at a known mixing angle and a free charge radius. Bands: intervals at 68, 90 "
                "and 95 % where the data are LO + charge radius\nof the Standard Model. Black: where the data are the "
                "complete NLO, whose other loops the fit takes for a charge radius; dashed the best fit, dotted its\n"
                "interval at 90 %.", **text)
    figure.text(0.02, 0.408, "Limits at 90 %, published and expected", **heading)
    figure.text(0.02, 0.377, f"Left: after {YEARS[0]} year at a flux uncertainty of "
                f"{100 * uncertainties[0]:g} %. Right: the expected ones alone, by flux uncertainty and running time. "
                "Dotted: the Standard Model.", **text)
    save(figure, path)


def write_table(file, result, levels):
    layout = "{:<14} {:>6} {:>9} {:>22} {:>22} {:>20} {:>14}"
    ninety = levels.index(NINETY)
    years = result.values("exposure")
    print("Charge radius of the electron neutrino in 1e-33 cm2: intervals at 90 %. Data LO + charge radius: that of "
          "the\nStandard Model, and the running time from which the interval does not hold zero. Data NLO: what the "
          "fit, which\nknows no other loops, takes for a charge radius.\n", file=file)
    print(layout.format("experiment", "flux", "time (yr)", "interval", "NLO data", "best fit, NLO data",
                        "zero out (yr)"), file=file)
    for experiment in result.values("experiment"):
        for uncertainty in result.values("flux_uncertainty"):
            point = {"experiment": experiment, "flux_uncertainty": uncertainty}
            out = excludes_zero(years, ends(result, reference=FAMILY, **point)[1][:, ninety])
            for exposure in (1, 10):
                shown = []
                for reference in (FAMILY, COMPLETE):
                    low, high = (end[ninety] for end in ends(result, reference=reference, exposure=exposure, **point))
                    shown.append(f"{low:.2f} to {high:.2f}")
                best = result.at("measurement/best_fit", reference=COMPLETE, exposure=exposure, **point) / UNIT
                print(layout.format(experiment, f"{100 * uncertainty:g} %", exposure, *shown, f"{best:.2f}",
                                    out), file=file)


def main():
    results = folder()
    result = Result(["experiment", "reference", "flux_uncertainty", "exposure"], kind="measurement",
                    path=results / "intervals.h5")
    levels = [float(level) for level in result.values("measurement/level")]
    target = results.parent / (results.name + ".h5")
    with open(target.with_suffix(".txt"), "w") as file:
        write_table(file, result, levels)
    draw(target, result, levels)


if __name__ == "__main__":
    main()
