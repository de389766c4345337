"""Significance against running time: Fig. 7 of arXiv:2410.00107, from a result of jobs/fig7.toml."""
# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np

from style import MODELS, Result, experiment_style, label_ends, plt, save

THRESHOLD = 5.0  # sigma


def smooth(years, significance):
    """The curve on a fine logarithmic grid; chi2/t hardly bends, so that interpolating it is safe."""
    fine = np.geomspace(years[0], years[-1], 400)
    rate = np.interp(np.log(fine), np.log(years), significance**2 / years)
    return fine, np.sqrt(rate * fine)


def draw_panel(axes, years, curves, times, top):
    """curves: experiment -> significance over years; times: experiment -> discovery time."""
    axes.axhline(THRESHOLD, color="black", linestyle=(0, (1, 2)), linewidth=1.1)
    axes.annotate(r"$5\sigma$", (0, THRESHOLD), xycoords=axes.get_yaxis_transform(),
                  xytext=(4, 3), textcoords="offset points", fontsize=8.5)
    for index, (experiment, significance) in enumerate(curves.items()):
        _, colour, dashes = experiment_style(experiment, index)
        axes.plot(*smooth(years, significance), color=colour, linestyle=dashes, linewidth=1.7)
        if years[0] < times[experiment] < years[-1]:
            axes.plot(times[experiment], THRESHOLD, "o", color=colour, markersize=4.5)
    axes.set(xscale="log", xlim=(years[0], years[-1]), ylim=(0, top))
    axes.set_xticks([1 / 12, 1 / 4, 1 / 2, 1, 2, 5, 10],
                    ["1 mo", "3 mo", "6 mo", "1 yr", "2 yr", "5 yr", "10 yr"])
    axes.set_xticks([], minor=True)
    axes.tick_params(labelleft=True)
    label_ends(axes, curves, [significance[-1] for significance in curves.values()], 0.055 * top)


def main():
    result = Result(["experiment", "model", "flux_uncertainty", "exposure"])
    years = result.values("exposure")
    experiments, models = result.values("experiment"), result.values("model")
    uncertainties = result.values("flux_uncertainty")
    significance, times = result.array("significance"), result.array("discovery_time")

    figure, panels = plt.subplots(len(uncertainties), len(models),
                                  figsize=(4.8 * len(models), 3.3 * len(uncertainties)),
                                  sharex=True, sharey=True, squeeze=False)
    top = 1.08 * max(significance.max(), THRESHOLD)
    for row, uncertainty in enumerate(uncertainties):
        for column, model in enumerate(models):
            axes = panels[row, column]
            draw_panel(axes, years,
                       {name: significance[i, column, row] for i, name in enumerate(experiments)},
                       {name: times[i, column, row] for i, name in enumerate(experiments)}, top)
            axes.set_title(f"{MODELS[model]}, flux uncertainty {100 * uncertainty:g} %", fontsize=10)
            if row == len(uncertainties) - 1:
                axes.set_xlabel("running time")
            if column == 0:
                axes.set_ylabel(r"significance ($\sigma$)")
    figure.subplots_adjust(left=0.055, right=0.85, bottom=0.075, top=0.95, wspace=0.52, hspace=0.16)
    save(figure, result.path)


if __name__ == "__main__":
    main()
