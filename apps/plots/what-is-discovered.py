"""How well LO with a free or a known angle fits NLO counts, from the results of jobs/what-is-discovered."""
# SPDX-License-Identifier: GPL-3.0-or-later
import sys
import tomllib

import numpy as np

from style import EXPERIMENTS, Result, folder, plt, save

ANGLE, WIDTH = "lo.sin2_theta_w", "lo.sin2_theta_w_uncertainty"
LOW, HIGH = 0.15, 25  # sigma
# Curves of the priors from narrow to wide; the free angle is last.
COLOURS = ["#0b3c8c", "#4a94d2", "#0f7a4d", "#e8700f", "#b2161e"]
DASHES = [(0, (9, 1.5, 1, 1.5)), (0, (5, 2)), (0, (6, 1.5, 1, 1.5, 1, 1.5)), (0, (1.3, 1.1)), "solid"]
SHAPE_OF, SHAPE_AFTER = "tao-30m", 5  # years


class Priors(Result):
    """Significance of NLO counts against the best fit of LO, by the width of the prior on its angle."""

    def __init__(self, path):
        super().__init__(["experiment", WIDTH, "exposure"], "measurement", path)
        self.exposure = self.values("exposure")
        # No prior is the widest.
        self.widths = np.where(self.values(WIDTH) > 0, self.values(WIDTH), np.inf)
        self.order = np.argsort(self.widths)
        self.significance = np.sqrt(self.array("measurement/chi2_min"))
        self.best_fit = self.array("measurement/best_fit")


def reached(exposure, significance, wanted):
    """Years until the significance is reached; infinity if it is not, NaN if it is before the first exposure.

    Exposure over chi2, a straight line for chi2 = a t/(1 + b t), is interpolated linearly."""
    if significance[-1] < wanted:
        return np.inf
    if significance[0] >= wanted:
        return np.nan
    above = int(np.argmax(significance >= wanted))
    t, ratio = exposure[above - 1:above + 1], (exposure / significance**2)[above - 1:above + 1]
    slope = np.diff(ratio)[0] / np.diff(t)[0]
    return float(wanted**2 * (ratio[0] - slope * t[0]) / (1 - wanted**2 * slope))


def label_of(width):
    return "angle free" if np.isinf(width) else rf"prior $\pm$ {width:g}"


def least(values):
    """The least value of a function that is a quadratic around it, from its values on a regular grid."""
    row, column = np.unravel_index(np.argmin(values), values.shape)
    if not (0 < row < values.shape[0] - 1 and 0 < column < values.shape[1] - 1):
        sys.exit("jobs/what-is-discovered/couplings.toml: the best fit is at the edge of the grid")
    x, y = (part.ravel() for part in np.meshgrid([-1, 0, 1], [-1, 0, 1], indexing="ij"))
    terms = np.stack([np.ones(9), x, y, x * x, x * y, y * y], axis=1)
    constant, bx, by, xx, xy, yy = np.linalg.lstsq(
        terms, values[row - 1:row + 2, column - 1:column + 2].ravel(), rcond=None)[0]
    slope, bend = np.array([bx, by]), np.array([[2 * xx, xy], [xy, 2 * yy]])
    return constant - slope @ np.linalg.solve(bend, slope) / 2


def couplings(path):
    """Experiment -> (exposures, significances) with c_L and c_R free."""
    job = Result(["experiment", "free.c_l", "free.c_r", "exposure"], "reach", path)
    chi2, exposure = job.array("chi2"), job.values("exposure")
    return {name: (exposure, np.sqrt([least(chi2[i, :, :, k]) for k in range(len(exposure))]))
            for i, name in enumerate(job.values("experiment"))}


class Shape:
    """NLO counts over those of LO at its best fit, and what the pulls do to these."""

    def __init__(self, path):
        self.job = Result(["experiment", "model", ANGLE], "rates", path)
        self.signal, self.background = self.job.array("rates/signal"), self.job.array("rates/background")
        self.edges = np.append(self.job.file["rates/bin_low"][()].ravel(),
                               self.job.file["rates/bin_high"][()].ravel()[-1])

    def residuals(self, experiment, angle, years, flux, background_uncertainty):
        """(NLO - LO at that angle)/LO per bin, without pulls and with those that fit best."""
        i, lo, nlo = self.job.index("experiment", experiment), *(self.job.index("model", m) for m in ("lo", "nlo"))
        known = self.job.values(ANGLE)
        tree = np.stack([np.polyval(np.polyfit(known - angle, values, 2), 0)
                         for values in self.signal[i, lo].T])
        data, background = self.signal[i, nlo, 0], self.background[i, nlo, 0]
        root = np.sqrt((data + background) / (365.25 * years))
        rows = np.vstack([np.stack([tree * flux, background * background_uncertainty], axis=1) / root[:, None],
                          np.eye(2)])
        pulls = np.linalg.lstsq(rows, np.append((data - tree) / root, [0, 0]), rcond=None)[0]
        moved = flux * pulls[0] * tree + background_uncertainty * pulls[1] * background
        return (data - tree) / tree, (data - tree - moved) / tree, root / tree


