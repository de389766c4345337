"""How well LO with a free or a known angle fits NLO counts, from the results of jobs/what-is-discovered."""
# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np

from reading import Result, refuse
from style import (SMALL, WANTED, assumptions, experiment_style, numbers_on, plt, run, table_beside)

ANGLE, WIDTH = "lo.sin2_theta_w", "lo.sin2_theta_w_uncertainty"
LINES = (3, 5)  # sigma
# Curves of the priors from narrow to wide; the free angle is last.
COLOURS = ["#332288", "#88ccee", "#117733", "#ddcc77", "#882255"]
DASHES = [(0, (9, 1.5, 1, 1.5)), (0, (5, 2)), (0, (6, 1.5, 1, 1.5, 1, 1.5)), (0, (1.3, 1.1)), "solid"]
SHAPE_OF, SHAPE_AFTER = "tao-30m", 5  # years


class Priors(Result):
    """Significance of NLO counts against the best fit of LO, by the width of the prior on its angle."""

    def __init__(self, path, only=None):
        super().__init__(["experiment", WIDTH, "exposure"], "measurement", path, only)
        self.exposure = self.values("exposure")
        # No prior is the widest.
        self.widths = np.where(self.values(WIDTH) > 0, self.values(WIDTH), np.inf)
        self.order = np.argsort(self.widths)
        self.significance = np.sqrt(self.array("measurement/chi2_min"))
        self.best_fit = self.array("measurement/best_fit")

    def times(self):
        """Years to each of LINES, which come last."""
        told = self.told("times")
        return np.stack([told[f"years_to_{sigma}_sigma"] for sigma in LINES], axis=-1)


def label_of(width):
    return "angle free" if np.isinf(width) else rf"prior $\pm$ {np.format_float_positional(width, trim='-')}"


def couplings(path, only):
    """Experiment -> (exposures, significances) with c_L and c_R free."""
    job = Result(["experiment", "free.c_l", "free.c_r", "exposure"], "reach", path, only)
    squares = job.told("least-chi2")["least_chi2"]
    if np.isnan(squares).any():
        refuse(path, "no figure: the best fit is at the edge of the grid of free.c_l and free.c_r")
    return {name: (job.values("exposure"), np.sqrt(squares[i])) for i, name in enumerate(job.values("experiment"))}


def draw_panel(axes, name, priors, fixed, free_couplings):
    i = priors.index("experiment", name)
    axes.plot(fixed.values("exposure"), fixed.significance[fixed.index("experiment", name)], color="black")
    for place, colour, dashes in zip(priors.order, COLOURS, DASHES):
        axes.plot(priors.exposure, priors.significance[i, place], color=colour, linestyle=dashes)
    years, sigmas = (values[-1] for values in free_couplings[name])
    axes.annotate(f"$c_L$, $c_R$ free:\n{sigmas:.2g} $\\sigma$\nafter {years:g} yr", (0.95, 0.04),
                  xycoords="axes fraction", ha="right", va="bottom", fontsize=SMALL)
    for sigma in LINES:
        axes.axhline(sigma, **WANTED)
    label, colour, _ = experiment_style(name, i)
    axes.set_title(label, loc="left", color=colour)


