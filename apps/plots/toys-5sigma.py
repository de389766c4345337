"""What pseudo-experiments say of five sigma, from the results of jobs/toys-5sigma/*.toml."""
# SPDX-License-Identifier: GPL-3.0-or-later
import sys
from math import erf, erfc
from pathlib import Path
from statistics import NormalDist

import numpy as np

from style import EXPERIMENTS, Result, experiment_style, plt, save

DAYS = 365.25  # per Julian year
DISCOVERY = 5.0  # sigma
SHOWN_COUNTS_SIGMAS = [2, 3, 4, 5]
TABLE_SIGMAS = [3, 3.5, 5]
COARSE = 10  # bins of the file per bin of the figure
TRUSTED = 0.3  # largest relative error of a point that is drawn
TILTED = {"marker": "o", "markersize": 3.2, "linestyle": "none", "capsize": 1.5, "elinewidth": 0.9}
PLAIN = {"marker": "s", "markersize": 4.6, "markerfacecolor": "white", "linestyle": "none", "capsize": 2,
         "elinewidth": 0.9, "color": "0.35"}
NORMAL = {"color": "black", "linestyle": (0, (5, 2)), "linewidth": 1.2}
PULLS = {"nominal": ("nature's rates as calculated, their measurements vary", (0, (3, 1.5))),
         "profiled": ("the same, nature's rates as a fit to LO data has them", (0, (1.2, 1.2)))}
STATISTICS = {"reference": ("variance of LO", "o"), "neyman": ("Neyman", "s"), "pearson": ("Pearson", "^"),
              "combined": ("Neyman and Pearson combined", "D"), "poisson": ("Poisson likelihood", "v")}


def gaussian(threshold):
    """Two-sided."""
    return np.array([erfc(value / np.sqrt(2)) for value in np.atleast_1d(threshold)])


def sigmas(p):
    """The significance with that two-sided probability; 0 where it is 1, NaN where none was seen."""
    return np.array([np.nan if value <= 0 else -NormalDist().inv_cdf(min(value, 1) / 2)
                     for value in np.ravel(p)]).reshape(np.shape(p))


def sigma_errors(p, errors):
    """dp/dsigma = -2 exp(-sigma^2/2)/sqrt(2 pi)"""
    return errors * np.sqrt(np.pi / 2) * np.exp(0.5 * sigmas(p)**2)


def name_of(experiment):
    return experiment_style(experiment, 0)[0]


class Toys(Result):
    """One result of the folder."""

    def __init__(self, axes, path):
        super().__init__(axes, "toys", path)
        self.thresholds = self.values("toys/threshold")
        self.significance = self.array("toys/significance")
        self.p, self.p_error = self.array("toys/p_value"), self.array("toys/p_value_error")

    def near_discovery(self, index):
        """Where on the exposures, the last axis, the point is that is closest to five sigma."""
        return (*index, int(np.argmin(np.abs(self.significance[index] - DISCOVERY))))

    def at(self, threshold):
        found = np.flatnonzero(self.thresholds == threshold)
        if not len(found):
            sys.exit(f"{self.path}: no figure without the threshold {threshold:g}")
        return found[0]

    def sigmas(self, threshold):
        """What a threshold is in sigma, with its error; the last axis is still the exposure."""
        k = self.at(threshold)
        return sigmas(self.p[..., k]), sigma_errors(self.p[..., k], self.p_error[..., k])

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
    colour = experiment_style(experiment, 0)[1]
    edges, density, error = tails.density(tails.near_discovery((index, tilted)))
    middle = (edges[:-1] + edges[1:]) / 2
    good = (density > 0) & (error < TRUSTED * density)
    normal = normal_density(edges)
    axes.plot(middle, normal, **NORMAL, zorder=5, label="normal")
    axes.stairs(np.where(good, density, np.nan), edges, color=colour, linewidth=1.4, baseline=None,
                label="importance sampling")
    at = tails.near_discovery((index, plain))
    _, density, error = tails.density(at)
    good = tails.trusted(at, normal * np.diff(edges))
    axes.errorbar(middle[good], density[good], yerr=error[good], **PLAIN, label="brute force")
    axes.legend(loc="lower center", frameon=False, fontsize=8.5)
    for sign in (-1, 1):
        axes.axvline(sign * DISCOVERY, color="0.6", linewidth=0.8, zorder=0)
    axes.set(yscale="log", xlim=(-7, 7), ylim=(1e-9, 1), xlabel=r"$z$, positive towards LO")
    axes.set_xticks(range(-6, 7, 2), [rf"${z}\sigma$" if z else "0" for z in range(-6, 7, 2)])


