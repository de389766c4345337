"""Expected intervals on the charge radius beside published limits, from jobs/measure-charge-radius/*.toml."""
# SPDX-License-Identifier: GPL-3.0-or-later
import sys
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
QUANTILES = {0.68: 0.988946, 0.90: 2.705543, 0.95: 3.841459}  # of chi2 with one degree of freedom
DAYS = 365.25  # per Julian year
STATISTICS = {"reference": ("variance of the data expected", "-", "o"), "poisson": ("Poisson likelihood", "--", "s")}


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


class Critical(Result):
    """Critical values from pseudo-experiments, and sqrt(chi2) of the data expected, /toys/significance."""

    def __init__(self, axes, path):
        super().__init__(axes, "toys", path)
        self.levels = [float(level) for level in self.values("toys/level")]
        if any(level not in QUANTILES for level in self.levels):
            sys.exit(f"{path}: no quantiles for the levels {self.levels}")
        self.z, self.z_error = self.array("toys/critical"), self.array("toys/critical_error")

    def ratio(self):
        """Critical rise of chi2 over the asymptotic one, levels last, and its statistical error."""
        asymptotic = np.array([QUANTILES[level] for level in self.levels])
        return self.z**2 / asymptotic, 2 * self.z * self.z_error / asymptotic

    def interval(self, experiment, statistic, exposure, level):
        """Radii whose rise of chi2, for data of the Standard Model, is below the critical one; then below the
        asymptotic one: two pairs (low, high) in 1e-33 cm2, and the statistical errors of the first. NaN: beyond the
        radii that were tested."""
        radius = self.values("free.charge_radius") / UNIT
        root = np.copysign(self.array("toys/significance")[experiment, statistic, :, exposure],
                           radius - STANDARD_MODEL)
        at = (experiment, statistic, slice(None), exposure, self.levels.index(level))
        critical, error = self.z[at], self.z_error[at]
        asymptotic = np.full_like(root, np.sqrt(QUANTILES[level]))
        toys, expected, errors = [], [], []
        for side in (-1, 1):
            toys.append(crossing(radius, side * root - critical, side))
            expected.append(crossing(radius, side * root - asymptotic, side))
            slope = np.interp(toys[-1], radius, np.gradient(root, radius))
            errors.append(np.interp(toys[-1], radius, error) / slope)
        return toys, expected, errors


def crossing(x, values, side):
    """Where, beyond the Standard Model on that side, the values rise through zero, linearly interpolated."""
    beyond = np.flatnonzero((values > 0) & (side * (x - STANDARD_MODEL) > 0))
    if not len(beyond):
        return np.nan
    outer = beyond[0] if side > 0 else beyond[-1]
    inner = outer - side
    return x[inner] + (x[outer] - x[inner]) * values[inner] / (values[inner] - values[outer])


def events(counts, experiment, years):
    """Expected without a charge radius, background included."""
    index = counts.index("experiment", experiment)
    return DAYS * years * sum(np.nansum(counts.array(f"rates/{name}")[index]) for name in ("signal", "background"))


def draw_critical(axes, few, counts, experiment, index):
    """Critical rises of chi2 over the asymptotic ones against the number of events."""
    number = events(counts, experiment, few.values("exposure"))
    ratio, error = few.ratio()
    axes.axhline(1, color="black", linewidth=0.8)
    for place, name in enumerate(few.values("statistic")):
        label, line, marker = STATISTICS.get(name, (name, ":", "x"))
        for k, level in enumerate(few.levels):
            axes.errorbar(number, ratio[index, place, :, k], yerr=error[index, place, :, k], color=f"C{k}",
                          linestyle=line, marker=marker, markersize=2.8, linewidth=1.0, capsize=1.5,
                          markerfacecolor=f"C{k}" if line == "-" else "white",
                          label=f"{100 * level:.0f} %, {label}" if index == 0 else None)
    axes.set(xscale="log", ylim=(0.55, 1.95), xlabel="expected events above 5 MeV")
    label, colour, _ = experiment_style(experiment, index)
    axes.set_title(label, fontsize=10, fontweight="bold", color=colour, pad=4)


def draw_construction(axes, critical, experiment, index):
    """Ends of the 90 % intervals by pseudo-experiments over the asymptotic ones, as shifts in half widths."""
    years = critical.values("exposure")
    axes.axhline(0, color="black", linewidth=0.8)
    for place, name in enumerate(critical.values("statistic")):
        label, line, marker = STATISTICS.get(name, (name, ":", "x"))
        for side, side_name in ((0, "lower end"), (1, "upper end")):
            shift, error = [], []
            for j in range(len(years)):
                toys, expected, errors = critical.interval(index, place, j, NINETY)
                half = (expected[1] - expected[0]) / 2
                shift.append(100 * (toys[side] - expected[side]) / half)
                error.append(100 * errors[side] / half)
            axes.errorbar(DAYS * years * (1 + 0.06 * (place - 0.5)), shift, yerr=error, linestyle=line,
                          color=("#2b6ca3", "#b2161e")[side], marker=marker, markersize=3.4, linewidth=1.0,
                          capsize=1.5, markerfacecolor=None if line == "-" else "white",
                          label=f"{side_name}, {label}" if index == 0 else None)
    axes.set(xscale="log", ylim=(-7, 9), xlabel="running time (days), above 1 MeV")
    label, colour, _ = experiment_style(experiment, index)
    axes.set_title(label, fontsize=10, fontweight="bold", color=colour, pad=4)


