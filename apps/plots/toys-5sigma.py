"""What pseudo-experiments say of five sigma, from the results of jobs/toys-5sigma/*.toml."""
# SPDX-License-Identifier: GPL-3.0-or-later
from math import erf, erfc

import numpy as np

from reading import Result, refuse
from style import assumptions, experiment_style, numbers_on, plt, run, table_beside

DAYS = 365.25  # per Julian year
DISCOVERY = 5.0  # sigma
SHOWN_COUNTS_SIGMAS = [2, 3, 4, 5]
TABLE_SIGMAS = [3, 3.5, 5]
COARSE = 10  # bins of the file per bin of the figure
TRUSTED = 0.3  # largest relative error of a point that is drawn
TILTED = {"marker": "o", "markersize": 2.6, "linestyle": "none", "capsize": 1.2, "elinewidth": 0.7}
PLAIN = {"marker": "s", "markersize": 3.6, "markerfacecolor": "white", "linestyle": "none", "capsize": 2,
         "elinewidth": 0.9, "color": "0.35"}
NORMAL = {"color": "black", "linestyle": (0, (5, 2)), "linewidth": 1.0}
PULLS = {"nominal": ("nature's rates as calculated, their measurements vary", (0, (3, 1.5))),
         "profiled": ("the same, nature's rates as a fit to LO data has them", (0, (1.2, 1.2)))}
STATISTICS = {"reference": ("variance of LO", "o", "#004488"), "neyman": ("Neyman", "s", "#ddaa33"),
              "pearson": ("Pearson", "^", "#bb5566"), "combined": ("Neyman and Pearson combined", "D", "#009988"),
              "poisson": ("Poisson likelihood", "v", "black")}


class Toys(Result):
    """One result of the folder."""

    def __init__(self, axes, path, only=None):
        super().__init__(axes, "toys", path, only)
        self.thresholds = self.values("toys/threshold")
        self.significance = self.array("toys/significance")
        self.p, self.p_error = self.array("toys/p_value"), self.array("toys/p_value_error")
        # By threshold, which comes last; of no finite significance where none was seen.
        tails = self.told("p-values")
        self.ratio, self.ratio_error = tails["ratio"], tails["ratio_error"]
        self.sigma, self.sigma_error = (np.where(np.isfinite(tails["sigma"]), tails[name], np.nan)
                                        for name in ("sigma", "sigma_error"))
        self.gaussian = tails["gaussian_p_value"].reshape(-1, len(self.thresholds))[0]

    def near_discovery(self, index):
        """Where on the exposures, the last axis, the point is that is closest to five sigma."""
        return (*index, int(np.argmin(np.abs(self.significance[index] - DISCOVERY))))

    def at(self, threshold):
        found = np.flatnonzero(self.thresholds == threshold)
        if not len(found):
            refuse(self.path, f"no figure without the threshold {threshold:g}")
        return found[0]

    def sigmas(self, threshold):
        """What a threshold is in sigma, with its error; the last axis is still the exposure."""
        k = self.at(threshold)
        return self.sigma[..., k], self.sigma_error[..., k]

    def toys(self, index):
        return self.array("toys/moments")[index][0]

    def trusted(self, index, normal):
        """Where the relative error is small, of what a normal z has as probability `normal`: for plain sampling
        that of the number expected, as choosing by the number seen would favour upward fluctuations."""
        return TRUSTED**2 * self.toys(index) * normal > 1

    def density(self, index):
        """Of z, in coarse bins: edges, density, error."""
        offset = self.values("toys/offset")
        width = offset[1] - offset[0]
        toys = self.toys(index)
        sums = [self.array(f"toys/{name}")[index][1:-1].reshape(-1, COARSE).sum(axis=1)
                for name in ("histogram", "histogram_squares")]
        expected = float(self.array("toys/z_expected")[index])
        edges = expected + offset[1] - width / 2 + width * COARSE * np.arange(len(sums[0]) + 1)
        scale = toys * width * COARSE
        return edges, sums[0] / scale, np.sqrt(sums[1]) / scale