def draw_ratio(axes, tails, pulls, experiment, index, plain, tilted):
    colour = experiment_style(experiment, 0)[1]
    x, normal = tails.thresholds, gaussian(tails.thresholds)
    axes.axhline(1, **NORMAL)
    for sampling, place, label, look in (
            (plain, -0.05, "brute force", PLAIN),
            (tilted, 0.05, "importance sampling", {**TILTED, "color": colour})):
        at = tails.near_discovery((index, sampling))
        p, error = tails.p[at], tails.p_error[at]
        good = tails.trusted(at, normal) if sampling == plain else (p > 0) & (error < TRUSTED * p)
        axes.errorbar(x[good] + place, (p / normal)[good], yerr=(error / normal)[good], zorder=4, label=label,
                      **look)
    for other, name in enumerate(pulls.values("toys.pulls")):
        if name in PULLS:
            at = pulls.near_discovery((pulls.index("experiment", experiment), other))
            axes.plot(x, pulls.p[at] / normal, color=colour, linestyle=PULLS[name][1], linewidth=1.4,
                      label=PULLS[name][0])
    sigma, error = tails.sigmas(DISCOVERY)
    at = tails.near_discovery((index, tilted))
    axes.legend(loc="upper left", bbox_to_anchor=(0.01, 0.88), frameon=False, fontsize=8.5)
    axes.text(0.03, 0.95, rf"$|z| = 5$ is {sigma[at]:.3f} $\pm$ {max(error[at], 5e-4):.3f} $\sigma$",
              transform=axes.transAxes, va="top", fontsize=10, fontweight="bold", color=colour)
    axes.set(xlim=(0.2, 6.3), ylim=(0.8, 1.7), xlabel=r"threshold of $|z|$")
    axes.set_xticks(range(1, 7), [rf"${z}\sigma$" for z in range(1, 7)])


def draw_low_counts(axes, low, counts, experiment, index):
    colour = experiment_style(experiment, 0)[1]
    for threshold in SHOWN_COUNTS_SIGMAS:
        value, error = (part[index] for part in low.sigmas(threshold))
        axes.axhline(threshold, **NORMAL)
        axes.errorbar(counts, value, yerr=error, color=colour, marker="o", markersize=2.8, linewidth=1.1,
                      capsize=1.5)
        axes.annotate(rf"$|z| = {threshold}$", (counts[-1], threshold), xytext=(-2, 3), ha="right",
                      textcoords="offset points", fontsize=8.5)
    axes.set(xscale="log", ylim=(1.2, 5.6), xlabel="expected events above 5 MeV, background included")
    axes.set_yticks(range(2, 6), [rf"${z}\sigma$" for z in range(2, 6)])


def draw_statistics(axes, result, counts, experiment):
    index = result.index("experiment", experiment)
    for threshold in (3, 5):
        axes.axhline(threshold, **NORMAL)
        value, error = result.sigmas(threshold)
        p, p_error = (part[..., result.at(threshold)] for part in (result.p, result.p_error))
        for place, name in enumerate(result.values("statistic")):
            label, marker = STATISTICS.get(name, (name, "x"))
            good = p_error[index, place] < TRUSTED * p[index, place]
            axes.errorbar(counts[good], value[index, place][good], yerr=error[index, place][good],
                          color=f"C{place}", marker=marker, markersize=3.5, linewidth=1.1, capsize=1.5,
                          label=label if threshold == 3 else None)
        axes.annotate(rf"$|z| = {threshold}$", (counts[-1], threshold), xytext=(-2, 4), ha="right",
                      textcoords="offset points", fontsize=8.5)
    axes.set(xscale="log", ylim=(0.4, 6), xlabel="expected events above 5 MeV, background included")
    axes.set_yticks(range(1, 7), [rf"${z}\sigma$" for z in range(1, 7)])
    axes.legend(frameon=False, fontsize=7.5, loc="lower right", ncol=2)


# Inches.
PANEL_WIDTH, PANEL_HEIGHT, GAP, LEFT, RIGHT, TOP, BOTTOM = 4.6, 2.75, 0.45, 0.8, 0.2, 1.2, 0.5
BETWEEN = 1.55  # rows: ticks and label of the upper, heading, text and titles of the lower
ROWS = {
    "density": (
        "How z is distributed if the tested hypothesis is true",
        "NLO is true and tested against LO, flux known to 0.5 %, background to 10 %; z is the signed square root of "
        "the difference in chi2.\nBrute force, {toys:,.0f} pseudo-experiments each, ends before 5 sigma; importance "
        "sampling goes on.",
        "probability density"),
    "ratio": (
        "How often chance exceeds a threshold, over what a normal z says",
        "Points: nature's rates vary from one pseudo-experiment to the next within their uncertainties. A higher "
        "background has a higher\nvariance, which the fit does not know of. Lines: nature's rates are fixed.",
        r"$p$ in toys / $p$ of a normal $z$"),
    "low": (
        "What a threshold means with few events",
        "LO+CR is true and tested against LO above 5 MeV, from half an hour to three years. Dashed: what the threshold "
        "says; points:\nthe significance that it has. Few counts have a long upper tail. With many, TAO is left with "
        "its background's uncertainty.",
        "significance in toys"),
    "statistics": (
        "Other test statistics",
        "What thresholds of 3 and 5 sigma mean, with as few events, if chi2 has other variances or is a likelihood "
        "ratio. The likelihood\nratio is right from a few hundred events on; chi2 with variances of observed counts "
        "(Neyman) needs tens of thousands.",
        "significance in toys"),
}


