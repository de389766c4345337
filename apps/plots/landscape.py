"""The discovery time over two assumptions at once, from the results of jobs/landscape/*.toml."""
# SPDX-License-Identifier: GPL-3.0-or-later
import sys

import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, MultipleLocator, NullFormatter

from style import MODELS, Result, experiment_style, folder, plt, save, spread

BINS, ONE_BIN = 0.5, 9.0  # MeV
# Years; the bands between them go from light to dark.
LEVELS = [0.1, 0.3, 1, 3, 10, 30, 100, 1000, 1e4]
NEVER_LEVELS = [3, 10, 30]  # beside the boundary of never: the next ones lie in its line
LIFE = LEVELS[-1]
NEVER = 1e12  # stands for infinity where logarithms are taken
SIGMAS = [1, 3, 5]
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
# arXiv:2410.00107: its two flux uncertainties and its background uncertainty; its places.
PAPER_FLUX, PAPER_BACKGROUND = [0.005, 0.010], 0.10
PAPER_MASS = {"tao-30m": 2.8, "cloud-25mwe": 8.0}  # t
PAPER_PLACES = {"tao-30m": [(30, "paper-25mwe"), (44, "paper-25mwe")],
                "cloud-25mwe": [(35, "paper-surface"), (35, "paper-25mwe"), (35, "paper-300mwe")]}
MARK = {"marker": "D", "markersize": 5.5, "markerfacecolor": "#f7b500", "markeredgecolor": "black",
        "markeredgewidth": 0.9, "linestyle": "none", "zorder": 6}
