"""Expected regions of the electron neutrino's couplings, and of sin^2(theta_W), from jobs/measure-couplings/*.toml."""
# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.patches import Patch
from matplotlib.ticker import MultipleLocator

from style import (SMALL, assumptions, experiment_style, numbers_on, plt, run, table_beside)

EXPOSURES = {1 / 12: ("1 month", "#ddaa33"), 1.0: ("1 year", "#bb5566"), 10.0: ("10 years", "#004488")}
SHADES = (0.80, 0.45, 0.22)  # of 68, 90 and 95 %
MARKED = [0.20, 0.21, 0.22, 0.24, 0.25, 0.26, 0.27]
VALUES = [(0.23122, r"$\overline{\mathrm{MS}}$ at $m_Z$"), (0.2386, "low energy")]
# TEXONO, M. Deniz et al., Phys. Rev. D 81 (2010) 072001, arXiv:0911.1597: 0.251 +- 0.031 (stat) +- 0.024 (sys);
# second-hand.
TEXONO = 0.251, float(np.hypot(0.031, 0.024))
LEFT, RIGHT = (rf"$c_{side}$ [$2\sqrt{{2}}\,G_F$]" for side in "LR")
HEIGHT = 2.6  # of a panel in inches
PERCENT = (1.0, 0.5)  # flux uncertainties, the wider interval first


def regions(axes, x, y, chi2, rises, colour, zorder):
    """rises: of chi2 at their edges, the smallest first."""
    for rise, shade in zip(rises[::-1], SHADES[::-1]):
        mixed = 1 - shade * (1 - np.array(to_rgb(colour)))
        axes.contourf(x, y, chi2.T, levels=[-1, rise], colors=[mixed], zorder=zorder)
    axes.contour(x, y, chi2.T, levels=[rises[-1]], colors=[colour], linewidths=1.0, zorder=zorder + 0.5)


def other_sign(mirror, experiment, years):
    """How far chi2 at the best couplings of the other relative sign is above that of the data, which is zero."""
    return mirror.at("chi2", experiment=experiment, exposure=years).min()


def whole_plane(axes, plane, rises, mirror, experiment):
    """Both halves of the plane."""
    left, right = plane.values("free.c_l"), plane.values("free.c_r")
    for years, (_, colour) in list(EXPOSURES.items())[:2]:
        chi2 = plane.at("chi2", experiment=experiment, exposure=years)
        for sign in (1, -1):
            order = slice(None, None, sign)
            regions(axes, (sign * left)[order], (sign * right)[order], chi2[order, order], rises, colour, 2)
    line = np.array([right[0], right[-1]])
    axes.plot(line + 0.5, line, color="black", linewidth=0.8, zorder=1)
    years = list(EXPOSURES)[-1]
    axes.annotate(rf"$\Delta\chi^2$ = {other_sign(mirror, experiment, years):.1f}"
                  f"\nafter {EXPOSURES[years][0]}", (0.97, 0.03), xycoords="axes fraction", ha="right", va="bottom",
                  fontsize=SMALL)
    axes.annotate("same cross section", (0.03, 0.03), xycoords="axes fraction", va="bottom", fontsize=SMALL)
    axes.axhline(0, color="0.6", linewidth=0.6, zorder=0)
    axes.axvline(0, color="0.6", linewidth=0.6, zorder=0)
    axes.set(xlim=(-1, 1), ylim=(right[0], right[-1]), xlabel=LEFT)
    axes.set_xticks([-0.5, 0, 0.5])


def near(axes, close, rises, experiment, s2):
    left, right = close.values("free.c_l"), close.values("free.c_r")
    for order, (years, (_, colour)) in enumerate(EXPOSURES.items()):
        regions(axes, left, right, close.at("chi2", experiment=experiment, exposure=years), rises, colour,
                2 + order)
    line = np.array([right[0], right[-1]])
    axes.plot(line + 0.5, line, color="black", linewidth=1.0, zorder=6)
    for value in MARKED:
        axes.plot(value + 0.5, value, "o", color="white", markeredgecolor="black", markersize=3.5, zorder=7)
        # Away from the regions, of which the largest crosses the line.
        axes.annotate(f"{value:.2f}", (value + 0.5, value), xytext=(5, -2) if value > s2 else (-5, 2),
                      textcoords="offset points", ha="left" if value > s2 else "right",
                      va="top" if value > s2 else "bottom", fontsize=SMALL, zorder=7)
    axes.plot(s2 + 0.5, s2, "D", color="#f7b500", markeredgecolor="black", markersize=4.5, zorder=8)
    axes.set(xlim=(left[0], left[-1]), ylim=(right[0], right[-1]), xlabel=LEFT)
    axes.xaxis.set_major_locator(MultipleLocator(0.05))