def panels(rows, columns):
    """The grid of axes, and the height of the figure in inches."""
    width = LEFT + columns * PANEL_WIDTH + (columns - 1) * GAP + RIGHT
    height = TOP + rows * PANEL_HEIGHT + (rows - 1) * BETWEEN + BOTTOM
    figure, axes = plt.subplots(rows, columns, figsize=(width, height), sharey="row", squeeze=False)
    figure.subplots_adjust(left=LEFT / width, right=1 - RIGHT / width, bottom=BOTTOM / height,
                           top=1 - TOP / height, wspace=GAP / PANEL_WIDTH, hspace=BETWEEN / PANEL_HEIGHT)
    return figure, axes, height


def head(figure, height, row, first, **words):
    """Heading and explanation over a row."""
    heading, text, label = ROWS[row]
    first.set_ylabel(label)
    box = first.get_position()
    figure.text(box.x0, box.y1 + 0.30 / height, text.format(**words), fontsize=9, va="bottom",
                linespacing=1.3)
    figure.text(box.x0, box.y1 + 0.68 / height, heading, fontsize=12.5, fontweight="bold", va="bottom")


def expected_counts(rates, low, experiment):
    """Of the tested model and the background, over the exposures of `low`."""
    index = rates.index("experiment", experiment)
    per_day = sum(np.nansum(rates.array(f"rates/{name}")[index]) for name in ("signal", "background"))
    return per_day * DAYS * low.values("exposure")


def samplings(tails):
    """Positions of brute force and of the widest importance sampling on the axis toys.tail."""
    tail = tails.values("toys.tail")
    if tail.min() != 0 or tail.max() <= 0:
        sys.exit(f"{tails.path}: no figure without brute force (toys.tail 0) and importance sampling")
    return int(np.argmin(tail)), int(np.argmax(tail))


def draw(path, tails, pulls, low, rates, statistics):
    plain, tilted = samplings(tails)
    names = {"density": tails.values("experiment"), "low": low.values("experiment"),
             "statistics": statistics.values("experiment")}
    names["ratio"] = names["density"]
    figure, axes, height = panels(len(ROWS), max(map(len, names.values())))
    for row, kind in enumerate(ROWS):
        for column, experiment in enumerate(names[kind]):
            panel = axes[row, column]
            title = name_of(experiment)
            if kind in ("density", "ratio"):
                at = tails.near_discovery((column, tilted))
                title += (f", {tails.values('exposure')[at[-1]]:.3g} years: "
                          rf"$\sqrt{{\chi^2}} = {tails.significance[at]:.2f}$")
            if kind == "density":
                draw_density(panel, tails, experiment, column, plain, tilted)
            elif kind == "ratio":
                draw_ratio(panel, tails, pulls, experiment, column, plain, tilted)
            elif kind == "low":
                draw_low_counts(panel, low, expected_counts(rates, low, experiment), experiment, column)
            else:
                draw_statistics(panel, statistics, expected_counts(rates, statistics, experiment), experiment)
            panel.set_title(title, fontsize=9.5, fontweight="bold", pad=5)
        for panel in axes[row, len(names[kind]):]:
            panel.set_visible(False)
        head(figure, height, kind, axes[row, 0], toys=tails.toys((0, plain, 0)))
    save(figure, path)


def rows_of(result, index, label, file):
    """p(toys)/p(normal) at some thresholds, and what 5 sigma is."""
    k = [result.at(threshold) for threshold in TABLE_SIGMAS]
    normal = gaussian(TABLE_SIGMAS)
    ratio, error = result.p[index][k] / normal, result.p_error[index][k] / normal
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


def main():
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit(f"usage: {Path(sys.argv[0]).name} FOLDER, the one with the results of jobs/toys-5sigma")
    folder = Path(sys.argv[1])
    tails = Toys(["experiment", "toys.tail", "exposure"], folder / "tails.h5")
    pulls = Toys(["experiment", "toys.pulls", "exposure"], folder / "pulls.h5")
    low = Toys(["experiment", "exposure"], folder / "low-counts.h5")
    rates = Result(["experiment"], "rates", folder / "counts.h5")
    statistics = Toys(["experiment", "statistic", "exposure"], folder / "statistics.h5")
    times = Result(["experiment", "model", "flux_uncertainty", "statistic"], path=folder / "times.h5")
    target = folder.parent / (folder.name + ".h5")
    with open(target.with_suffix(".txt"), "w") as file:
        write_table(file, tails, pulls, low, rates, statistics)
        write_times(file, times)
    draw(target, tails, pulls, low, rates, statistics)


if __name__ == "__main__":
    main()
