"""Expected intervals on the charge radius beside published limits, from jobs/measure-charge-radius/*.toml."""
# SPDX-License-Identifier: GPL-3.0-or-later
import tomllib
from itertools import product
from pathlib import Path

import numpy as np

from matplotlib.patches import Patch
from matplotlib.ticker import NullLocator

from reading import Result, refuse
from style import (GREY, assumptions, experiment_style, numbers_on, plt, run, table_beside)

STANDARD_MODEL = -8.275  # 1e-33 cm2: -GF/(2 sqrt2 pi^2) [3 - 2 ln(me^2/mW^2)], arXiv:2410.00107
UNIT = 1e-33  # cm2
SHADES = (0.55, 0.30, 0.16)  # of 68, 90 and 95 %
FAMILY, COMPLETE = "lo+cr", "nlo"
YEARS = [1, 5]  # of the limits beside the published ones
NINETY = 0.90
DAYS = 365.25  # per Julian year
STATISTICS = {"reference": ("variance of the data expected", "-", "o"), "poisson": ("Poisson likelihood", "--", "s")}
SIDES = [("lower end", "#004488"), ("upper end", "#bb5566")]
LEVEL_COLOURS = ["#004488", "#ddaa33", "#bb5566"]
R_SQUARED = r"$\langle r^2_{\nu_e}\rangle$"


def ends(result, **names):
    """The intervals' lower and upper ends in 1e-33 cm2, levels last."""
    return [result.at(f"measurement/interval_{side}", **names) / UNIT for side in ("low", "high")]


def reference_lines(draw):
    """No radius and the Standard Model's."""
    draw(0, color="black", linewidth=0.7, zorder=1.5)
    draw(STANDARD_MODEL, color="black", linewidth=0.8, linestyle=(0, (1, 2)), zorder=1.5)


def draw_bands(axes, result, experiment, index, uncertainty, levels):
    years = result.values("exposure")
    _, colour, _ = experiment_style(experiment, index)
    point = {"experiment": experiment, "flux_uncertainty": uncertainty}
    low, high = ends(result, reference=FAMILY, **point)
    for level in reversed(range(len(levels))):
        axes.fill_between(years, low[:, level], high[:, level], color=colour, alpha=SHADES[level],
                          linewidth=0, zorder=1)
    complete = result.at("measurement/best_fit", reference=COMPLETE, **point) / UNIT
    axes.plot(years, complete, color="black", linewidth=1.2, linestyle=(0, (5, 2)), zorder=3)
    ninety = levels.index(NINETY)
    for side in ends(result, reference=COMPLETE, **point):
        axes.plot(years, side[:, ninety], color="black", linewidth=0.8, linestyle=(0, (1.2, 1.2)), zorder=3)
    reference_lines(axes.axhline)


def shown_exclusion(excluded, years):
    """From when on a radius of zero is outside, as text."""
    if not excluded > 0:
        return f"below {years[0]:g}"
    return f"{excluded:.2f}" if np.isfinite(excluded) else f"above {years[-1]:g}"


def bars(axes, rows):
    """One row per limit, from top to bottom: (name, low, high, colour, whether expected)."""
    for place, (name, low, high, colour, expected) in enumerate(rows):
        height = len(rows) - place
        axes.errorbar((low + high) / 2, height, xerr=(high - low) / 2, color=colour, fmt="none", zorder=3,
                      linewidth=2.4 if expected else 1.2, capsize=0 if expected else 2.5)
    axes.set(ylim=(0.3, len(rows) + 0.7))
    axes.set_yticks(range(len(rows), 0, -1), [row[0] for row in rows])
    axes.yaxis.set_minor_locator(NullLocator())
    axes.tick_params(axis="y", which="both", length=0)
    reference_lines(axes.axvline)
    axes.set_xlabel(R_SQUARED + r" [$10^{-33}$ cm$^2$]")


