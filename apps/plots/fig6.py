"""Signal and background by isotope: Fig. 6 of arXiv:2410.00107, from a result of jobs/fig6.toml."""
# SPDX-License-Identifier: GPL-3.0-or-later
import re

import numpy as np

from style import MODELS, Result, experiment_style, label_ends, plt, save

LOWEST = 1e-2  # per day and MeV, shown
SIGNAL, BACKGROUND, NLO = "#0b3c8c", "#b2161e", "#8fc1ec"
# Dashes of each isotope, and the energy in MeV at which its name stands; without one, at the right end.
ISOTOPES = {
    "U235": ((0, (6, 1.5)), 5.6),
    "U238": ((0, (1.2, 1.2)), 7.0),
    "Pu239": ((0, (7, 1.5, 1.2, 1.5)), 1.5),
    "Pu241": ((0, (7, 1.5, 1.2, 1.5, 1.2, 1.5)), 5.0),
    "11C": ((0, (6, 1.5)), 1.75),
    "10C": ((0, (3, 1)), 2.7),
    "6He": ((0, (7, 1.5, 1.2, 1.5)), 3.48),
    "12B": ((0, (4, 1.2)), None),
    "8Li": ((0, (1.2, 1.2)), None),
    "8B": ((0, (7, 1.5, 1.2, 1.5, 1.2, 1.5)), None),
    "9C": ((0, (5, 1, 1, 1)), None),
    "9Li": ((0, (2, 1)), None),
    "12N": ((0, (8, 2)), None),
    "11Be": ((0, (1.2, 2)), None),
    "8He": ((0, (4, 1, 1, 1, 1, 1)), None),
}
BESIDE = {"11C"}  # named at the right of its curve, which the total covers
OTHER = ("solid", None)
DIFFERENCES = {"lo": ("black", "solid"), "lo+cr": (BACKGROUND, (0, (7, 1.5, 1.2, 1.5))),
               "lo+cr-shift": ("#b85c00", (0, (1.2, 1.2))), "nlo": (SIGNAL, (0, (5, 2)))}


def symbol(isotope):
    """U235 and 11C with their mass number above."""
    letters, digits = re.search("[A-Za-z]+", isotope).group(), re.search(r"\d+", isotope).group()
    return rf"$^{{{digits}}}${letters}"


def draw_isotopes(axes, energy, rates, colour):
    """rates: isotope -> per day and MeV, zero where its spectrum has ended."""
    for isotope, values in rates.items():
        dashes, _ = ISOTOPES.get(isotope, OTHER)
        axes.plot(energy, np.where(values > 0, values, np.nan), color=colour, linestyle=dashes,
                  linewidth=0.9)


def name_isotopes(axes, energy, rates, colour):
    """The names on the curves, or at the right end; a curve that is not shown there has none."""
    at_end = {}
    for isotope, values in rates.items():
        _, place = ISOTOPES.get(isotope, OTHER)
        if place is None:
            at_end[isotope] = max(values[-1], LOWEST)
            continue
        height = np.exp(np.interp(place, energy, np.log(np.maximum(values, np.finfo(float).tiny))))
        if height > LOWEST:
            axes.annotate(symbol(isotope), (place, height),
                          xytext=(8 if isotope in BESIDE else 0, 0), textcoords="offset points",
                          color=colour, fontsize=8, va="center",
                          ha="left" if isotope in BESIDE else "center",
                          bbox={"facecolor": "white", "linewidth": 0, "pad": 0.4})
    decades = np.log10(axes.get_ylim()[1] / LOWEST)
    label_ends(axes, at_end, at_end.values(), 0.025 * decades, np.log10, lambda power: 10**power,
               lambda isotope, _: (symbol(isotope), colour, None))


def draw_differences(axes, energy, signals, lo):
    """signals: model -> rates; each against LO, in per cent."""
    for model, values in signals.items():
        colour, dashes = DIFFERENCES[model]
        difference = 100 * (values / lo - 1)
        axes.plot(energy, difference, color=colour, linestyle=dashes, linewidth=1.5)
        axes.annotate(MODELS[model], (energy[-1], difference[-1]), xytext=(-4, 3), color=colour,
                      textcoords="offset points", ha="right", va="bottom", fontsize=8.5)


def main():
    result = Result(["experiment", "model"], "rates")
    experiments, models = result.values("experiment"), result.values("model")
    low, high = result.array("rates/bin_low"), result.array("rates/bin_high")
    energy, width = (low + high) / 2, high - low
    lo, nlo = result.index("model", "lo"), result.index("model", "nlo")
    signal = result.array("rates/signal")
    background = result.array("rates/background")[:, nlo]
    fissile = result.array("rates/signal_by_isotope")[:, nlo]
    cosmogenic = result.array("rates/background_by_isotope")[:, nlo]

    figure, panels = plt.subplots(2, len(experiments), figsize=(6.2 * len(experiments), 9.4),
                                  sharex=True, sharey="row", squeeze=False, height_ratios=(3.2, 1))
    panels[0, 0].set(yscale="log", xlim=(low[0], high[-1]),
                     ylim=(LOWEST, 4 * (background / width).max()))
    for column, experiment in enumerate(experiments):
        top, bottom = panels[:, column]
        by_cosmogenic = dict(zip(result.values("rates/cosmogenic_isotope"), cosmogenic[column] / width))
        by_fissile = dict(zip(result.values("rates/fissile_isotope"), fissile[column] / width))
        top.plot(energy, background[column] / width, color=BACKGROUND, linewidth=2.4,
                 label="cosmogenic background")
        top.plot([], [], color=BACKGROUND, linewidth=0.9, linestyle=(0, (3, 1)),
                 label="... of each isotope")
        top.plot(energy, signal[column, lo] / width, color="black", linewidth=2.4,
                 label="signal, LO")
        top.plot(energy, signal[column, nlo] / width, color=NLO, linewidth=1.1,
                 label="signal, NLO (difference: below)")
        top.plot([], [], color=SIGNAL, linewidth=0.9, linestyle=(0, (6, 1.5)),
                 label="... from each fissile isotope, NLO")
        draw_isotopes(top, energy, by_cosmogenic, BACKGROUND)
        draw_isotopes(top, energy, by_fissile, SIGNAL)
        name_isotopes(top, energy, by_cosmogenic, BACKGROUND)
        name_isotopes(top, energy, by_fissile, SIGNAL)
        top.legend(loc="upper right", fontsize=8.5, frameon=False, handlelength=3)
        draw_differences(bottom, energy, dict(zip(models, signal[column])), signal[column, lo])
        top.set_title(experiment_style(experiment, column)[0], fontsize=10)
        bottom.set_xlabel("visible energy $T$ (MeV)")
    panels[0, 0].set_ylabel(f"events per day and MeV (bins of {width[0]:g} MeV)")
    panels[1, 0].set_ylabel("signal: difference from LO (%)")
    panels[1, 0].margins(y=0.2)
    figure.align_ylabels()
    figure.subplots_adjust(left=0.06, right=0.945, bottom=0.055, top=0.965, wspace=0.16, hspace=0.05)
    save(figure, result.path)


if __name__ == "__main__":
    main()