def normal_density(edges):
    """Its mean over each bin."""
    # From the nearer tail: no digits are lost far out.
    tails = np.array([0.5 * erfc(abs(edge) / np.sqrt(2)) for edge in edges])
    inner = np.array([0.5 * erf(edge / np.sqrt(2)) for edge in edges])
    same_side = edges[:-1] * edges[1:] >= 0
    return np.where(same_side, np.abs(np.diff(tails)), np.diff(inner)) / np.diff(edges)


def draw_density(axes, tails, experiment, index, plain, tilted):
    colour = experiment_style(experiment, index)[1]
    edges, density, error = tails.density(tails.near_discovery((index, tilted)))
    middle = (edges[:-1] + edges[1:]) / 2
    good = (density > 0) & (error < TRUSTED * density)
    normal = normal_density(edges)
    axes.plot(middle, normal, **NORMAL, zorder=5)
    axes.stairs(np.where(good, density, np.nan), edges, color=colour, baseline=None)
    at = tails.near_discovery((index, plain))
    _, density, error = tails.density(at)
    good = tails.trusted(at, normal * np.diff(edges))
    axes.errorbar(middle[good], density[good], yerr=error[good], **PLAIN)
    for sign in (-1, 1):
        axes.axvline(sign * DISCOVERY, color="0.6", linewidth=0.6, zorder=0)
    axes.set(yscale="log", xlim=(-7, 7), ylim=(1e-9, 1), xlabel=r"$z$ [$\sigma$], positive towards LO")


def draw_ratio(axes, tails, pulls, experiment, index, plain, tilted):
    colour = experiment_style(experiment, index)[1]
    x, normal = tails.thresholds, tails.gaussian
    axes.axhline(1, **NORMAL)
    for sampling, place, look in ((plain, -0.05, PLAIN), (tilted, 0.05, {**TILTED, "color": colour})):
        at = tails.near_discovery((index, sampling))
        p, error = tails.p[at], tails.p_error[at]
        good = tails.trusted(at, normal) if sampling == plain else (p > 0) & (error < TRUSTED * p)
        axes.errorbar(x[good] + place, tails.ratio[at][good], yerr=tails.ratio_error[at][good], zorder=4, **look)
    for other, name in enumerate(pulls.values("toys.pulls")):
        if name in PULLS:
            at = pulls.near_discovery((pulls.index("experiment", experiment), other))
            axes.plot(x, pulls.ratio[at], color=colour, linestyle=PULLS[name][1], linewidth=1.0)
    axes.set(xlim=(0.2, 6.3), xlabel=r"threshold of $|z|$ [$\sigma$]")


def draw_low_counts(axes, low, counts, experiment, index):
    colour = experiment_style(experiment, index)[1]
    for threshold in SHOWN_COUNTS_SIGMAS:
        value, error = (part[index] for part in low.sigmas(threshold))
        axes.axhline(threshold, **NORMAL)
        axes.errorbar(counts, value, yerr=error, color=colour, marker="o", markersize=2.5, linewidth=0.9, capsize=1.2)
    axes.set(xscale="log", ylim=(1.2, 5.8), xlabel="expected events")
    numbers_on(axes.xaxis)


def draw_statistics(axes, result, counts, experiment, index, threshold):
    axes.axhline(threshold, **NORMAL)
    value, error = result.sigmas(threshold)
    p, p_error = (part[..., result.at(threshold)] for part in (result.p, result.p_error))
    for place, name in enumerate(result.values("statistic")):
        _, marker, colour = STATISTICS.get(name, (name, "x", "0.5"))
        good = p_error[index, place] < TRUSTED * p[index, place]
        axes.errorbar(counts[good], value[index, place][good], yerr=error[index, place][good], color=colour,
                      marker=marker, markersize=3, linewidth=0.9, capsize=1.2)
    axes.set(xscale="log", xlabel="expected events")
    numbers_on(axes.xaxis)


def expected_counts(rates, low, experiment):
    """Of the tested model and the background, over the exposures of `low`."""
    index = rates.index("experiment", experiment)
    per_day = sum(np.nansum(rates.array(f"rates/{name}")[index]) for name in ("signal", "background"))
    return per_day * DAYS * low.values("exposure")


def samplings(tails):
    """Positions of brute force and of the widest importance sampling on the axis toys.tail."""
    tail = tails.values("toys.tail")
    if tail.min() != 0 or tail.max() <= 0:
        refuse(tails.path, "no figure without brute force (toys.tail 0) and importance sampling")
    return int(np.argmin(tail)), int(np.argmax(tail))