def mixing_angle(axes, angle, experiment, index):
    years = angle.values("exposure")
    levels = [float(level) for level in angle.values("measurement/level")]
    _, colour, _ = experiment_style(experiment, index)
    for percent in PERCENT:
        low, high = (angle.at(f"measurement/interval_{side}", experiment=experiment, flux_uncertainty=percent / 100)
                     for side in ("low", "high"))
        if percent == PERCENT[-1]:
            for level in reversed(range(len(levels))):
                axes.fill_between(years, low[:, level], high[:, level], color=colour, alpha=SHADES[level],
                                  linewidth=0, zorder=1)
        else:
            for side in (low, high):
                axes.plot(years, side[:, levels.index(0.90)], color=colour, zorder=2, linestyle=(0, (4, 2)))
    for value, _ in VALUES:
        axes.axhline(value, color="black", linewidth=0.7, linestyle=(0, (1, 2)), zorder=3)
    axes.set(xscale="log", xlim=(years[0], years[-1]), xlabel="running time [yr]")
    numbers_on(axes.xaxis)


def write_table(file, mirror, angle):
    layout = "{:<14} {:>6} {:>9} {:>22} {:>22} {:>22} {:>16}"
    levels = angle.values("measurement/level")
    print("sin^2(theta_W): intervals. Behind them: how far chi2 at the other sign of c_R is above that of the data, at "
          "0.5 %.\n", file=file)
    print(layout.format("experiment", "flux", "time (yr)", *(f"{100 * level:g} %" for level in levels), "c_R -> -c_R"),
          file=file)
    for experiment in angle.values("experiment"):
        for uncertainty in angle.values("flux_uncertainty"):
            for years in (1, 10):
                low, high = (angle.at(f"measurement/interval_{side}", experiment=experiment,
                                      flux_uncertainty=uncertainty, exposure=years) for side in ("low", "high"))
                mirrored = f"{other_sign(mirror, experiment, years):.2f}" if uncertainty == 0.005 else ""
                print(layout.format(experiment, f"{100 * uncertainty:g} %", years,
                                    *(f"{a:.5f} to {b:.5f}" for a, b in zip(low, high)),
                                    mirrored), file=file)


def draw(page):
    grid = ["experiment", "free.c_l", "free.c_r", "exposure"]
    plane, mirror, close = (page.read(grid, file=f"{name}.h5") for name in ("plane", "mirror", "near"))
    angle = page.read(["experiment", "flux_uncertainty", "exposure"], "measurement", "sin2-theta-w.h5")
    s2 = float(np.median(angle.array("measurement/best_fit")))
    if not page.only:
        with table_beside(page) as file:
            write_table(file, mirror, angle)
    shown = [Patch(facecolor=colour, alpha=0.7, label=f"after {name}") for name, colour in EXPOSURES.values()]
    line = plt.Line2D([], [], color="black", linewidth=0.8, label="Standard Model: $c_L = c_R + 1/2$")
    data = plt.Line2D([], [], marker="D", linestyle="none", color="#f7b500", markeredgecolor="black", markersize=4.5,
                      label=rf"$\sin^2\theta_W$ = {s2:g}, of the data")
    known = close.told("regions")
    rises = known["rise"]
    regions_are = "Regions at " + ", ".join(f"{100 * level:.0f}" for level in known.values("level")) + " % (dark to light)"
    yield "plane", page.row(
        plane, lambda axes, name, _: whole_plane(axes, plane, rises, mirror, name), RIGHT,
        assumptions(plane, regions_are + r"; $\Delta\chi^2$: of the best point with the other sign of $c_R$"),
        [*shown[:2], line], HEIGHT)
    yield "near", page.row(
        close, lambda axes, name, _: near(axes, close, rises, name, s2), RIGHT,
        assumptions(close, regions_are + r"; numbers: $\sin^2\theta_W$ along the line"), [*shown, line, data], HEIGHT)
    bands = [Patch(facecolor="0.2", alpha=shade, label=f"{100 * level:g} %, flux known to {PERCENT[-1]:g} %")
             for shade, level in zip(SHADES, angle.values("measurement/level"))]
    dashed = plt.Line2D([], [], color="0.2", linestyle=(0, (4, 2)), label=f"90 %, flux known to {PERCENT[0]:g} %")
    dotted = ", ".join(f"{value} ({label})" for value, label in VALUES)
    yield "angle", page.row(
        angle, lambda *panel: mixing_angle(panel[0], angle, *panel[1:]), r"$\sin^2\theta_W$",
        assumptions(angle, f"Expected intervals along the line of the Standard Model; dotted: {dotted}; "
                    rf"TEXONO (2010) has {TEXONO[0]} $\pm$ {TEXONO[1]:.3f}"), [*bands, dashed], HEIGHT)


if __name__ == "__main__":
    run(draw, "FOLDER")
