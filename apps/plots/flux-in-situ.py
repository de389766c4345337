"""Discovery times with the flux measured by inverse beta decays, from the results of jobs/flux-in-situ."""
# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np

from reading import Result
from style import (SHORT_MODELS, assumptions, experiment_handles, experiment_style, numbers_on, plt, run,
                   table_beside, wanted_sigma)

FREE, SCALE = "flux_shape.free_scale", "signal_uncertainties.scale"
RATIO = ["experiment", "model", FREE, SCALE, "exposure"]
ALONE = ["experiment", "model", "flux_uncertainty", "exposure"]
FLUX = 0.005  # of scattering alone, beside which the times stand
DECAYS = "+ibd"  # what the name of a joint experiment has more than that of its detector
LATEST = 300  # years, of the axis at most
SHARES = (0, 0.25, 0.5, 0.75, 1)  # of the scales, in the table


def draw_panel(axes, ratio, alone, model, shape):
    times, scales = ratio.array("discovery_time"), ratio.values(SCALE)
    j, k = ratio.index("model", model), list(ratio.values(FREE)).index(shape)
    known = np.flatnonzero(np.isclose(alone.values("flux_uncertainty"), FLUX))
    single = alone.array("discovery_time")[:, alone.index("model", model), known]
    for i, name in enumerate(ratio.values("experiment")):
        detector = name.removesuffix(DECAYS)
        _, colour, dashes = experiment_style(detector, i)
        axes.plot(scales, np.where(np.isfinite(times[i, j, k]), times[i, j, k], np.nan), color=colour,
                  linestyle=dashes)
        if detector in alone.values("experiment") and len(known):
            years = single[alone.index("experiment", detector), 0]
            axes.plot([1.015], [years], "<", color=colour, markersize=4, clip_on=False,
                      transform=axes.get_yaxis_transform(), zorder=4)
    axes.set_title(f"{SHORT_MODELS.get(model, model)}, shape of the flux {'free' if shape else 'known'}", loc="left")


def write_table(file, ratio, sigma):
    """Years by the factor on the decays' uncertainty."""
    scales, times = ratio.values(SCALE), ratio.array("discovery_time")
    places = [round(share * (len(scales) - 1)) for share in SHARES]
    row = "{:<18} {:<8} {:<14}" + len(places) * " {:>10}" + "\n"
    file.write(f"Years to {sigma:g} sigma, by the factor on the uncertainty of the decays\n\n")
    file.write(row.format("experiment", "model", "flux's shape", *(f"{scales[n]:g}" for n in places)))
    for i, j, k in np.ndindex(times.shape[:3]):
        file.write(row.format(ratio.values("experiment")[i], ratio.values("model")[j],
                              "free" if ratio.values(FREE)[k] else "the model's",
                              *(f"{times[i, j, k, n]:.3g}" for n in places)))


def selected(only, end):
    """--only with the names that experiments have in a file: with DECAYS, or without."""
    return {key: [name.removesuffix(DECAYS) + end for name in values] if key == "experiment" else values
            for key, values in only.items()}


def draw(page):
    ratio = Result(RATIO, "reach", page.source / "ratio.h5", selected(page.only, DECAYS))
    alone = Result(ALONE, "reach", page.source / "alone.h5", selected(page.only, ""))
    if not page.only:
        with table_beside(page) as file:
            write_table(file, ratio, wanted_sigma(ratio))
    models, shapes = ratio.values("model"), ratio.values(FREE)
    figure, panels = page.grid(ratio.path, (FREE, len(shapes)), ("model", len(models)), 2.3, sharex=True, sharey=True)
    for (row, column), axes in np.ndenumerate(panels):
        draw_panel(axes, ratio, alone, models[column], shapes[row])
    times, scales = ratio.array("discovery_time"), ratio.values(SCALE)
    panels[0, 0].set(yscale="log", xlim=(scales[0], scales[-1]), ylim=(0.7 * times.min(), LATEST))
    numbers_on(panels[0, 0].yaxis)
    sigma = wanted_sigma(ratio)
    for axes in panels[-1]:
        axes.set_xlabel("factor on the uncertainty of the decays")
    for axes in panels[:, 0]:
        axes.set_ylabel(rf"time to {sigma:g} $\sigma$ [yr]")
    detectors = [name.removesuffix(DECAYS) for name in ratio.values("experiment")]
    handles = experiment_handles(detectors)
    handles.append(plt.Line2D([], [], marker="<", color="black", linestyle="none", markersize=4,
                              label=f"scattering alone, flux known to {100 * FLUX:g} %"))
    notes = assumptions(ratio, "Scattering and inverse beta decays of one detector fitted together, the normalisation "
                        "of the flux free. Factor 1: the uncertainties of the decays' number in the configs. Curves that "
                        f"leave their panel need more than {LATEST} yr",
                        leave=("model", "flux_uncertainty", FREE, "flux_correlation"))
    yield "", page.finish(figure, notes, handles)


if __name__ == "__main__":
    run(draw, "FOLDER")
