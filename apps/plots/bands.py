"""Median and bands of the significance against running time, from a result of jobs/bands.toml."""
# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
from matplotlib.patches import Patch

from reading import Result, refuse  # noqa: F401  (jobs/results.py takes Result from here)
from style import SHORT_MODELS, SMALL, WANTED, assumptions, experiment_style, numbers_on, plt, run

WANTS = ("toys", ["experiment", "model", "exposure"])
EXPECTED = (0, (5, 2))
DISCOVERY = 5.0  # sigma
BANDS = [(0, 4, 0.18, "95 %"), (1, 3, 0.34, "68 %")]  # positions of the quantiles, opacity, name
MEDIAN = 2


def shown_years(time, years):
    """Two digits, or that it is off the axis."""
    if years[0] <= time <= years[-1]:
        return f"{time:.2g}"
    return f"<{years[0]:.2g}" if time < years[0] else f">{years[-1]:.2g}"


def discovery_times(at):
    """(early, late) of each band, and the median, of the times at which the quantiles pass the discovery line for good:
    early is where the upper quantile does."""
    return [(at[high], at[low]) for low, high, _, _ in BANDS], at[MEDIAN]


def draw_panel(axes, years, significance, quantiles, times, colour):
    for low, high, opacity, _ in BANDS:
        axes.fill_between(years, quantiles[:, low], quantiles[:, high], color=colour, alpha=opacity, linewidth=0)
    axes.plot(years, quantiles[:, MEDIAN], color=colour)
    axes.plot(years, significance, color="black", linestyle=EXPECTED, linewidth=0.9)
    axes.axhline(DISCOVERY, **WANTED)
    ranges, median = discovery_times(times)
    for (early, late), width in zip(ranges, (2, 4)):
        if early < years[-1] and late > years[0]:
            axes.plot(np.clip([early, late], years[0], years[-1]), [DISCOVERY] * 2, color=colour,
                      linewidth=width, solid_capstyle="butt", zorder=4)
    if years[0] < median < years[-1]:
        axes.plot(median, DISCOVERY, "o", color="white", markeredgecolor=colour, markersize=4, zorder=5)
    lines = [f"median {shown_years(median, years)} yr"]
    for (early, late), (_, _, _, name) in reversed(list(zip(ranges, BANDS))):
        low, high = (shown_years(time, years) for time in (early, late))
        lines.append(f"{name}: from {low} yr" if high.startswith(">") else f"{name}: {low}–{high} yr")
    axes.annotate("\n".join(lines), (0, 1), xycoords="axes fraction", xytext=(4.5, -4), textcoords="offset points",
                  va="top", fontsize=SMALL, linespacing=1.2, in_layout=False)


def handles(colour="0.3"):
    """What the shades and lines are."""
    shades = [Patch(color=colour, alpha=opacity, linewidth=0, label=f"{name} of the pseudo-experiments")
              for _, _, opacity, name in BANDS]
    return [*shades, plt.Line2D([], [], color=colour, label="median"),
            plt.Line2D([], [], color="black", linestyle=EXPECTED, linewidth=0.9,
                       label=r"$\sqrt{\chi^2}$ of expected counts")]


def figure_of(page, result, models, quantiles, significance, times):
    """A row of panels for each of the models, a column for each experiment."""
    years, experiments = result.values("exposure"), result.values("experiment")
    rows = [result.index("model", model) for model in models]
    figure, panels = page.grid(result.path, ("model", len(models)), ("experiment", len(experiments)), 2.7,
                               sharex=True, sharey="row")
    for (row, column), axes in np.ndenumerate(panels):
        label, colour, _ = experiment_style(experiments[column], column)
        draw_panel(axes, years, significance[column, rows[row]], quantiles[column, rows[row]],
                   times[column, rows[row]], colour)
        axes.set_title(f"{label}\n{SHORT_MODELS.get(models[row], models[row])}", color=colour)
        if column == 0:
            highest = max(significance[:, rows[row]].max(), quantiles[:, rows[row]].max())
            axes.set(xscale="log", xlim=(years[0], years[-1]), ylim=(-2, 1.45 * max(highest, DISCOVERY)))
            axes.set_ylabel(r"significance $z$ [$\sigma$]")
        if row == len(models) - 1:
            numbers_on(axes.xaxis)
            axes.set_xlabel("time [yr]" if len(experiments) > 3 else "running time [yr]")
    truth = {"reference": "are drawn of the reference"}.get(result.one_value("toys.truth"), "are drawn of the model")
    notes = assumptions(result, rf"$z$: signed root of the difference in $\chi^2$; counts {truth}. Bars: times to "
                        rf"{DISCOVERY:g} $\sigma$, between computed points; from and >: beyond the last one")
    return page.finish(figure, notes, handles())


def draw(page):
    result = page.read(WANTS[1], WANTS[0])
    probability = result.values("toys/probability")
    if len(probability) != 5 or np.any(np.abs(probability + probability[::-1] - 1) > 1e-12):
        refuse(result.path, "no figure for these quantiles")
    if len(result.values("exposure")) < 2:
        refuse(result.path, "no figure of one exposure: a band wants two or more")
    models = result.values("model")
    drawn = (result.array("toys/quantile"), result.array("toys/significance"),
             result.told("times")[f"years_to_{DISCOVERY:g}_sigma"])
    if page.talk and len(models) > 1:
        for model in models:
            yield model, figure_of(page, result, [model], *drawn)
    else:
        yield "", figure_of(page, result, models, *drawn)


if __name__ == "__main__":
    run(draw)
