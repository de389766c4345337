"""Cross sections against neutrino energy: Fig. 4 of arXiv:2410.00107, from a result of jobs/fig4.toml."""
# SPDX-License-Identifier: GPL-3.0-or-later
import sys

import numpy as np

from style import Result, plt, save

ELECTRON_MASS = 0.51099895  # MeV, CODATA 2018
UNIT = 1e-45  # cm2/MeV
TAIL = 3e-5  # where the logarithmic inset begins, in that unit

# Label, colour, dashes, width; NLO is wide and lies below, so that it shows beside the dashes on it.
CURVES = {
    "lo": ("LO", "black", "solid", 1.2),
    "lo+cr": ("LO + CR", "#b2161e", (0, (7, 1.5, 1.2, 1.5)), 1.2),
    "nlo": ("NLO", "#8fc1ec", "solid", 3.6),
    "sum": ("LO + CR by shifted angle + remaining", "#0b3c8c", (0, (3.5, 2.5)), 1.3),
}
# Label, colour, dashes, and where the label stands: neutrino energy over threshold, above or below.
PARTS = {
    "loops": ("loops other than CR", "#0f7a4d", (0, (1.2, 1.2)), 2.6, "above"),
    "sum": ("remaining = their sum", "#0b3c8c", "solid", 2.6, "above"),
    "photonic": ("photons", "#b85c00", (0, (6, 2)), 2.6, "below"),
    "born": ("couplings", "#6a3d9a", (0, (7, 1.5, 1.2, 1.5, 1.2, 1.5)), 2.6, "below"),
}
TITLES = {"electromagnetic": r"electromagnetic energy, $T = T_e + E_\gamma$",
          "electron": r"electron energy, $T = T_e$"}


def lowest_energy(recoil):
    """Neutrino energy below which no electron at rest gets this recoil without a photon, MeV."""
    return (recoil + np.sqrt(recoil * (recoil + 2 * ELECTRON_MASS))) / 2


def read(result):
    """Curves and parts of the remaining correction: name -> values over observable and energy."""
    lo, charge_radius, nlo, shift = (result.index("model", name)
                                     for name in ("lo", "lo+cr", "nlo", "lo+cr-shift"))
    whole, born, loops, photonic = (result.array(name)[:, :, 0] for name in (
        "cross_section", "born", "loops", "photonic"))
    parts = {"born": born[:, nlo] - born[:, lo],
             "loops": loops[:, nlo] - loops[:, charge_radius],
             "photonic": photonic[:, nlo]}
    parts["sum"] = parts["born"] + parts["loops"] + parts["photonic"]
    curves = {"lo": whole[:, lo], "lo+cr": whole[:, charge_radius], "nlo": whole[:, nlo]}
    # With the linear charge radius this would be NLO by construction.
    curves["sum"] = whole[:, shift] + parts["sum"]
    return curves, parts


def mark_threshold(axes, threshold):
    axes.axvline(threshold, color="0.55", linewidth=0.8, linestyle=(0, (1, 2)), zorder=0.5)


def draw_curves(axes, energy, curves, threshold):
    for name, (label, colour, dashes, width) in CURVES.items():
        axes.plot(energy, curves[name], color=colour, linestyle=dashes, linewidth=width, label=label,
                  zorder=1.9 if name == "nlo" else 2)
    mark_threshold(axes, threshold)


def draw_tail(axes, energy, curves, threshold):
    """The neighbourhood of the threshold on a logarithmic scale."""
    inset = axes.inset_axes([0.60, 0.11, 0.37, 0.42])
    draw_curves(inset, energy, curves, threshold)
    inset.set(yscale="log", xlim=(energy[0], 2 * threshold - energy[0]), ylim=(TAIL, 1))
    inset.tick_params(labelsize=7.5)
    inset.annotate("threshold\nwithout\nphoton", (threshold, TAIL), xytext=(3, 4),
                   textcoords="offset points", fontsize=7.5, color="0.35")
    if np.any(curves["nlo"][energy < threshold] > TAIL):
        inset.annotate("with a\nphoton", (0.06, 0.72), xycoords="axes fraction", fontsize=7.5,
                       color=CURVES["sum"][1], va="top")