def expected_rows(result, levels, experiment, index):
    """By flux uncertainty and running time."""
    ninety = levels.index(NINETY)
    rows = []
    exposures = [result.values("exposure")[result.nearest("exposure", years)] for years in YEARS]
    colour = experiment_style(experiment, index)[1]
    for uncertainty, years in product(result.values("flux_uncertainty"), exposures):
        low, high = (float(end[ninety]) for end in ends(result, experiment=experiment, reference=FAMILY,
                                                        flux_uncertainty=uncertainty, exposure=years))
        rows.append((f"flux known to {100 * uncertainty:g} %, {years:.2g} yr", low, high, colour, True))
    return rows


def published():
    path = Path(__file__).parent / "published_charge_radii.toml"
    with open(path, "rb") as file:
        return tomllib.load(file)["limit"]


def limit_figure(page, result, levels):
    """Published limits and the expected ones on one scale."""
    first = result.values("flux_uncertainty")[0]
    rows = [(limit["name"] + (r" ($\bar\nu_e$)" if limit["neutrino"] == "nuebar_e" else r" ($\nu_e$)"),
             10 * limit["low"], 10 * limit["high"], GREY, False) for limit in published()]
    for index, experiment in enumerate(result.values("experiment")):
        label, colour, _ = experiment_style(experiment, index)
        low, high = (float(end[levels.index(NINETY)]) for end in ends(
            result, experiment=experiment, reference=FAMILY, flux_uncertainty=first, exposure=YEARS[0]))
        rows.append((label, low, high, colour, True))
    figure, panels = page.grid(result.path, ("limit", 1), ("quantity", 1), 0.16 * len(rows) + 0.2)
    bars(panels[0, 0], rows)
    after = result.values("exposure")[result.nearest("exposure", YEARS[0])]
    notes = assumptions(result, f"Limits at {100 * NINETY:.0f} %, published and, coloured, expected after {after:.2g} yr "
                        f"with the flux known to {100 * first:g} %; dotted: Standard Model; solid: no charge radius",
                        leave=("flux_uncertainty", "reference"))
    return page.finish(figure, notes)