BOX = {"boxstyle": "square,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
BANDS = [plt.cm.Blues(0.04 + 0.066 * band) for band in range(len(LEVELS))]
HATCHED = {"life": ("0.95", "////"), "never": ("0.82", "xxxx")}
plt.rcParams.update({"hatch.color": "0.55", "hatch.linewidth": 0.6})


def shown_time(years):
    if np.isinf(years):
        return "never"
    if years >= 1e4:
        exponent = int(np.floor(np.log10(years)))
        return f"{years / 10**exponent:.1f}·10{str(exponent).translate(SUPERSCRIPTS)} yr"
    return f"{years:.0f} yr" if years >= 100 else f"{years:#.2g} yr".replace(". ", " ")


def shown_level(years):
    return f"{years:g}" if years < 1e4 else "10⁴"


def logarithm(years):
    return np.log10(np.minimum(years, NEVER))


def crossings(along, years, level):
    """Where along a line the time passes the level."""
    above = logarithm(years) - np.log10(level)
    found = []
    for low in np.flatnonzero(above[:-1] * above[1:] < 0):
        share = above[low] / (above[low] - above[low + 1])
        found.append(along[low] + share * (along[low + 1] - along[low]))
    return found


def one_bin_law(flux, background, years):
    """1/t = a - c flux^2 - d background^2 in one bin, from chi2 = D^2/(V/t + flux^2 S^2 + background^2 B^2)."""
    terms = np.stack([np.ones(years.shape), *np.meshgrid(-flux**2, -background**2, indexing="ij")], axis=-1)
    there = np.isfinite(years)
    weight = years[there]  # so that all count by their relative deviations
    scale = np.abs(terms[there]).max(axis=0) if there.any() else 1
    law, _, rank, _ = np.linalg.lstsq(terms[there] / scale * weight[:, None], np.ones(len(weight)),
                                      rcond=None)
    if rank < 3:
        sys.exit("too few finite times in one bin to say where never begins")
    law = law / scale
    # Differences of 1/t grow as it falls to zero.
    if not np.allclose(terms[there] @ law, 1 / weight, rtol=0, atol=1e-6 * law[0]):
        sys.exit(f"no figure for bins of {ONE_BIN:g} MeV that are more than one")
    return law


def fill(axes, x, y, years):
    """Bands of time, hatched beyond a life; never is hatched twice."""
    filled = logarithm(years).T
    edges = [-9, *np.log10(LEVELS)]
    axes.contourf(x, y, filled, levels=edges, colors=BANDS, zorder=0)
    for low, high, (grey, hatch) in ((np.log10(LIFE), 9, HATCHED["life"]), (9, 13, HATCHED["never"])):
        if filled.max() > low:
            axes.contourf(x, y, filled, levels=[low, high], colors=[grey], zorder=0, hatches=[hatch])


def lines(axes, x, y, years, levels):
    """Lines of equal time; returns those that are there."""
    values = logarithm(years)
    levels = [level for level in levels if values.min() < np.log10(level) < values.max()]
    if levels:
        widths = [1.8 if level in (10, LIFE) else 0.9 for level in levels]
        axes.contour(x, y, values.T, levels=np.log10(levels), colors="black", linewidths=widths,
                     linestyles="solid", zorder=3)
    return levels


def written(axes, position, text, size=7.5, **more):
    return axes.annotate(text, position, **{"ha": "center", "va": "center", "fontsize": size,
                                            "bbox": BOX, "zorder": 5, **more})


def label_top(axes, x, y, years, levels):
    """Names the lines at the upper edge, labels moved apart."""
    low, high = axes.get_xlim()
    ends = [(place, level) for level in levels for place in crossings(x, years[:, -1], level)]
    places = spread([place for place, _ in ends], 0.105 * (high - low))
    for (end, level), place in zip(ends, places):
        axes.annotate(shown_level(level), (end, 1), xycoords=axes.get_xaxis_transform(),
                      xytext=(place, 1.055), textcoords=axes.get_xaxis_transform(), ha="center",
                      va="bottom", fontsize=7.5, annotation_clip=False,
                      arrowprops={"arrowstyle": "-", "linewidth": 0.6, "shrinkA": 0, "shrinkB": 0,
                                  "relpos": (0.5, 0)})


def draw_uncertainties(axes, times, flux, background, one_bin):
    x = 100 * flux
    axes.set(yscale="log", xlim=(x[0], x[-1]), ylim=(100 * background[0], 100 * background[-1]))
    y = 100 * background
    if one_bin:
        # The law instead of steps of the grid.
        start, flux_factor, background_factor = one_bin_law(flux, background, times)
        fine_x, fine_y = np.linspace(x[0], x[-1], 400), np.geomspace(y[0], y[-1], 400)
        rate = (start - flux_factor * (fine_x[:, None] / 100)**2
                - background_factor * (fine_y / 100)**2)
        fine_times = 1 / np.maximum(rate, 1 / NEVER)
        fill(axes, fine_x, fine_y, fine_times)
        for step, level in enumerate(lines(axes, fine_x, fine_y, fine_times, NEVER_LEVELS)):
            row = int(np.searchsorted(fine_y, y[0] * 2 * 2.2**step))
            for place in crossings(fine_x, fine_times[:, row], level):
                written(axes, (place, fine_y[row]), shown_level(level))
        axes.contour(fine_x, fine_y, rate.T, levels=[0], colors="black", linewidths=2.6, zorder=3)
        written(axes, (0.64, 0.3), "never", 10, xycoords="axes fraction", fontweight="bold")
    else:
        fill(axes, x, y, times)
        label_top(axes, x, y, times, lines(axes, x, y, times, LEVELS))
        if times.max() > LIFE:
            written(axes, (0.68, 0.3), "not in this life", 10, xycoords="axes fraction",
                    fontweight="bold")
    at_background = int(np.argmin(np.abs(background - PAPER_BACKGROUND)))
    for wanted in PAPER_FLUX:
        at_flux = int(np.argmin(np.abs(flux - wanted)))
        axes.plot(100 * wanted, 100 * PAPER_BACKGROUND, **MARK)
        first = wanted == PAPER_FLUX[0]
        written(axes, (100 * wanted, 100 * PAPER_BACKGROUND),
                shown_time(times[at_flux, at_background]), xytext=(8 if first else -8, -12),
                ha="right" if first else "left", textcoords="offset points", fontweight="bold")
    axes.set_xlabel("flux uncertainty (%)")
    axes.xaxis.set_major_locator(MultipleLocator(0.5))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def muon_rates(muons, experiment, model):
    """Name of a muon flux -> its background in the window over that of paper-25mwe."""
    rates = muons.at("rates/background", experiment=experiment, model=model)[0].sum(axis=-1)
    names = muons.values("background_model")
    return dict(zip(names, rates / rates[muons.index("background_model", "paper-25mwe")]))


def draw_overburden(axes, overburden, muons, experiment, model):
    x, y = overburden.values("detector.baseline"), overburden.values("background.scale")
    times = overburden.at("discovery_time", experiment=experiment, model=model)
    axes.set(yscale="log", xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
    fill(axes, x, y, times)
    levels = lines(axes, x, y, times, LEVELS)
    margin = 0.04 * (x[-1] - x[0])
    for level in levels:
        # Away from the places; at the top what does not come that far down.
        for height in (0.09, 6):
            row = int(np.argmin(np.abs(np.log(y / height))))
            places = [place for place in crossings(x, times[:, row], level)
                      if x[0] + margin < place < x[-1] - margin]
            if places:
                written(axes, (places[0], y[row]), shown_level(level))
                break
    own = muons.at("discovery_time", experiment=experiment, model=model)
    baselines = muons.values("detector.baseline")
    rates = muon_rates(muons, experiment, model)
    for column, rate in enumerate(rates.values()):
        axes.axhline(rate, color="0.35", linewidth=0.6, linestyle=(0, (1, 2)), zorder=1)
        for level in levels:
            for place in crossings(baselines, own[:, column], level):
                axes.plot(place, rate, "o", markersize=3.6, markerfacecolor="white",
                          markeredgecolor="black", markeredgewidth=0.8, zorder=4)
    for baseline, name in PAPER_PLACES.get(experiment, []):
        years = muons.at("discovery_time", experiment=experiment, model=model, baseline=float(baseline),
                         background_model=name)
        axes.plot(baseline, rates[name], **MARK)
        written(axes, (baseline, rates[name]), shown_time(years), xytext=(8, -9), ha="left",
                textcoords="offset points", fontweight="bold")
    axes.set_xlabel("baseline (m)")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    return rates


def name_muons(axes, rates):
    """The places beside the last panel."""
    low, high = np.log(axes.get_ylim())
    heights = [(np.log(rate) - low) / (high - low) for rate in rates.values()]
    for name, end, height in zip(rates, heights, spread(heights, 0.062)):
        axes.annotate(name, (1, end), xycoords="axes fraction", xytext=(1.06, height), va="center",
                      fontsize=8, annotation_clip=False,
                      arrowprops={"arrowstyle": "-", "linewidth": 0.6, "shrinkA": 0, "shrinkB": 0,
                                  "relpos": (0, 0.5)})


def draw_mass(axes, mass, experiment, model):
    x, y = mass.values("detector.mass"), mass.values("exposure")
    axes.set(xscale="log", yscale="log", xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
    for uncertainty, style, share in zip(PAPER_FLUX, ("solid", (0, (4, 2))), (0.66, 0.86)):
        significance = mass.at("significance", experiment=experiment, model=model,
                               flux_uncertainty=uncertainty)
        times = mass.at("discovery_time", experiment=experiment, model=model,
                        flux_uncertainty=uncertainty)
        discovered = significance.max() >= SIGMAS[-1]
        if style == "solid":
            axes.contourf(x, y, significance.T, levels=[0, *SIGMAS, 1e3], zorder=0,
                          colors=[BANDS[7], BANDS[4], BANDS[2], "white"])
        # One sigma is the same at both.
        sigmas = SIGMAS[:-1] if style == "solid" else SIGMAS[1:-1]
        axes.contour(x, y, significance.T, levels=sigmas, colors="black", linewidths=0.9,
                     linestyles=[style], zorder=3)
        axes.plot(x, times, color="black", linewidth=2.4, linestyle=style, zorder=3)
        for sigma in [*sigmas, SIGMAS[-1]]:
            for column in (int(share * (len(x) - 1)), int(0.2 * (len(x) - 1))):
                years = np.interp(sigma, significance[column], y, left=0, right=np.inf)
                if 2 * y[0] < years < y[-1]:
                    # On the side where no other line is near.
                    side = 1 if sigma == SIGMAS[-1] or (style != "solid" and discovered) else -1
                    angle = np.degrees(np.arctan2(PANEL_HEIGHT / np.log10(y[-1] / y[0]),
                                                  PANEL_WIDTH / np.log10(x[-1] / x[0])))
                    written(axes, (x[column], years), f"{sigma}σ, {100 * uncertainty:g} %", bbox=None,
                            xytext=(2.6 * side, 6.5 * side), textcoords="offset points",
                            rotation=-angle, rotation_mode="anchor",
                            fontweight="bold" if sigma == SIGMAS[-1] else "normal")
                    break
        if not discovered:
            written(axes, (0.97, 0.94), f"at {100 * uncertainty:g} %: up to "
                    f"{significance.max():.1f}σ", ha="right", xycoords="axes fraction",
                    fontweight="bold")
        own = PAPER_MASS.get(experiment)
        if own is not None:
            years = float(np.exp(np.interp(np.log(own), np.log(x), np.log(times))))
            if y[0] < years < y[-1]:
                axes.plot(own, years, **MARK)
    axes.set_xlabel("mass (t)")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.set_major_locator(LogLocator())
        axis.set_minor_formatter(NullFormatter())


ROWS = [
    ("Uncertainties, 18 bins",
     "Years to five sigma. Left of the cliff the rate decides; right of it the pull of the flux absorbs the "
     "difference in rate, and only the difference in shape is left.\nData measure the background to better than "
     "0.1 %: to know it less well beforehand costs nothing. The longest time here is {longest}.",
     "background uncertainty (%)"),
    ("Uncertainties, one bin",
     "Years to five sigma. One bin has no shape: where five sigma of the pulls cover the difference in rate, "
     "outside the thick line, the time is infinite.\nNever in the strict sense is only there; in 18 bins no "
     "pulls of two make up the whole difference.",
     "background uncertainty (%)"),
    ("Baseline and overburden",
     "Years to five sigma at a flux uncertainty of 0.5 %. The overburden enters as a factor on the background at "
     "25 mwe. Circles: where the times of the lines\nare reached under the muons of the places named on the right, "
     "with their own mean energies.", "background / that at 25 mwe"),
    ("Mass and running time",
     "Significance at flux uncertainties of 0.5 % (solid lines, shades) and 1 % (dashed; one sigma is where it is "
     "at 0.5 %). Thick: discovery.\nOnly the product of mass and time counts, and the flux uncertainty bounds what "
     "it can do.", "running time (yr)"),
]
# Inches.
PANEL_WIDTH, PANEL_HEIGHT, GAP, LEFT, RIGHT, TOP, BOTTOM = 3.25, 2.6, 0.28, 0.8, 1.15, 1.75, 0.5
BETWEEN = 1.62  # rows: ticks and label of the upper, heading, text and titles of the lower
TITLE, TITLE_ABOVE_LABELS = 0.32, 0.52  # what the titles take


def panels(columns):
    """The grid of axes, and the height of the figure in inches."""
    width = LEFT + columns * PANEL_WIDTH + (columns - 1) * GAP + RIGHT
    height = TOP + len(ROWS) * PANEL_HEIGHT + (len(ROWS) - 1) * BETWEEN + BOTTOM
    figure, axes = plt.subplots(len(ROWS), columns, figsize=(width, height), sharey="row", squeeze=False)
    figure.subplots_adjust(left=LEFT / width, right=1 - RIGHT / width, bottom=BOTTOM / height,
                           top=1 - TOP / height, wspace=GAP / PANEL_WIDTH, hspace=BETWEEN / PANEL_HEIGHT)
    return figure, axes, height


def head(figure, height, row, first, text):
    """Heading and explanation over a row."""
    heading, _, label = ROWS[row]
    first.set_ylabel(label)
    box = first.get_position()
    over = box.y1 + (TITLE_ABOVE_LABELS if row == 0 else TITLE) / height
    figure.text(box.x0, over, text, fontsize=9.5, va="bottom", linespacing=1.3)
    figure.text(box.x0, over + 0.40 / height, heading, fontsize=12.5, fontweight="bold", va="bottom")


def draw_key(figure):
    def patch(grey, hatch):
        return plt.Rectangle((0, 0), 1, 1, facecolor=grey, edgecolor="0.55", hatch=hatch)

    handles = [plt.Line2D([], [], **MARK), patch(*HATCHED["life"]), patch(*HATCHED["never"])]
    figure.legend(handles, ["assumptions and places of arXiv:2410.00107",
                            f"more than {shown_level(LIFE)} years: not in this life",
                            "never: the time is infinite"],
                  loc="upper center", frameon=False, fontsize=9.5, ncol=3, columnspacing=3)


def draw(path, uncertainties, overburden, muons, mass):
    columns = [(experiment, model) for experiment in uncertainties.values("experiment")
               for model in uncertainties.values("model")]
    flux, background = (uncertainties.values(key) for key in ("flux_uncertainty",
                                                              "background_uncertainty"))
    figure, axes, height = panels(len(columns))
    longest = 0
    for column, (experiment, model) in enumerate(columns):
        for row, width in enumerate((BINS, ONE_BIN)):
            times = uncertainties.at("discovery_time", experiment=experiment, model=model,
                                     bin_width=width)
            draw_uncertainties(axes[row, column], times, flux, background, width == ONE_BIN)
            longest = max(longest, times.max()) if width == BINS else longest
        rates = draw_overburden(axes[2, column], overburden, muons, experiment, model)
        draw_mass(axes[3, column], mass, experiment, model)
        for row in range(len(ROWS)):
            name = experiment_style(experiment, 0)[0]
            shown = name.split(",")[0] if row == 2 else name
            axes[row, column].set_title(f"{shown}: {MODELS[model]}", fontsize=9.5, fontweight="bold",
                                        pad=21 if row == 0 else 5)
    name_muons(axes[2, -1], rates)
    for row, (_, text, _) in enumerate(ROWS):
        head(figure, height, row, axes[row, 0], text.format(longest=shown_time(longest)))
    draw_key(figure)
    save(figure, path)


def write_table(file, uncertainties):
    """Where the cliff is."""
    layout = "{:<14} {:<8} {:>10} {:>10} {:>12} {:>12} {:>14} {:>17}"
    flux, background = (uncertainties.values(key) for key in ("flux_uncertainty",
                                                              "background_uncertainty"))
    at_background = int(np.argmin(np.abs(background - PAPER_BACKGROUND)))
    print("Years to discovery at a background uncertainty of 10 %, and the flux uncertainties (in %) at which "
          "10 and 10^4\nyears are passed. One bin of 9 MeV: the flux uncertainty and the background "
          "uncertainty from which it never\ndiscovers, each with the other at zero.\n", file=file)
    print(layout.format("experiment", "model", "at 0.5 %", "at 1 %", "10 yr at", "10^4 yr at",
                        "one bin: flux", "one bin: backgr."), file=file)
    for experiment in uncertainties.values("experiment"):
        for model in uncertainties.values("model"):
            times, single = (uncertainties.at("discovery_time", experiment=experiment, model=model,
                                              bin_width=width) for width in (BINS, ONE_BIN))
            years = [times[int(np.argmin(np.abs(flux - wanted))), at_background] for wanted in PAPER_FLUX]
            passed = [crossings(100 * flux, times[:, at_background], level) for level in (10, LIFE)]
            start, *factors = one_bin_law(flux, background, single)
            never = [100 * np.sqrt(start / factor) for factor in factors]
            print(layout.format(experiment, model, *(f"{value:.4g}" for value in years),
                                *(f"{found[0]:.3f}" if found else "-" for found in passed),
                                *(f"{value:.3g}" for value in never)), file=file)


def main():
    results = folder()
    both = ["experiment", "model"]
    uncertainties = Result(["window.bin_width", *both, "flux_uncertainty", "background_uncertainty"],
                           path=results / "uncertainties.h5")
    overburden = Result([*both, "detector.baseline", "background.scale"], path=results / "overburden.h5")
    muons = Result([*both, "detector.baseline", "background_model"], path=results / "muons.h5")
    mass = Result([*both, "detector.mass", "flux_uncertainty", "exposure"], path=results / "mass.h5")
    target = results.parent / (results.name + ".h5")
    with open(target.with_suffix(".txt"), "w") as file:
        write_table(file, uncertainties)
    draw(target, uncertainties, overburden, muons, mass)


if __name__ == "__main__":
    main()