def rows_of(result, index, label, file):
    """p(toys)/p(normal) at some thresholds, and what 5 sigma is."""
    k = [result.at(threshold) for threshold in TABLE_SIGMAS]
    ratio, error = result.ratio[index][k], result.ratio_error[index][k]
    five, five_error = (part[index] for part in result.sigmas(DISCOVERY))
    cells = [f"{a:.3f} +- {b:.3f}" if a > 0 else "none seen" for a, b in zip(ratio, error)]
    cells.append(f"{five:.4f} +- {five_error:.4f}" if np.isfinite(five) else "none seen")
    print(f"{label:<46}{result.significance[index]:>10.3f}" + "".join(f"{cell:>20}" for cell in cells), file=file)


def write_table(file, tails, pulls, low, rates, statistics):
    header = (f"{'':<46}{'sqrt(chi2)':>10}" + "".join(f"{f'p({s:g})/Gauss':>20}" for s in TABLE_SIGMAS)
              + f"{'5 is, in sigma':>20}")

    def section(title):
        print(f"{title}\n\n{header}", file=file)

    section("Two-sided p values of |z| in pseudo-experiments of the tested hypothesis over those of a normal z.")
    for result, axis, text in ((tails, "toys.tail", lambda tail: f"tail {tail:g}" if tail else "brute force"),
                               (pulls, "toys.pulls", str)):
        for i, experiment in enumerate(result.values("experiment")):
            for k, choice in enumerate(result.values(axis)):
                for j, years in enumerate(result.values("exposure")):
                    rows_of(result, (i, k, j), f"{experiment}, {years:.3g} yr, {text(choice)}", file)
        print(file=file)
    section("With few events: LO+CR, 5 MeV and above.")
    for i, experiment in enumerate(low.values("experiment")):
        for j, count in enumerate(expected_counts(rates, low, experiment)):
            rows_of(low, (i, j), f"{experiment}, {DAYS * low.values('exposure')[j]:.3g} d, {count:.3g} events",
                    file)
    print(file=file)
    section("Other test statistics: LO+CR, 5 MeV and above. First the median of z, which is 0 without bias.")
    for i, experiment in enumerate(statistics.values("experiment")):
        counts = expected_counts(rates, statistics, experiment)
        for j, count in enumerate(counts):
            for k, name in enumerate(statistics.values("statistic")):
                median, error = (statistics.array(f"toys/quantile{end}")[i, k, j][2] for end in ("", "_error"))
                rows_of(statistics, (i, k, j), f"{experiment}, {count:.3g} events, {name}: {median:.2f} +- "
                        f"{error:.2f}", file)


def write_times(file, times):
    names = times.values("statistic")
    print("\nDiscovery times in years by test statistic.\n\n"
          f"{'':<46}" + "".join(f"{name:>14}" for name in names), file=file)
    found = times.array("discovery_time")
    for i, experiment in enumerate(times.values("experiment")):
        for j, model in enumerate(times.values("model")):
            for k, uncertainty in enumerate(times.values("flux_uncertainty")):
                print(f"{f'{experiment}, {model}, flux {100 * uncertainty:g} %':<46}"
                      + "".join(f"{years:>14.6g}" for years in found[i, j, k]), file=file)


def figure_of(page, path, rows, experiments, draw_panel, label, title, notes, handles):
    """rows: (axis, values): a row for each of the values, a column for each experiment."""
    axis, values = rows
    figure, panels = page.grid(path, (axis, len(values)), ("experiment", len(experiments)), 2.3, sharex="col",
                               sharey="row")
    for (row, column), axes in np.ndenumerate(panels):
        draw_panel(axes, experiments[column], column, values[row])
        name, colour, _ = experiment_style(experiments[column], column)
        axes.set_title(name + title(column, values[row]), loc="left", color=colour)
    for row in panels[:-1]:
        for axes in row:
            axes.set_xlabel("")
    for axes in panels[:, 0]:
        axes.set_ylabel(label)
    return page.finish(figure, notes, handles)


def sampling_handles():
    return [plt.Line2D([], [], **NORMAL, label="normal"), plt.Line2D([], [], color="0.3", label="importance sampling"),
            plt.Line2D([], [], **{key: value for key, value in PLAIN.items() if key not in ("capsize", "elinewidth")},
                       label="brute force")]


