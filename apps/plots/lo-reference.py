"""Discovery time against sin^2(theta_W) of the LO hypothesis, from a result of jobs/lo-reference.toml."""
# SPDX-License-Identifier: GPL-3.0-or-later
from itertools import product

import numpy as np
from matplotlib.ticker import MaxNLocator

from reading import refuse
from style import (GREY, SHORT_MODELS, SMALL, assumptions, experiment_handles, experiment_style, numbers_on, plt, run,
                   wanted_sigma)

ANGLE = "lo.sin2_theta_w"
WANTS = ("reach", ["experiment", "model", "observable", ANGLE, "flux_uncertainty"])
# configs/named_values.toml has where they come from.
MARKS = [(0.23122, r"$\overline{\mathrm{MS}}$, $m_Z$"), (0.2334, "fitted"), (0.2386, "low energy")]
# Times that arXiv:2410.00107 quotes for NLO at 5 sigma and a flux uncertainty of 0.5 %, in years.
QUOTED = {"cloud-surface": 10.0, "tao-30m": 5.25}
QUOTED_FOR = ("electromagnetic", 0.005, 5.0)
HIGH = 3e4  # years, of the axis at most
WIDTHS = {"nlo": 1.4, "lo+cr": 0.6}


def draw_quoted(axes, s2, years, quoted, colour):
    """Where the curve, falling, passes the time that the paper quotes."""
    falling = s2 > s2[np.argmax(years)]
    if years[falling].min(initial=np.inf) < quoted < years.max():
        axes.plot(np.interp(-np.log(quoted), -np.log(years[falling]), s2[falling]), quoted, "D", color=colour,
                  markersize=4.5, markeredgecolor="black", markeredgewidth=0.6, zorder=3)


def draw_marks(axes, s2):
    """Named angles, named over the panel."""
    for mark, label in MARKS:
        if s2[0] <= mark <= s2[-1]:
            axes.axvline(mark, color="0.6", linewidth=0.6, linestyle=(0, (1, 2)), zorder=0.5)
            axes.annotate(label, (mark, 1), xycoords=axes.get_xaxis_transform(), xytext=(0, 2), ha="center",
                          textcoords="offset points", va="bottom", fontsize=SMALL, color=GREY)


def handles(experiments, models, quoted):
    lines = [plt.Line2D([], [], color="black", linewidth=WIDTHS.get(model, 1.0), label=SHORT_MODELS.get(model, model))
             for model in models]
    if quoted:
        lines.append(plt.Line2D([], [], marker="D", linestyle="none", color="white", markeredgecolor="black",
                                markersize=4.5, label="time in arXiv:2410.00107 (NLO)"))
    return experiment_handles(experiments) + lines


def draw(page):
    result = page.read(WANTS[1])
    experiments, models, observables, s2, uncertainties = (result.values(axis) for axis in result.axes)
    if len(s2) < 2:
        refuse(result.path, f"no figure of one {ANGLE}: a curve wants two or more")
    times, sigma = result.array("discovery_time"), wanted_sigma(result)

    figure, panels = page.grid(result.path, ("flux_uncertainty", len(uncertainties)),
                               ("observable", len(observables)), 2.6, sharex=True, sharey=True)
    quoted = False
    for (row, column), axes in np.ndenumerate(panels):
        is_papers = (observables[column], float(uncertainties[row]), sigma) == QUOTED_FOR
        quoted = quoted or is_papers
        for (i, name), (j, model) in product(enumerate(experiments), enumerate(models)):
            _, colour, dashes = experiment_style(name, i)
            years = times[i, j, column, :, row]
            axes.plot(s2, np.where(np.isfinite(years), years, np.nan), color=colour, linestyle=dashes,
                      linewidth=WIDTHS.get(model, 1.0))
            if is_papers and model == "nlo" and name in QUOTED:
                draw_quoted(axes, s2, years, QUOTED[name], colour)
        draw_marks(axes, s2)
        axes.set_title(f"{observables[column]} energy, flux known to {100 * uncertainties[row]:g} %", loc="left",
                       pad=2.2 * SMALL)
    shown = times[np.isfinite(times)]
    panels[0, 0].set(yscale="log", xlim=(s2[0], s2[-1]),
                     ylim=(0.7 * shown.min(initial=1), min(1.5 * shown.max(initial=1), HIGH)))
    numbers_on(panels[0, 0].yaxis)
    panels[0, 0].xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10], prune="upper"))
    for axes in panels[-1]:
        axes.set_xlabel(r"$\sin^2\theta_W$ of the LO hypothesis")
    for axes in panels[:, 0]:
        axes.set_ylabel(rf"time to {sigma:g} $\sigma$ [yr]")
    notes = assumptions(result, rf"Expected time until LO is rejected at {sigma:g} $\sigma$, up to {HIGH:g} yr",
                        leave=(ANGLE, "flux_uncertainty", "model"))
    yield "", page.finish(figure, notes, handles(experiments, models, quoted))


if __name__ == "__main__":
    run(draw)