def draw_feldman_cousins(figure, bottom, top, critical, few, counts):
    grid = figure.add_gridspec(1, 2, left=0.052, right=0.985, bottom=bottom, top=top, wspace=0.11,
                               width_ratios=(3, 2.1))
    panels = [(draw_critical, (few, counts), few.values("experiment"), "critical / asymptotic rise of chi2"),
              (draw_construction, (critical,), critical.values("experiment"), "shift (% of half the width)")]
    for column, (draw_panel, results, experiments, label) in enumerate(panels):
        part = grid[0, column].subgridspec(1, len(experiments), wspace=0.05)
        for index, experiment in enumerate(experiments):
            axes = figure.add_subplot(part[0, index])
            draw_panel(axes, *results, experiment, index)
            axes.tick_params(labelleft=index == 0)
            if index == 0:
                axes.set_ylabel(label)
                axes.legend(frameon=False, fontsize=7, loc="upper right")


def draw(path, result, levels, critical, few, counts):
    experiments, uncertainties = result.values("experiment"), list(result.values("flux_uncertainty"))
    columns = len(experiments)
    height = 17.0  # inches

    def up(inches):
        return inches / height

    figure = plt.figure(figsize=(2.55 * columns + 1.0, height))
    top = figure.add_gridspec(len(uncertainties), columns, left=0.062, right=0.945, bottom=up(10.6), top=up(15.6),
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
    middle = figure.add_gridspec(1, 2, left=0.135, right=0.985, bottom=up(5.35), top=up(9.25), wspace=0.36)
    limits, zoom = (figure.add_subplot(middle[0, column]) for column in range(2))
    draw_limits(limits, result, levels, uncertainties)
    draw_zoom(zoom, result, levels, uncertainties)
    draw_feldman_cousins(figure, up(0.5), up(3.3), critical, few, counts)
    heading = {"fontsize": 12.5, "fontweight": "bold", "va": "bottom"}
    text = {"fontsize": 9.5, "va": "bottom", "linespacing": 1.35}
    figure.text(0.02, up(16.6), "What five detectors would measure of the charge radius of the electron neutrino",
                **heading)
    figure.text(0.02, up(15.93),
                "The fit has tree level at a known mixing angle and a free charge radius. Bands: intervals at 68, 90 "
                "and 95 % where the data are LO + charge radius\nof the Standard Model. Black: where the data are the "
                "complete NLO, whose other loops the fit takes for a charge radius; dashed the best fit, dotted its\n"
                "interval at 90 %.", **text)
    figure.text(0.02, up(9.78), "Limits at 90 %, published and expected", **heading)
    figure.text(0.02, up(9.4), f"Left: after {YEARS[0]} year at a flux uncertainty of "
                f"{100 * uncertainties[0]:g} %. Right: the expected ones alone, by flux uncertainty and running time. "
                "Dotted: the Standard Model.", **text)
    figure.text(0.02, up(4.44), "What pseudo-experiments say of these intervals (Feldman and Cousins, "
                "physics/9711021)", **heading)
    figure.text(0.02, up(3.66),
                "Left: the rise of chi2 that holds 68, 90 and 95 % of the experiments if there is no charge radius, "
                "over the asymptotic 0.99, 2.71 and 3.84; few\nevents leave chi2 few values. Right: how far the ends of "
                "the 90 % interval for data of the Standard Model move if these rises take the place of\nthe "
                "asymptotic ones, in per cent of half its width.", **text)
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


def main():
    results = folder()
    result = Result(["experiment", "reference", "flux_uncertainty", "exposure"], kind="measurement",
                    path=results / "intervals.h5")
    levels = [float(level) for level in result.values("measurement/level")]
    critical = Critical(["experiment", "statistic", "free.charge_radius", "exposure"], results / "feldman-cousins.h5")
    few = Critical(["experiment", "statistic", "exposure"], results / "few-events.h5")
    counts = Result(["experiment"], "rates", results / "counts.h5")
    target = results.parent / (results.name + ".h5")
    with open(target.with_suffix(".txt"), "w") as file:
        write_table(file, result, levels)
        write_feldman_cousins(file, critical, few, counts)
    draw(target, result, levels, critical, few, counts)


if __name__ == "__main__":
    main()
