"""What must fit into the uncertainty of the signal's normalisation, and the discovery time against that uncertainty,
from a result of jobs/budget.toml."""
# SPDX-License-Identifier: GPL-3.0-or-later
import tomllib
from pathlib import Path

import numpy as np
from matplotlib.ticker import MultipleLocator

from reading import refuse
from style import (GREY, SHORT_MODELS, SMALL, assumptions, experiment_handles, experiment_style, numbers_on, plt, run,
                   wanted_sigma)

WANTS = ("reach", ["experiment", "model", "flux_uncertainty"])
ALONG = "flux_uncertainty"
PARTS = Path(__file__).with_name("published_normalisation.toml")
FLUX = "flux per fission"  # what inverse beta decays in the same detector may measure
LOW, HIGH = 0.05, 1e5      # years, of the axis at most
WIDTHS = {"nlo": 1.4, "lo+cr": 0.7}


def parts():
    """Name and size of each part, and whether it is in the sum."""
    with open(PARTS, "rb") as file:
        return [(part["name"], part["size"], part.get("sum", True)) for part in tomllib.load(file)["part"]]


def in_quadrature(leave=()):
    return float(np.sqrt(sum(size**2 for name, size, counts in parts() if counts and name not in leave)))


def bars():
    """(name, size, colour) from top to bottom: the parts by size, and their sums."""
    each = sorted(((name, size, "0.62" if counts else "0.85") for name, size, counts in parts()),
                  key=lambda bar: -bar[1])
    return [("all in quadrature", in_quadrature(), "black"),
            ("without the flux", in_quadrature([FLUX]), "0.3"), *each]


def draw_bars(axes):
    shown = bars()
    axes.barh(range(len(shown)), [100 * size for _, size, _ in shown], color=[colour for *_, colour in shown],
              height=0.7)
    axes.set_yticks(range(len(shown)), [name for name, *_ in shown])
    axes.tick_params(axis="y", which="both", length=0)
    axes.minorticks_on()
    axes.yaxis.set_tick_params(which="minor", left=False, right=False)
    axes.invert_yaxis()
    for place, (_, size, _) in enumerate(shown):
        inside = 100 * size > 0.8 * axes.get_xlim()[1]
        axes.annotate(f"{100 * size:.2g} %", (100 * size, place), xytext=(-3 if inside else 3, 0),
                      textcoords="offset points", ha="right" if inside else "left", va="center", fontsize=SMALL,
                      color="white" if inside else GREY)


def draw_times(axes, result):
    uncertainties = 100 * result.values("flux_uncertainty")
    times = result.array("discovery_time")
    for i, name in enumerate(result.values("experiment")):
        _, colour, dashes = experiment_style(name, i)
        for j, model in enumerate(result.values("model")):
            years = times[i, j]
            axes.plot(uncertainties, np.where(np.isfinite(years), years, np.nan), color=colour, linestyle=dashes,
                      linewidth=WIDTHS.get(model, 1.0))
    shown = times[np.isfinite(times)]
    axes.set(yscale="log", xlim=(0, max(uncertainties[-1], 105 * in_quadrature())),
             ylim=(max(0.7 * shown.min(initial=1), LOW), min(1.5 * shown.max(initial=1), HIGH)))
    numbers_on(axes.yaxis)


def draw(page):
    result = page.read(WANTS[1])
    if len(result.values(ALONG)) < 2:
        refuse(result.path, f"no figure of one {ALONG}: a curve wants two or more")
    sigma = wanted_sigma(result)
    rows, columns = (1, 2) if page.talk else (2, 1)
    figure, panels = page.grid(result.path, ("panel", rows), ("panel", columns), 3.0, sharex=True)
    upper, lower = panels.flat
    draw_times(upper, result)
    draw_bars(lower)
    for axes in panels.flat:
        for size in (in_quadrature([FLUX]), in_quadrature()):
            axes.axvline(100 * size, color="0.6", linewidth=0.6, linestyle=(0, (1, 2)), zorder=0.5)
        axes.xaxis.set_major_locator(MultipleLocator(0.5))
    upper.set_ylabel(rf"time to {sigma:g} $\sigma$ [yr]")
    for axes in panels[-1]:
        axes.set_xlabel("uncertainty of the signal's counts [%]")
    lines = [plt.Line2D([], [], color="black", linewidth=WIDTHS.get(model, 1.0), label=SHORT_MODELS.get(model, model))
             for model in result.values("model")]
    notes = assumptions(result, rf"Time until the model is rejected at {sigma:g} $\sigma$, up to {HIGH:,.0f} yr",
                        "sizes and sources in jobs/RESULTS.md; the lightest bar is not in the sums",
                        leave=("flux_uncertainty", "model"))
    yield "", page.finish(figure, notes, experiment_handles(result.values("experiment")) + lines)


if __name__ == "__main__":
    run(draw)