def expected_figure(page, result, levels):
    """The expected ones alone, a panel for each experiment."""
    experiments = result.values("experiment")
    rows = {name: expected_rows(result, levels, name, k) for k, name in enumerate(experiments)}
    columns = 1 if len(experiments) == 1 else 2 if len(experiments) < 5 else 3
    figure, panels = page.grid(result.path, ("experiment", -(-len(experiments) // columns)), ("experiment", columns),
                               0.16 * len(next(iter(rows.values()))) + 0.5, sharex=True, sharey=True)
    for k, (axes, name) in enumerate(zip(panels.flat, experiments)):
        bars(axes, rows[name])
        label, colour, _ = experiment_style(name, k)
        axes.set_title(label, loc="left", color=colour)
    for axes in panels.flat[:len(experiments)]:
        axes.label_outer()
    for axes in panels.flat[len(experiments):]:
        axes.set_visible(False)
    for axes in panels.flat[max(0, len(experiments) - columns):len(experiments)]:  # nothing stands below these
        axes.tick_params(labelbottom=True)
        axes.set_xlabel(R_SQUARED + r" [$10^{-33}$ cm$^2$]")
    notes = assumptions(result, f"Expected limits at {100 * NINETY:.0f} %; dotted: Standard Model; solid: no charge "
                        "radius", leave=("flux_uncertainty", "reference"))
    return page.finish(figure, notes)


class Critical(Result):
    """Critical rises of chi2 from pseudo-experiments."""

    def __init__(self, axes, path, only=None):
        super().__init__(axes, "toys", path, only)
        self.levels = [float(level) for level in self.values("toys/level")]
        self.rises = self.told("critical-values")

    def ratio(self):
        """Critical rise of chi2 over the asymptotic one, levels last, and its statistical error."""
        return self.rises["ratio"], self.rises["ratio_error"]

    def asymptotic(self):
        """The asymptotic rises, by level."""
        return self.rises["asymptotic_rise"].reshape(-1, len(self.levels))[0]


class Tested(Critical):
    """The same at several radii, and the intervals that follow."""

    def __init__(self, axes, path, only=None):
        super().__init__(axes, path, only)
        self.found = self.told("intervals")

    def interval(self, experiment, statistic, exposure, level):
        """Radii whose rise of chi2, for data of the Standard Model, is below the critical one; then below the
        asymptotic one: two pairs (low, high) in 1e-33 cm2, and the statistical errors of the first. Infinite: beyond
        the radii that were tested."""
        at = (experiment, statistic, exposure, self.levels.index(level))
        return [[self.found[f"{column}_cm2{end}"][at] / UNIT for column in columns] for columns, end in (
            (("low", "high"), ""), (("asymptotic_low", "asymptotic_high"), ""), (("low", "high"), "_error"))]


def events(counts, experiment, years):
    """Expected without a charge radius, background included."""
    index = counts.index("experiment", experiment)
    return DAYS * years * sum(np.nansum(counts.array(f"rates/{name}")[index]) for name in ("signal", "background"))


def level_handles(levels, statistics):
    """Colours of levels, lines and points of statistics."""
    return ([plt.Line2D([], [], color=colour, linewidth=2.5, label=f"{100 * level:.0f} %")
             for level, colour in zip(levels, LEVEL_COLOURS)] + statistic_handles(statistics))


def statistic_handles(statistics):
    looks = [STATISTICS.get(name, (name, ":", "x")) for name in statistics]
    return [plt.Line2D([], [], color="0.3", linestyle=line, marker=marker, markersize=3, label=label,
                       markerfacecolor="0.3" if line == "-" else "white") for label, line, marker in looks]


def draw_critical(axes, few, counts, experiment, index):
    """Critical rises of chi2 over the asymptotic ones against the number of events."""
    number = events(counts, experiment, few.values("exposure"))
    ratio, error = few.ratio()
    axes.axhline(1, color="black", linewidth=0.7)
    for place, name in enumerate(few.values("statistic")):
        _, line, marker = STATISTICS.get(name, (name, ":", "x"))
        for k, colour in zip(range(len(few.levels)), LEVEL_COLOURS):
            axes.errorbar(number, ratio[index, place, :, k], yerr=error[index, place, :, k], color=colour,
                          linestyle=line, marker=marker, markersize=2.5, linewidth=0.8, capsize=1.2,
                          markerfacecolor=colour if line == "-" else "white")
    axes.set(xscale="log", xlabel="expected events")
    numbers_on(axes.xaxis)


def draw_construction(axes, critical, _, index):
    """Ends of the 90 % intervals by pseudo-experiments over the asymptotic ones, as shifts in half widths."""
    years = critical.values("exposure")
    axes.axhline(0, color="black", linewidth=0.7)
    for place, name in enumerate(critical.values("statistic")):
        _, line, marker = STATISTICS.get(name, (name, ":", "x"))
        for side in (0, 1):
            shift, error = [], []
            for j in range(len(years)):
                toys, expected, errors = critical.interval(index, place, j, NINETY)
                half = (expected[1] - expected[0]) / 2
                shift.append(100 * (toys[side] - expected[side]) / half)
                error.append(100 * errors[side] / half)
            colour = SIDES[side][1]
            axes.errorbar(DAYS * years * (1 + 0.06 * (place - 0.5)), shift, yerr=error, linestyle=line,
                          color=colour, marker=marker, markersize=3, linewidth=0.8, capsize=1.2,
                          markerfacecolor=colour if line == "-" else "white")
    axes.set(xscale="log", xlabel="running time [d]")
    numbers_on(axes.xaxis)


def band_figure(page, result, levels):
    """Intervals against running time: a row for each flux uncertainty."""
    experiments, uncertainties, years = (result.values(axis) for axis in ("experiment", "flux_uncertainty", "exposure"))
    figure, panels = page.grid(result.path, ("flux_uncertainty", len(uncertainties)), ("experiment", len(experiments)),
                               2.3, sharex=True, sharey=True)
    for (row, column), axes in np.ndenumerate(panels):
        draw_bands(axes, result, experiments[column], column, uncertainties[row], levels)
        if row == 0:
            label, colour, _ = experiment_style(experiments[column], column)
            axes.set_title(label, color=colour)
        if row == len(uncertainties) - 1:
            axes.set_xlabel("time [yr]")
        if column == 0:
            axes.set_ylabel(f"flux to {100 * uncertainties[row]:g} %\n{R_SQUARED}" + r" [$10^{-33}$ cm$^2$]")
    panels[0, 0].set(xscale="log", xlim=(years[0], years[-1]))
    numbers_on(panels[0, 0].xaxis)
    handles = [Patch(facecolor="0.2", alpha=shade, label=f"{100 * level:g} %") for shade, level in zip(SHADES, levels)]
    handles += [plt.Line2D([], [], color="black", linewidth=1.2, linestyle=(0, (5, 2)), label="NLO data: best fit"),
                plt.Line2D([], [], color="black", linewidth=0.8, linestyle=(0, (1.2, 1.2)), label="NLO data: 90 %")]
    notes = assumptions(result, "Fit: tree level with a free charge radius. Bands: data are LO + charge radius of the "
                        "Standard Model (dotted line). Black: data are NLO, whose other loops the fit takes for a charge "
                        "radius", leave=("model", "reference", "flux_uncertainty"))
    return page.finish(figure, notes, handles)


def write_table(file, result, levels):
    layout = "{:<14} {:>6} {:>9} {:>22} {:>22} {:>20} {:>14}"
    ninety = levels.index(NINETY)
    years, excluded = result.values("exposure"), result.told("zero-excluded")["years_to_exclude_zero"]
    print("Charge radius of the electron neutrino in 1e-33 cm2: intervals at 90 %. Data LO + charge radius: that of "
          "the\nStandard Model, and the running time from which the interval does not hold zero. Data NLO: what the "
          "fit, which\nknows no other loops, takes for a charge radius.\n", file=file)
    print(layout.format("experiment", "flux", "time (yr)", "interval", "NLO data", "best fit, NLO data",
                        "zero out (yr)"), file=file)
    family = result.index("reference", FAMILY)
    for i, experiment in enumerate(result.values("experiment")):
        for k, uncertainty in enumerate(result.values("flux_uncertainty")):
            point = {"experiment": experiment, "flux_uncertainty": uncertainty}
            out = shown_exclusion(excluded[i, family, k, ninety], years)
            for exposure in (1, 10):
                shown = []
                for reference in (FAMILY, COMPLETE):
                    low, high = (end[ninety] for end in ends(result, reference=reference, exposure=exposure, **point))
                    shown.append(f"{low:.2f} to {high:.2f}")
                best = result.at("measurement/best_fit", reference=COMPLETE, exposure=exposure, **point) / UNIT
                print(layout.format(experiment, f"{100 * uncertainty:g} %", exposure, *shown, f"{best:.2f}",
                                    out), file=file)


def write_feldman_cousins(file, critical, few, counts):
    shares = "".join(f"{f'{100 * level:.0f} %':>18}" for level in few.levels)
    print("\nFeldman and Cousins: the rise of chi2 that holds so many pseudo-experiments over the asymptotic one. "
          f"Above 5 MeV,\nno charge radius.\n\n{'experiment':<14} {'statistic':<10} {'events':>10}{shares}", file=file)
    ratio, error = few.ratio()
    for i, experiment in enumerate(few.values("experiment")):
        number = events(counts, experiment, few.values("exposure"))
        for k, name in enumerate(few.values("statistic")):
            for j, count in enumerate(number):
                cells = (f"{a:.3f} +- {b:.3f}" for a, b in zip(ratio[i, k, j], error[i, k, j]))
                print(f"{experiment:<14} {name:<10} {count:>10.4g}" + "".join(f"{cell:>18}" for cell in cells),
                      file=file)
    print("\nIntervals at 90 % in 1e-33 cm2 for data of the Standard Model, LO + charge radius, above 1 MeV: the "
          "radii whose\nrise of chi2 is below that of pseudo-experiments, and below the asymptotic one.\n\n"
          f"{'experiment':<14} {'statistic':<10} {'time (d)':>10} {'pseudo-experiments':>36} {'asymptotic':>20}",
          file=file)
    for i, experiment in enumerate(critical.values("experiment")):
        for k, name in enumerate(critical.values("statistic")):
            for j, years in enumerate(critical.values("exposure")):
                toys, expected, errors = critical.interval(i, k, j, NINETY)
                ends = " to ".join(f"{a:.3f} +- {b:.3f}" for a, b in zip(toys, errors))
                print(f"{experiment:<14} {name:<10} {DAYS * years:>10.4g} {ends:>36} "
                      f"{f'{expected[0]:.3f} to {expected[1]:.3f}':>20}", file=file)
    ratio, error = critical.ratio()
    print("\nThe same rises over the asymptotic ones by true radius, above 1 MeV.\n\n"
          f"{'experiment':<14} {'statistic':<10} {'time (d)':>10} {'radius':>8}{shares}", file=file)
    for i, experiment in enumerate(critical.values("experiment")):
        for k, name in enumerate(critical.values("statistic")):
            for j, years in enumerate(critical.values("exposure")):
                for r, radius in enumerate(critical.values("free.charge_radius")):
                    cells = (f"{a:.3f} +- {b:.3f}" for a, b in zip(ratio[i, k, r, j], error[i, k, r, j]))
                    print(f"{experiment:<14} {name:<10} {DAYS * years:>10.4g} {radius / UNIT:>8.1f}"
                          + "".join(f"{cell:>18}" for cell in cells), file=file)


def draw(page):
    result = page.read(["experiment", "reference", "flux_uncertainty", "exposure"], "measurement", "intervals.h5")
    levels = [float(level) for level in result.values("measurement/level")]
    if NINETY not in levels:
        refuse(result.path, f"no figure without intervals at {100 * NINETY:g} %")
    critical = page.read(["experiment", "statistic", "free.charge_radius", "exposure"], file="feldman-cousins.h5",
                         reader=Tested)
    few = page.read(["experiment", "statistic", "exposure"], file="few-events.h5", reader=Critical)
    counts = page.read(["experiment"], "rates", "counts.h5")
    if not page.only:
        with table_beside(page) as file:
            write_table(file, result, levels)
            write_feldman_cousins(file, critical, few, counts)
    yield "bands", band_figure(page, result, levels)
    yield "limits", limit_figure(page, result, levels)
    yield "expected", expected_figure(page, result, levels)
    rises = ", ".join(f"{rise:.2f}" for rise in few.asymptotic())
    yield "critical", page.row(
        few, lambda *panel: draw_critical(panel[0], few, counts, *panel[1:]),
        r"critical / asymptotic rise of $\chi^2$",
        assumptions(few, "The rise of $\\chi^2$ that holds so many pseudo-experiments without a charge radius "
                    f"(Feldman and Cousins, physics/9711021), over the asymptotic {rises}; errors are statistical",
                    leave=("statistic", "reference", "model")), level_handles(few.levels, few.values("statistic")))
    sides = [plt.Line2D([], [], color=colour, linewidth=2.5, label=label) for label, colour in SIDES]
    yield "construction", page.row(
        critical, lambda *panel: draw_construction(panel[0], critical, *panel[1:]),
        "shift [% of half the width]",
        assumptions(critical, f"How far the ends of the {100 * NINETY:.0f} % interval move if the rises of "
                    "pseudo-experiments take the place of the asymptotic ones; errors are statistical",
                    leave=("statistic", "reference", "model")), sides + statistic_handles(critical.values("statistic")))


if __name__ == "__main__":
    run(draw, "FOLDER")
