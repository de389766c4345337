"""Expected regions of the electron neutrino's couplings, and of sin^2(theta_W), from jobs/measure-couplings/*.toml."""
# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.ticker import MultipleLocator

from style import Result, experiment_style, folder, plt, save

LEVELS = [0.68, 0.90, 0.95]
RISES = [-2 * np.log(1 - level) for level in LEVELS]  # delta chi2 of two parameters, exactly
EXPOSURES = {1 / 12: ("1 month", "#f2a65a"), 1.0: ("1 year", "#4a94d2"), 10.0: ("10 years", "#0b3c8c")}
SHADES = (0.80, 0.45, 0.22)  # of 68, 90 and 95 %
MARKED = [0.20, 0.21, 0.22, 0.24, 0.25, 0.26, 0.27]
VALUES = [(0.23122, r"$\overline{\mathrm{MS}}$ at $m_Z$"), (0.2386, "low energy")]
# TEXONO, M. Deniz et al., Phys. Rev. D 81 (2010) 072001, arXiv:0911.1597: 0.251 +- 0.031 (stat) +- 0.024 (sys);
# second-hand.
TEXONO = 0.251, float(np.hypot(0.031, 0.024))
PERCENT = (1.0, 0.5)  # flux uncertainties, the wider interval first


def regions(axes, x, y, chi2, colour, zorder):
    for rise, shade in zip(RISES[::-1], SHADES[::-1]):
        mixed = 1 - shade * (1 - np.array(to_rgb(colour)))
        axes.contourf(x, y, chi2.T, levels=[-1, rise], colors=[mixed], zorder=zorder)
    axes.contour(x, y, chi2.T, levels=[RISES[-1]], colors=[colour], linewidths=1.0, zorder=zorder + 0.5)


def other_sign(mirror, experiment, years):
    """How far chi2 at the best couplings of the other relative sign is above that of the data, which is zero."""
    return mirror.at("chi2", experiment=experiment, exposure=years).min()


def whole_plane(axes, plane, mirror, experiment):
    """Both halves of the plane."""
    left, right = plane.values("free.c_l"), plane.values("free.c_r")
    for years, (_, colour) in list(EXPOSURES.items())[:2]:
        chi2 = plane.at("chi2", experiment=experiment, exposure=years)
        for sign in (1, -1):
            order = slice(None, None, sign)
            regions(axes, (sign * left)[order], (sign * right)[order], chi2[order, order], colour, 2)
    line = np.array([right[0], right[-1]])
    axes.plot(line + 0.5, line, color="black", linewidth=0.8, zorder=1)
    axes.annotate("Standard Model:\n$c_L = c_R + 1/2$", (0.5 + 0.33, 0.33), xytext=(-8, 2), ha="right",
                  textcoords="offset points", fontsize=8.5, va="center")
    years = list(EXPOSURES)[-1]
    axes.annotate(f"the other sign of $c_R$: $\\chi^2$ higher\nby {other_sign(mirror, experiment, years):.1f} after "
                  f"{EXPOSURES[years][0]}", (0.97, 0.04), xycoords="axes fraction", ha="right", va="bottom",
                  fontsize=8.5)
    axes.annotate("both signs reversed:\nthe same cross section", (0.03, 0.04), xycoords="axes fraction",
                  va="bottom", fontsize=8.5)
    axes.axhline(0, color="0.6", linewidth=0.6, zorder=0)
    axes.axvline(0, color="0.6", linewidth=0.6, zorder=0)
    axes.set(xlim=(-1, 1), ylim=(right[0], right[-1]))
    axes.set_xticks([-0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75])


def near(axes, close, experiment, s2):
    left, right = close.values("free.c_l"), close.values("free.c_r")
    for order, (years, (_, colour)) in enumerate(EXPOSURES.items()):
        regions(axes, left, right, close.at("chi2", experiment=experiment, exposure=years), colour, 2 + order)
    line = np.array([right[0], right[-1]])
    axes.plot(line + 0.5, line, color="black", linewidth=1.0, zorder=6)
    for value in MARKED:
        axes.plot(value + 0.5, value, "o", color="white", markeredgecolor="black", markersize=3.5, zorder=7)
        axes.annotate(f"{value:.2f}", (value + 0.5, value), xytext=(5, -2), textcoords="offset points",
                      fontsize=8, va="top", zorder=7)
    axes.plot(s2 + 0.5, s2, "D", color="#f7b500", markeredgecolor="black", markersize=5.5, zorder=8)
    axes.annotate(r"$\sin^2\theta_W$ = " + f"{s2:g}\nof the data", (s2 + 0.5, s2), xytext=(0.97, 0.62),
                  textcoords="axes fraction", fontsize=8.5, ha="right", va="center",
                  arrowprops={"arrowstyle": "-", "linewidth": 0.6, "shrinkB": 4}, zorder=8)
    axes.set(xlim=(left[0], left[-1]), ylim=(right[0], right[-1]))
    axes.set_xticks([0.6, 0.65, 0.7, 0.75, 0.8, 0.85])


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
                axes.plot(years, side[:, levels.index(0.90)], color=colour, linewidth=1.2, zorder=2,
                          linestyle=(0, (4, 2)))
    for (value, label), side in zip(VALUES, (-10, 2)):
        axes.axhline(value, color="black", linewidth=0.8, linestyle=(0, (1, 2)), zorder=3)
        axes.annotate(label, (1, value), xycoords=axes.get_yaxis_transform(), xytext=(-3, side),
                      textcoords="offset points", ha="right", va="bottom" if side > 0 else "top", fontsize=8.5,
                      zorder=4)
    axes.set(xscale="log", xlim=(years[0], years[-1]), ylim=(0.218, 0.249))
    axes.set_xticks([0.2, 0.5, 1, 2, 5], ["0.2", "0.5", "1", "2", "5"])
    axes.set_xticks([], minor=True)
    axes.yaxis.set_major_locator(MultipleLocator(0.005))
    axes.set_xlabel("running time (yr)")


