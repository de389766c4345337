"""Median and bands of the significance against running time, from a result of jobs/bands.toml."""
# SPDX-License-Identifier: GPL-3.0-or-later
import sys

import numpy as np

from style import MODELS, Result, experiment_style, plt, save

DISCOVERY = 5.0  # sigma
BANDS = [(0, 4, 0.18, "95 %"), (1, 3, 0.34, "68 %")]  # positions of the quantiles, opacity, name
MEDIAN = 2
SHORT = {"lo+cr": "LO + CR"}
TICKS = {7 / 365.25: "1 wk", 1 / 12: "1 mo", 1 / 2: "6 mo", 2: "2 yr", 10: "10 yr"}


def first_reached(years, significance):
    """When a curve passes the discovery line for good; 0 if before the axis begins, infinity if after its end."""
    below = np.flatnonzero(significance < DISCOVERY)
    if not len(below):
        return 0.0
    low = below[-1]
    if low + 1 == len(years):
        return np.inf
    share = (DISCOVERY - significance[low]) / (significance[low + 1] - significance[low])
    return np.exp(np.log(years[low]) + share * np.log(years[low + 1] / years[low]))


def shown_years(time, years):
    """Two digits, or that it is off the axis."""
    if years[0] <= time <= years[-1]:
        return f"{time:.2g}"
    return f"< {years[0]:.2g}" if time < years[0] else f"> {years[-1]:.2g}"


def discovery_times(years, quantiles):
    """(early, late) of each band, and the median: early is where the upper quantile reaches five sigma."""
    at = [first_reached(years, quantile) for quantile in quantiles.T]
    return [(at[high], at[low]) for low, high, _, _ in BANDS], at[MEDIAN]


def draw_panel(axes, years, significance, quantiles, colour):
    for low, high, opacity, name in BANDS:
        axes.fill_between(years, quantiles[:, low], quantiles[:, high], color=colour, alpha=opacity,
                          linewidth=0, label=f"{name} of pseudo-experiments")
    axes.plot(years, quantiles[:, MEDIAN], color=colour, linewidth=1.6, label="median")
    axes.plot(years, significance, color="black", linestyle=(0, (5, 2)), linewidth=1.1,
              label=r"$\sqrt{\chi^2}$ of expected counts")
    axes.axhline(DISCOVERY, color="black", linestyle=(0, (1, 2)), linewidth=1.1)
    ranges, median = discovery_times(years, quantiles)
    for (early, late), width in zip(ranges, (3, 6)):
        if early < years[-1] and late > years[0]:
            axes.plot(np.clip([early, late], years[0], years[-1]), [DISCOVERY] * 2, color=colour,
                      linewidth=width, solid_capstyle="butt", zorder=4)
    if years[0] < median < years[-1]:
        axes.plot(median, DISCOVERY, "o", color="white", markeredgecolor=colour, markersize=5, zorder=5)
    lines = [rf"5$\sigma$: {shown_years(median, years)} yr"]
    lines += [f"{name}: {shown_years(early, years)} to {shown_years(late, years)}"
              for (early, late), (_, _, _, name) in reversed(list(zip(ranges, BANDS)))]
    axes.text(0.05, 0.95, "\n".join(lines), transform=axes.transAxes, va="top", fontsize=8.5, linespacing=1.35)


def main():
    result = Result(["experiment", "model", "exposure"], "toys")
    probability = result.values("toys/probability")
    if len(probability) != 5 or np.any(np.abs(probability + probability[::-1] - 1) > 1e-12):
        sys.exit(f"{result.path}: no figure for these quantiles")
    years = result.values("exposure")
    experiments, models = result.values("experiment"), result.values("model")
    significance, quantiles = result.array("toys/significance"), result.array("toys/quantile")

    figure, panels = plt.subplots(len(models), len(experiments), sharex=True, sharey="row", squeeze=False,
                                  figsize=(2.5 * len(experiments) + 0.8, 3.0 * len(models) + 1.1))
    for row, model in enumerate(models):
        for column, experiment in enumerate(experiments):
            axes = panels[row, column]
            label, colour, _ = experiment_style(experiment, column)
            draw_panel(axes, years, significance[column, row], quantiles[column, row], colour)
            axes.set_title(f"{label}: {SHORT.get(model, MODELS[model])}", fontsize=8.5, fontweight="bold")
        panels[row, 0].set(xscale="log", xlim=(years[0], years[-1]),
                           ylim=(-2, max(1.15 * significance[:, row].max(), 2 * DISCOVERY)),
                           ylabel=r"significance of LO data against the model ($\sigma$)")
    ticks = {year: text for year, text in TICKS.items() if years[0] * 0.999 <= year <= years[-1] * 1.001}
    for axes in panels[-1]:
        axes.set_xticks(list(ticks), ticks.values(), rotation=45, ha="right", rotation_mode="anchor")
        axes.set_xticks([], minor=True)
        axes.set_xlabel("running time")
    handles, labels = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="upper center", ncol=4, frameon=False, fontsize=9.5)
    height = figure.get_figheight()
    figure.subplots_adjust(left=0.6 / figure.get_figwidth(), right=0.99, bottom=0.65 / height,
                           top=1 - 0.6 / height, wspace=0.07, hspace=0.16)
    save(figure, result.path)


if __name__ == "__main__":
    main()
