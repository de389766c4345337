"""Significance against running time: Fig. 7 of arXiv:2410.00107, from a result of jobs/fig7.toml."""
# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np

from reading import refuse
from style import (SHORT_MODELS, SMALL, WANTED, assumptions, experiment_handles, experiment_style, numbers_on, run,
                   shown_years, wanted_sigma, within)

WANTS = ("reach", ["experiment", "model", "flux_uncertainty", "exposure"])
AGREES = 1e-9  # two builds of the program, relative
SPARSE = 1.6  # ratio of neighbouring exposures from which on the computed points are marked


def fine_curve(curves, place, years, chi2):
    """Exposures and significances on a fine grid, where the program's chi2 is that of the file; else nothing.

    place: of experiment, model and flux uncertainty."""
    if curves is None:
        return None
    fine, found = curves.values("exposure"), curves["chi2"][place]
    if not np.allclose(found[np.searchsorted(fine, years)], chi2, rtol=AGREES, atol=0):
        return None
    shown = (years[0] <= fine) & (fine <= years[-1])
    return fine[shown], np.sqrt(found[shown])


def draw_curve(axes, curves, place, years, found):
    """One experiment: found is its significance over years, its discovery time, its colour and dashes."""
    significance, time, sigma, colour, dashes = found
    inside = years[0] <= time <= years[-1]
    fine = fine_curve(curves, place, years, significance**2)
    if fine is None:
        # The stored values alone, of which the discovery time is one.
        x, y = (np.append(years, time), np.append(significance, sigma)) if inside else (years, significance)
        fine = x[np.argsort(x)], y[np.argsort(x)]
        if np.max(years[1:] / years[:-1]) > SPARSE:
            axes.plot(years, significance, ".", color=colour, markersize=2.5)
    axes.plot(*fine, color=colour, linestyle=dashes)
    if inside:
        axes.plot([time, time], [sigma, axes.get_ylim()[1]], color=colour, linewidth=0.5, alpha=0.6)
        axes.plot(time, sigma, "o", color=colour, markersize=3.5, zorder=4)


def name_times(axes, times, colours):
    """The discovery times that are shown, over the panel."""
    low, high = axes.get_xlim()
    width, height = axes.get_position().size * axes.figure.get_size_inches()
    gap = 4.6 * SMALL / 72 / width
    shown = [k for k, time in enumerate(times) if low <= time <= high]
    at = [np.log(times[k] / low) / np.log(high / low) for k in shown]
    for k, end, place in zip(shown, at, within(at, gap, 0.35 * gap, 1 - 0.45 * gap)):
        axes.annotate(shown_years(times[k]), (end, 1), xycoords="axes fraction", xytext=(place, 1 + 1.2 / 72 / height),
                      textcoords="axes fraction", ha="center", va="bottom", fontsize=SMALL, color=colours[k])


def draw(page):
    result = page.read(WANTS[1])
    years, experiments, models, uncertainties = (
        result.values(axis) for axis in ("exposure", "experiment", "model", "flux_uncertainty"))
    if len(years) < 2:
        refuse(result.path, "no figure of one exposure: a curve wants two or more; `nuloop report` has the numbers")
    significance, times, sigma = result.array("significance"), result.array("discovery_time"), wanted_sigma(result)
    styles = [experiment_style(name, k) for k, name in enumerate(experiments)]
    curves = result.told("curves", required=False)

    figure, panels = page.grid(result.path, ("flux_uncertainty", len(uncertainties)), ("model", len(models)), 2.2,
                               sharex=True, sharey=True)
    panels[0, 0].set(xscale="log", xlim=(years[0], years[-1]), ylim=(0, 1.08 * max(significance.max(), sigma)))
    later = []
    for (row, column), axes in np.ndenumerate(panels):
        axes.axhline(sigma, **WANTED)
        for k, (_, colour, dashes) in enumerate(styles):
            place = k, column, row
            draw_curve(axes, curves, place, years, (significance[place], times[place], sigma, colour, dashes))
        axes.set_title(f"{SHORT_MODELS.get(models[column], models[column])}, flux known to "
                       f"{100 * uncertainties[row]:g} %", loc="left", pad=1.75 * SMALL)
        later.append(lambda axes=axes, at=times[:, column, row]: name_times(axes, at, [style[1] for style in styles]))
    numbers_on(panels[0, 0].xaxis)
    for axes in panels[-1]:
        axes.set_xlabel("running time [yr]")
    for axes in panels[:, 0]:
        axes.set_ylabel(r"significance [$\sigma$]")
    notes = assumptions(result, r"Significance: $\sqrt{\chi^2}$ of expected counts, least over the pulls. Dots: "
                        rf"{sigma:g} $\sigma$ after the time above", leave=("flux_uncertainty", "model"))
    yield "", page.finish(figure, notes, experiment_handles(experiments), later)


if __name__ == "__main__":
    run(draw)