def curves(page, priors, fixed, free_couplings):
    """A panel for each experiment, three in a row, or all in that of a talk."""
    experiments = priors.values("experiment")
    columns = min(5 if page.talk else 3, len(experiments))
    rows = -(-len(experiments) // columns)
    figure, panels = page.grid(priors.path, ("experiment", rows), ("experiment", columns), 2.3, sharex=True,
                               sharey=True)
    for axes, name in zip(panels.flat, experiments):
        draw_panel(axes, name, priors, fixed, free_couplings)
    for axes in panels.flat[len(experiments):]:
        axes.set_visible(False)
    for k, axes in enumerate(panels.flat[:len(experiments)]):
        if k + columns >= len(experiments):
            axes.tick_params(labelbottom=True)
            axes.set_xlabel("time [yr]" if columns > 3 else "running time [yr]")
    for row in panels:
        row[0].set_ylabel(r"significance [$\sigma$]")
    shown = [fixed.significance, priors.significance]
    panels[0, 0].set(xscale="log", yscale="log", xlim=(priors.exposure[0], priors.exposure[-1]),
                     ylim=(min(part[part > 0].min() for part in shown), 1.5 * max(part.max() for part in shown)))
    for axis in (panels[0, 0].xaxis, panels[0, 0].yaxis):
        numbers_on(axis)
    handles = [plt.Line2D([], [], color="black", label="angle fixed")]
    handles += [plt.Line2D([], [], color=colour, linestyle=dashes, label=label_of(priors.widths[place]))
                for place, colour, dashes in zip(priors.order, COLOURS, DASHES)]
    notes = assumptions(priors, r"$\sqrt{\chi^2}$ of LO fitted to the counts expected of NLO, by what is known of its "
                        r"$\sin^2\theta_W$ beforehand; dotted: " + " and ".join(f"{sigma:g}" for sigma in LINES)
                        + r" $\sigma$", leave=("model", "reference"))
    return page.finish(figure, notes, handles)


def draw_shape(axes, edges, priors, fixed):
    """(NLO - LO)/LO per bin, without pulls and with those that fit best: LO at its one angle, and at its best fit."""
    def of(result, *place):
        after = int(np.argmin(np.abs(result.values("exposure") - SHAPE_AFTER)))
        told = result.told("residuals")
        return [told[name][(result.index("experiment", SHAPE_OF), *place, after)]
                for name in ("residual", "residual_after_pulls", "statistical_error")]

    after = int(np.argmin(np.abs(priors.exposure - SHAPE_AFTER)))
    years, best = priors.exposure[after], priors.best_fit[priors.index("experiment", SHAPE_OF), priors.order[-1], after]
    for (whole, left, error), colour, label in (
            (of(fixed, fixed.index("model", "lo"), 0), "black", f"LO at {float(fixed.one_value(ANGLE)):g}"),
            (of(priors, priors.order[-1]), COLOURS[-1], f"LO at {best:.4f}, the best fit")):
        axes.stairs(100 * whole, edges, baseline=None, color=colour, linewidth=0.8, linestyle=(0, (3, 2)))
        axes.stairs(100 * left, edges, baseline=None, color=colour, linewidth=1.4, label=label)
    axes.stairs(100 * error, edges, baseline=-100 * error, fill=True, color="0.9", zorder=0,
                label=f"statistics of {years:.2g} yr")
    axes.axhline(0, color="black", linewidth=0.6)
    axes.set(xlim=(edges[0], edges[-1]), xlabel=r"visible energy $T$ [MeV]",
             ylabel="(NLO − LO) / LO [%]", ylim=(-4.5, 4.5))
    axes.set_title(experiment_style(SHAPE_OF)[0], loc="left")


def shape_figure(page, spectra, priors, fixed):
    figure, panels = page.grid(spectra.path, ("quantity", 1), ("quantity", 1), 2.4)
    axes = panels[0, 0]
    edges = np.append(spectra.file["rates/bin_low"][()].ravel(), spectra.file["rates/bin_high"][()].ravel()[-1])
    draw_shape(axes, edges, priors, fixed)
    handles, _ = axes.get_legend_handles_labels()
    notes = assumptions(fixed, "Solid: after the pulls, beyond the panel where there is hardly an event; "
                        "dashed: before them", leave=("model", "reference"))
    return page.finish(figure, notes, handles)


def write_table(file, priors, fixed):
    """Years to 3 and 5 sigma."""
    def shown(years):
        if not years > priors.exposure[0]:
            return f"< {priors.exposure[0]:.2g}"
        return f"{years:.3g}" if np.isfinite(years) else f"> {priors.exposure[-1]:.4g}"

    row = "{:<14} {:<16} {:>10} {:>10}\n"
    of_priors, of_fixed = priors.times(), fixed.times()
    file.write("Years until NLO counts are told from LO, by what is known of LO's angle\n\n")
    file.write(row.format("experiment", "angle of LO", "3 sigma", "5 sigma"))
    for i, name in enumerate(priors.values("experiment")):
        known = [("fixed", of_fixed[fixed.index("experiment", name)])]
        known += [("free" if np.isinf(priors.widths[k]) else f"+- {priors.widths[k]:g}",
                   of_priors[i, k]) for k in priors.order]
        for what, times in known:
            file.write(row.format(name, what, *map(shown, times)))


class Fixed(Result):
    """Significance of NLO counts against LO at its one angle."""

    def __init__(self, path, only=None):
        super().__init__(["experiment", "model", "discovery.significance", "exposure"], "reach", path, only)
        self.significance = self.array("significance")[:, self.index("model", "lo"), 0]

    def times(self):
        """Years to each of LINES, which come last."""
        return np.stack([self.at("discovery_time", model="lo", significance=sigma) for sigma in LINES], axis=-1)


def draw(page):
    results = page.source
    priors, fixed = Priors(results / "prior.h5", page.only), Fixed(results / "fixed.h5", page.only)
    free_couplings = couplings(results / "couplings.h5", page.only)
    spectra = Result(["experiment", "model", ANGLE], "rates", results / "spectra.h5", page.only)
    if not page.only:
        with table_beside(page) as file:
            write_table(file, priors, fixed)
    yield "priors", curves(page, priors, fixed, free_couplings)
    if SHAPE_OF in priors.values("experiment"):
        yield "shape", shape_figure(page, spectra, priors, fixed)


if __name__ == "__main__":
    run(draw, "FOLDER")