def tail_figures(page, tails, pulls):
    plain, tilted = samplings(tails)
    experiments = tails.values("experiment")

    def title(column, _):
        at = tails.near_discovery((column, tilted))
        return f", {tails.values('exposure')[at[-1]]:.3g} yr: " rf"$\sqrt{{\chi^2}} = {tails.significance[at]:.2f}$"

    def title_of_ratio(column, _):
        at, (sigma, error) = tails.near_discovery((column, tilted)), tails.sigmas(DISCOVERY)
        return (title(column, _) + "\n"
                rf"$|z| = {DISCOVERY:g}$ is {sigma[at]:.3f} $\pm$ {max(error[at], 5e-4):.3f} $\sigma$")

    common = assumptions(tails, f"Pseudo-experiments of the tested hypothesis; brute force: "
                         f"{tails.toys((0, plain, 0)):,.0f} of them")
    yield "density", figure_of(
        page, tails.path, ("quantity", [None]), experiments,
        lambda axes, name, k, _: draw_density(axes, tails, name, k, plain, tilted), "probability density", title, common,
        sampling_handles())
    lines = [plt.Line2D([], [], color="0.3", linestyle=dashes, linewidth=1.0, label=label)
             for label, dashes in PULLS.values()]
    points = [plt.Line2D([], [], marker="o", linestyle="none", color="0.3", markersize=2.6, label="importance sampling")]
    handles = [entry for entry in sampling_handles() if entry.get_label() != "importance sampling"]
    yield "ratio", figure_of(
        page, tails.path, ("quantity", [None]), experiments,
        lambda axes, name, k, _: draw_ratio(axes, tails, pulls, name, k, plain, tilted),
        r"$p$ in toys / $p$ of a normal $z$", title_of_ratio, common, [*handles, *points, *lines])


def draw(page):
    tails = page.read(["experiment", "toys.tail", "exposure"], file="tails.h5", reader=Toys)
    pulls = page.read(["experiment", "toys.pulls", "exposure"], file="pulls.h5", reader=Toys)
    low = page.read(["experiment", "exposure"], file="low-counts.h5", reader=Toys)
    rates = page.read(["experiment"], "rates", "counts.h5")
    statistics = page.read(["experiment", "statistic", "exposure"], file="statistics.h5", reader=Toys)
    times = page.read(["experiment", "model", "flux_uncertainty", "statistic"], file="times.h5")
    if not page.only:
        with table_beside(page) as file:
            write_table(file, tails, pulls, low, rates, statistics)
            write_times(file, times)
    yield from tail_figures(page, tails, pulls)
    normal = plt.Line2D([], [], **NORMAL, label="a normal z")
    yield "few-events", figure_of(
        page, low.path, ("quantity", [None]), low.values("experiment"),
        lambda axes, name, k, _: draw_low_counts(axes, low, expected_counts(rates, low, name), name, k),
        r"significance of $|z|$ [$\sigma$]", lambda *_: "",
        assumptions(low, f"Points: the significance that thresholds of {SHOWN_COUNTS_SIGMAS[0]} to "
                    f"{SHOWN_COUNTS_SIGMAS[-1]} have in pseudo-experiments; events with background"),
        [normal, plt.Line2D([], [], color="0.3", marker="o", markersize=2.5, label="pseudo-experiments")])
    looks = [STATISTICS.get(name, (name, "x", "0.5")) for name in statistics.values("statistic")]
    yield "statistics", figure_of(
        page, statistics.path, ("threshold", [5, 3]), statistics.values("experiment"),
        lambda axes, name, k, threshold: draw_statistics(axes, statistics, expected_counts(rates, statistics, name), name,
                                                         k, threshold),
        r"significance [$\sigma$]", lambda _, threshold: rf": $|z| = {threshold}$",
        assumptions(statistics, "The significance that a threshold has in pseudo-experiments, by test statistic; events "
                    "with background", leave=("statistic",)),
        [normal, *(plt.Line2D([], [], color=colour, marker=marker, markersize=3, label=label)
                   for label, marker, colour in looks)])


if __name__ == "__main__":
    run(draw, "FOLDER")