def label_differences(axes, energy, differences, threshold):
    """Names at the curves; the step from LO + CR to NLO is an arrow."""
    for name, label, place, offset in (
            ("lo", "LO", 2.6 * threshold, -4),
            ("nlo", "NLO", 1.65 * threshold, 9),
            ("lo+cr", "LO + CR", 1.65 * threshold, -8)):
        colour = CURVES["sum" if name == "nlo" else name][1]
        axes.annotate(label, (place, np.interp(place, energy, differences[name])),
                      xytext=(0, offset), textcoords="offset points", fontsize=8.5, color=colour,
                      va="top" if offset < 0 else "bottom")
    place = 1.2 * threshold
    low, high = (np.interp(place, energy, differences[name]) for name in ("lo+cr", "nlo"))
    axes.annotate("", (place, high), xytext=(place, low),
                  arrowprops={"arrowstyle": "->", "color": CURVES["sum"][1], "linewidth": 1,
                              "shrinkA": 1, "shrinkB": 2})
    axes.annotate("remaining", (place, (low + high) / 2), xytext=(-3, -2), rotation=90,
                  textcoords="offset points", fontsize=8.5, color=CURVES["sum"][1], ha="right",
                  va="center")


def draw_parts(axes, energy, parts, threshold):
    axes.axhline(0, color="black", linewidth=0.7)
    for name, values in parts.items():
        label, colour, dashes, over_threshold, side = PARTS[name]
        place = over_threshold * threshold
        axes.plot(energy, values, color=colour, linestyle=dashes, linewidth=1.6)
        axes.annotate(label, (place, np.interp(place, energy, values)),
                      xytext=(0, 3 if side == "above" else -3), textcoords="offset points",
                      color=colour, fontsize=8.5, va="bottom" if side == "above" else "top")
    mark_threshold(axes, threshold)


def main():
    result = Result(["observable", "model", "recoil", "energy"], "cross-section")
    observables, energy = result.values("observable"), result.values("energy")
    if len(result.values("recoil")) != 1:
        sys.exit(f"{result.path}: no figure for more than one recoil")
    recoil = result.values("recoil")[0]
    threshold = lowest_energy(recoil)
    curves, parts = read(result)

    figure, panels = plt.subplots(3, len(observables), figsize=(5.2 * len(observables), 9.2),
                                  sharex=True, sharey="row", squeeze=False,
                                  height_ratios=(1.25, 1, 1))
    for column, observable in enumerate(observables):
        def of_this(values):
            return {name: value[column] for name, value in values.items()}

        def of_lo(values):
            lo = np.where(curves["lo"][column] > 0, curves["lo"][column], np.nan)
            return {name: 100 * value[column] / lo for name, value in values.items()}

        top, middle, bottom = panels[:, column]
        scaled = {name: value / UNIT for name, value in of_this(curves).items()}
        draw_curves(top, energy, scaled, threshold)
        draw_tail(top, energy, scaled, threshold)
        differences = {name: value - 100 for name, value in of_lo(curves).items()}
        draw_curves(middle, energy, differences, threshold)
        label_differences(middle, energy, differences, threshold)
        draw_parts(bottom, energy, of_lo(parts), threshold)
        top.set_title(TITLES.get(observable, observable), fontsize=10)
        top.legend(loc="upper left", fontsize=8.5, frameon=False, handlelength=3.6)
        bottom.set_xlabel(r"antineutrino energy $E_\nu$ (MeV)")
    top, middle, bottom = panels[:, 0]
    top.set(xscale="log", xlim=(energy[0], energy[-1]), ylim=(0, None))
    top.set_ylabel(rf"$\mathrm{{d}}\sigma/\mathrm{{d}}T$ at $T = {recoil:g}$ MeV"
                   r"  ($10^{-45}\,\mathrm{cm}^2/\mathrm{MeV}$)")
    middle.set(ylim=(-6.8, 0.6))
    middle.set_ylabel("difference from LO (% of LO)")
    bottom.set(ylim=(-2.4, 4.9))
    bottom.set_ylabel("parts of the remaining\ncorrection (% of LO)")
    ticks = [tick for tick in (1.2, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 50, 100)
             if energy[0] <= tick <= energy[-1]]
    top.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    top.set_xticks([], minor=True)
    figure.align_ylabels()
    figure.subplots_adjust(left=0.07, right=0.985, bottom=0.055, top=0.965, wspace=0.06, hspace=0.06)
    save(figure, result.path)


if __name__ == "__main__":
    main()
