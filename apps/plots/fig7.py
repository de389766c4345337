"""Significance against running time: Fig. 7 of arXiv:2410.00107, from a result of jobs/fig7.toml."""
# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np

from reading import refuse
from style import (SHORT_MODELS, SMALL, WANTED, assumptions, experiment_handles, experiment_style, numbers_on, run,
                   shown_years, wanted_sigma, within)

WANTS = ("reach", ["experiment", "model", "flux_uncertainty", "exposure"])
DAYS = 365.25  # per Julian year
# Leaving out one of the further pulls, of the smallest size that is printed, moves chi2 by more than this.
AGREES = 1e-9
SPARSE = 1.6  # ratio of neighbouring exposures from which on the computed points are marked


def closed_form(rates, pulls, years):
    """chi2 against LO of pulls on the normalisations, from daily rates of bins: (d, v), and what a pull of one
    sigma adds, [pull, bin]: with days t it is d' (v/t + sum of p p')^-1 d (arXiv:2410.00107)."""
    difference, variance = rates
    days = DAYS * years[:, None, None]
    both = (pulls / variance) @ pulls.T
    projected = pulls @ (difference / variance)
    inner = np.linalg.solve(np.eye(len(pulls)) + days * both, np.broadcast_to(
        projected[:, None], (len(years), len(pulls), 1)))
    return days[:, 0, 0] * (difference**2 / variance).sum() - days[:, 0, 0]**2 * (inner[..., 0] @ projected)


def fine_curve(result, place, years, chi2):
    """The closed form on a fine grid where it gives the file's chi2; else nothing.

    place: of experiment, model and flux uncertainty."""
    background = result.one_value("background_uncertainty")
    if "rates/signal" not in result.file or background is None:
        return None
    signal, lo, difference, cosmogenic = (result.array(f"rates/{name}") for name in (
        "signal", "signal_lo", "signal_difference", "background"))
    if signal.ndim != 3:  # bins of different axes
        return None
    signal, lo, difference, cosmogenic = (part[place[:2]] for part in (signal, lo, difference, cosmogenic))
    pulls = np.array([result.values("flux_uncertainty")[place[2]] * signal, float(background) * cosmogenic])
    rates = difference, lo + cosmogenic
    if not np.allclose(closed_form(rates, pulls, years), chi2, rtol=AGREES, atol=0):
        return None
    fine = np.unique(np.append(np.geomspace(years[0], years[-1], 300), years))
    return fine, np.sqrt(closed_form(rates, pulls, fine))


def draw_curve(axes, result, place, years, found):
    """One experiment: found is its significance over years, its discovery time, its colour and dashes."""
    significance, time, sigma, colour, dashes = found
    inside = years[0] <= time <= years[-1]
    fine = fine_curve(result, place, years, significance**2)
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

    figure, panels = page.grid(result.path, ("flux_uncertainty", len(uncertainties)), ("model", len(models)), 2.2,
                               sharex=True, sharey=True)
    panels[0, 0].set(xscale="log", xlim=(years[0], years[-1]), ylim=(0, 1.08 * max(significance.max(), sigma)))
    later = []
    for (row, column), axes in np.ndenumerate(panels):
        axes.axhline(sigma, **WANTED)
        for k, (_, colour, dashes) in enumerate(styles):
            place = k, column, row
            draw_curve(axes, result, place, years, (significance[place], times[place], sigma, colour, dashes))
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
