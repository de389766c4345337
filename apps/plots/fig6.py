"""Signal and background by isotope: Fig. 6 of arXiv:2410.00107, from a result of jobs/fig6.toml."""
# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np

from style import SHORT_MODELS, assumptions, experiment_style, model_style, plt, run, symbol

WANTS = ("rates", ["experiment", "model"])
LOWEST = 1e-2  # per day and MeV, shown
SIGNAL, BACKGROUND = "#004488", "#997700"  # neither of a detector nor of a model
DASHES = [(0, (6, 1.5)), (0, (1.2, 1.2)), (0, (7, 1.5, 1.2, 1.5)), (0, (3, 1)), (0, (8, 2, 1, 2, 1, 2)), (0, (2, 2))]
MOST = 4  # cosmogenic isotopes with a line of their own


def grouped(isotopes, rates):
    """The isotopes that are first in some bin of some experiment have a line, the others one together: name ->
    rates over experiment and bin.

    rates: experiment, isotope, bin."""
    leading = {int(place) for part in rates for place in part.argmax(axis=0)[part.max(axis=0) > 0]}
    order = np.argsort(-rates.sum(axis=(0, 2)))
    own = [place for place in order if place in leading][:MOST]
    groups = {symbol(isotopes[place]): rates[:, place] for place in own}
    rest = [place for place in range(len(isotopes)) if place not in own]
    if rest:
        groups[f"{len(rest)} other isotopes"] = rates[:, rest].sum(axis=1)
    return groups


def draw_spectra(axes, edges, signal, background, parts):
    """parts: (name -> rates, colour) of the signal and of the background."""
    axes.stairs(background, edges, color=BACKGROUND, linewidth=1.6, baseline=None)
    axes.stairs(signal, edges, color=SIGNAL, linewidth=1.6, baseline=None)
    for (groups, colour) in parts:
        for (rates, dashes) in zip(groups.values(), DASHES):
            axes.stairs(np.where(rates > 0, rates, np.nan), edges, color=colour, linewidth=0.8, linestyle=dashes,
                        baseline=None)


def handles(fissile, cosmogenic, models):
    def lines(names, colour):
        return [plt.Line2D([], [], color=colour, linewidth=0.8, linestyle=dashes, label=name)
                for name, dashes in zip(names, DASHES)]

    return [plt.Line2D([], [], color=SIGNAL, linewidth=1.6, label="signal, NLO"), *lines(fissile, SIGNAL),
            plt.Line2D([], [], color=BACKGROUND, linewidth=1.6, label="cosmogenic background"),
            *lines(cosmogenic, BACKGROUND),
            *(plt.Line2D([], [], color=colour, linestyle=dashes, linewidth=1, label=SHORT_MODELS.get(name, name))
              for name, (colour, dashes) in ((name, model_style(name, k)) for k, name in enumerate(models)))]


def draw(page):
    result = page.read(WANTS[1], WANTS[0])
    experiments, models = result.values("experiment"), result.values("model")
    low, high = result.array("rates/bin_low"), result.array("rates/bin_high")
    edges, width = np.append(low, high[-1]), high - low
    lo, nlo = result.index("model", "lo"), result.index("model", "nlo")
    signal, background = result.array("rates/signal"), result.array("rates/background")[:, nlo] / width
    fissile = result.array("rates/signal_by_isotope")[:, nlo] / width
    fissile = {symbol(name): fissile[:, k] for k, name in enumerate(result.values("rates/fissile_isotope"))}
    cosmogenic = grouped(result.values("rates/cosmogenic_isotope"),
                         result.array("rates/background_by_isotope")[:, nlo] / width)
    difference = 100 * (signal / signal[:, [lo]] - 1)

    figure, panels = page.grid(result.path, ("spectrum and difference", 2), ("experiment", len(experiments)), 2.7,
                               sharex=True, sharey="row", height_ratios=(2.6, 1))
    for column, experiment in enumerate(experiments):
        top, bottom = panels[:, column]
        draw_spectra(top, edges, signal[column, nlo] / width, background[column],
                     [({name: rates[column] for name, rates in groups.items()}, colour)
                      for groups, colour in ((fissile, SIGNAL), (cosmogenic, BACKGROUND))])
        for k, model in enumerate(models):
            colour, dashes = model_style(model, k)
            bottom.stairs(difference[column, k], edges, color=colour, linestyle=dashes,
                          linewidth=1, baseline=None)
        top.set_title(experiment_style(experiment, column)[0], loc="left")
        bottom.set_xlabel("visible energy $T$ [MeV]")
    highest = max(background.max(), (signal[:, nlo] / width).max())
    panels[0, 0].set(yscale="log", xlim=(edges[0], edges[-1]), ylim=(LOWEST, 2 * max(highest, 10 * LOWEST)),
                     ylabel="events [1/(day MeV)]")
    panels[1, 0].set_ylabel("from LO [%]")
    reach = np.ptp(difference, axis=None) or 1
    panels[1, 0].set_ylim(difference.min() - 0.1 * reach, difference.max() + 0.1 * reach)
    figure.align_ylabels()
    notes = assumptions(result, "Expected events; lower panels: signal against that of LO",
                        leave=("model", "reference"))
    yield "", page.finish(figure, notes, handles(fissile, cosmogenic, models))


if __name__ == "__main__":
    run(draw)
