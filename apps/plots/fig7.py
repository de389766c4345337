"""Significance against running time: Fig. 7 of arXiv:2410.00107, from a result of jobs/fig7.toml."""
# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np

from style import EXPERIMENTS, MODELS, names, open_result, plt, save, spread

THRESHOLD = 5.0  # sigma


def draw_panel(axes, years, curves, top):
    """curves: experiment -> significance over years."""
    axes.axhline(THRESHOLD, color="black", linestyle=(0, (1, 2)), linewidth=1.1)
    for experiment, significance in curves.items():
        _, colour, dashes = EXPERIMENTS[experiment]
        axes.plot(years, significance, color=colour, linestyle=dashes, linewidth=1.7)
        if significance[0] < THRESHOLD <= significance[-1]:
            crossing = np.exp(np.interp(THRESHOLD, significance, np.log(years)))
            axes.plot(crossing, THRESHOLD, "o", color=colour, markersize=4)
    axes.set(xscale="log", xlim=(years[0], years[-1]), ylim=(0, top))
    axes.set_xticks([1 / 12, 1 / 4, 1 / 2, 1, 2, 5, 10],
                    ["1 mo", "3 mo", "6 mo", "1 yr", "2 yr", "5 yr", "10 yr"])
    axes.set_xticks([], minor=True)

    ends = [significance[-1] for significance in curves.values()]
    for (experiment, end), height in zip(zip(curves, ends), spread(ends, 0.055 * top)):
        label, colour, _ = EXPERIMENTS[experiment]
        axes.annotate(label, (1, end), xycoords=axes.get_yaxis_transform(),
                      xytext=(1.06, height), textcoords=axes.get_yaxis_transform(), color=colour,
                      va="center", fontsize=8.5, fontweight="bold", annotation_clip=False,
                      arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.7,
                                  "shrinkA": 0, "shrinkB": 0, "relpos": (0, 0.5)})


def main():
    file, path = open_result()
    years = file["exposure"][:]
    experiments, models = names(file, "experiment"), names(file, "model")
    uncertainties = file["flux_uncertainty"][:]
    significance = file["significance"][:, :, :, 0, :]

    top = 1.08 * significance.max()
    figure, panels = plt.subplots(len(uncertainties), len(models), figsize=(9.6, 6.6), sharex=True,
                                  sharey=True, squeeze=False)
    for row, uncertainty in enumerate(uncertainties):
        for column, model in enumerate(models):
            axes = panels[row, column]
            draw_panel(axes, years, {experiment: significance[i, column, row]
                                     for i, experiment in enumerate(experiments)}, top)
            axes.set_title(f"{MODELS[model]}, flux uncertainty {100 * uncertainty:g} %", fontsize=10)
            if row == len(uncertainties) - 1:
                axes.set_xlabel("running time")
            if column == 0:
                axes.set_ylabel(r"significance ($\sigma$)")
    figure.subplots_adjust(left=0.055, right=0.85, bottom=0.075, top=0.95, wspace=0.47, hspace=0.16)
    save(figure, path)


if __name__ == "__main__":
    main()