ROWS = [
    ("All signs of the couplings",
     "Regions at 68, 90 and 95 % (dark to light) for both couplings. Scattering knows their relative sign alone, by "
     "the term\nin $c_L c_R\\, m_e T/E^2$, which is small: the region at the other sign of $c_R$ is still there after ten years."),
    ("Near the Standard Model",
     "The same, enlarged. Along the ridge the rate is the same, and the shape of the spectrum decides.\n"
     r"Line: couplings of the Standard Model, by $\sin^2\theta_W$."),
    ("One parameter: the mixing angle",
     "Intervals at 68, 90 and 95 % along the line $c_L = c_R + 1/2$ at a flux uncertainty of 0.5 %. Dashed: those at "
     f"90 % and a flux uncertainty of 1 %.\nTEXONO (2010) measured {TEXONO[0]} ± {TEXONO[1]:.3f}, more than these "
     "panels show."),
]


def draw(path, plane, mirror, close, angle, s2):
    experiments = plane.values("experiment")
    figure, panels = plt.subplots(len(ROWS), len(experiments), figsize=(5.4 * len(experiments) + 0.9, 14.2),
                                  sharey="row", squeeze=False)
    figure.subplots_adjust(left=0.07, right=0.98, bottom=0.04, top=0.868, wspace=0.05, hspace=0.50)
    for column, experiment in enumerate(experiments):
        label, colour, _ = experiment_style(experiment, column)
        whole_plane(panels[0, column], plane, mirror, experiment)
        near(panels[1, column], close, experiment, s2)
        mixing_angle(panels[2, column], angle, experiment, column)
        for row in range(len(ROWS)):
            panels[row, column].set_title(label, fontsize=10.5, fontweight="bold", color=colour)
        for row in range(2):
            panels[row, column].set_xlabel(r"$c_L$ / $2\sqrt{2}\,G_F$")
    for row, name in enumerate((r"$c_R$ / $2\sqrt{2}\,G_F$",) * 2 + (r"$\sin^2\theta_W$",)):
        panels[row, 0].set_ylabel(name)
        box = panels[row, 0].get_position()
        heading, text = ROWS[row]
        figure.text(box.x0, box.y1 + 0.053, heading, fontsize=12.5, fontweight="bold", va="bottom")
        figure.text(box.x0, box.y1 + 0.024, text, fontsize=9, va="bottom", linespacing=1.3)
    handles = [plt.Rectangle((0, 0), 1, 1, facecolor=colour, alpha=0.7) for _, colour in EXPOSURES.values()]
    figure.legend(handles, [f"after {name}" for name, _ in EXPOSURES.values()], loc="upper center", ncol=3,
                  frameon=False, fontsize=10, bbox_to_anchor=(0.5, 0.972))
    figure.text(0.07, 0.974, f"What is left of the couplings where the data are tree level at "
                rf"$\sin^2\theta_W$ = {s2:g}, flux uncertainty 0.5 %", fontsize=13, fontweight="bold", va="bottom")
    save(figure, path)


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


def main():
    results = folder()
    grid = ["experiment", "free.c_l", "free.c_r", "exposure"]
    plane = Result(grid, path=results / "plane.h5")
    mirror, close = (Result(grid, path=results / f"{name}.h5") for name in ("mirror", "near"))
    angle = Result(["experiment", "flux_uncertainty", "exposure"], kind="measurement",
                   path=results / "sin2-theta-w.h5")
    s2 = float(np.median(angle.array("measurement/best_fit")))
    target = results.parent / (results.name + ".h5")
    with open(target.with_suffix(".txt"), "w") as file:
        write_table(file, mirror, angle)
    draw(target, plane, mirror, close, angle, s2)


if __name__ == "__main__":
    main()