def draw_panel(axes, name, priors, fixed, free_couplings):
    i = priors.index("experiment", name)
    axes.plot(fixed.values("exposure"), fixed.significance[fixed.index("experiment", name)], color="black",
              linewidth=1.8, label="angle fixed")
    for place, colour, dashes in zip(priors.order, COLOURS, DASHES):
        axes.plot(priors.exposure, priors.significance[i, place], color=colour, linestyle=dashes,
                  linewidth=1.6, label=label_of(priors.widths[place]))
    years, sigmas = (values[-1] for values in free_couplings[name])
    axes.annotate(rf"$c_L$ and $c_R$ free: {sigmas:.2g} $\sigma$ after {years:g} years", (0.98, 0.03),
                  xycoords="axes fraction", ha="right", fontsize=7.5, color="0.25")
    for sigma in (3, 5):
        axes.axhline(sigma, color="0.6", linewidth=0.8, linestyle=(0, (1, 2)), zorder=0.5)
        axes.annotate(rf"{sigma} $\sigma$", (1.01, sigma), xycoords=axes.get_yaxis_transform(), va="center",
                      fontsize=8, color="0.35")
    axes.set(xscale="log", yscale="log", xlim=(priors.exposure[0], priors.exposure[-1]), ylim=(LOW, HIGH))
    axes.set_xticks([0.1, 1, 10, 100, 1000], ["0.1", "1", "10", "100", "1000"])
    axes.set_yticks([0.2, 0.5, 1, 2, 5, 10, 20], ["0.2", "0.5", "1", "2", "5", "10", "20"])
    axes.set_yticks([], minor=True)
    axes.set_title(EXPERIMENTS.get(name, (name,))[0], fontsize=10, loc="left", fontweight="bold")


def draw_shape(axes, shape, priors, fixed):
    after = int(np.argmin(np.abs(priors.exposure - SHAPE_AFTER)))
    best = priors.best_fit[priors.index("experiment", SHAPE_OF), priors.order[-1], after]
    settings = fixed.settings
    for angle, colour, label in ((settings[ANGLE], "black", f"LO at {settings[ANGLE]:g}"),
                                 (best, COLOURS[-1], f"LO at {best:.4f}, the best fit")):
        whole, left, error = shape.residuals(SHAPE_OF, angle, SHAPE_AFTER, settings["flux_uncertainty"],
                                             settings["background_uncertainty"])
        axes.stairs(100 * whole, shape.edges, baseline=None, color=colour, linewidth=0.9, linestyle=(0, (3, 2)))
        axes.stairs(100 * left, shape.edges, baseline=None, color=colour, linewidth=1.8, label=label)
    axes.stairs(100 * error, shape.edges, baseline=-100 * error, fill=True, color="0.9", zorder=0,
                label=f"statistics of {SHAPE_AFTER:g} years")
    axes.axhline(0, color="black", linewidth=0.6)
    axes.set(xlim=(shape.edges[0], shape.edges[-1]), ylim=(-4.5, 4.5))
    axes.set_xlabel(r"visible energy $T$ (MeV)")
    axes.set_ylabel("(NLO - LO)/LO (%)")
    axes.set_title(f"What is left: {EXPERIMENTS[SHAPE_OF][0]}", fontsize=10, loc="left", fontweight="bold")
    axes.legend(loc="upper left", fontsize=7.5, frameon=False)
    axes.annotate("dashed: before the pulls", (0.98, 0.03), xycoords="axes fraction", ha="right", fontsize=7.5,
                  color="0.35")


def write_table(file, priors, fixed):
    """Years to 3 and 5 sigma."""
    def shown(years):
        if np.isnan(years):
            return f"< {priors.exposure[0]:.2g}"
        return f"{years:.3g}" if np.isfinite(years) else f"> {priors.exposure[-1]:.4g}"

    row = "{:<14} {:<16} {:>10} {:>10}\n"
    file.write("Years until NLO counts are told from LO, by what is known of LO's angle\n\n")
    file.write(row.format("experiment", "angle of LO", "3 sigma", "5 sigma"))
    for i, name in enumerate(priors.values("experiment")):
        curves = [("fixed", fixed.significance[fixed.index("experiment", name)])]
        curves += [("free" if np.isinf(priors.widths[k]) else f"+- {priors.widths[k]:g}",
                    priors.significance[i, k]) for k in priors.order]
        for what, significance in curves:
            file.write(row.format(name, what, *(shown(reached(priors.exposure, significance, sigma))
                                                for sigma in (3, 5))))


class Fixed(Result):
    """Significance of NLO counts against LO at its one angle."""

    def __init__(self, path):
        super().__init__(["experiment", "model", "discovery.significance", "exposure"], "reach", path)
        self.significance = self.array("significance")[:, self.index("model", "lo"), 0]
        self.settings = tomllib.loads(self.file.attrs["job"].decode())["settings"]


def main():
    results = folder()
    priors, fixed = Priors(results / "prior.h5"), Fixed(results / "fixed.h5")
    free_couplings, shape = couplings(results / "couplings.h5"), Shape(results / "spectra.h5")
    target = results.parent / (results.name + ".h5")
    with open(target.with_suffix(".txt"), "w") as file:
        write_table(file, priors, fixed)

    figure, panels = plt.subplots(2, 3, figsize=(11.5, 7.2))
    for axes, name in zip(panels.flat, priors.values("experiment")):
        draw_panel(axes, name, priors, fixed, free_couplings)
        axes.set_xlabel("running time (years)")
    for row in panels:
        row[0].set_ylabel(r"$\sqrt{\chi^2}$ of LO fitted to NLO counts")
    panels[0, 0].legend(loc="upper left", fontsize=7.5, frameon=False, handlelength=3.4)
    draw_shape(panels[1, 2], shape, priors, fixed)
    figure.subplots_adjust(left=0.055, right=0.97, bottom=0.07, top=0.96, wspace=0.28, hspace=0.27)
    save(figure, target)


if __name__ == "__main__":
    main()
