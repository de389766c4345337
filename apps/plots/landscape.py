"""The discovery time over two assumptions at once, from the results of jobs/landscape/*.toml."""
# SPDX-License-Identifier: GPL-3.0-or-later
from itertools import product

import numpy as np
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.cm import ScalarMappable
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from reading import refuse
from style import (SHORT_MODELS, SMALL, assumptions, experiment_style, numbers_on, plt, run, shown_years,
                   table_beside, wanted_sigma, written)

BINS, ONE_BIN = 0.5, 9.0  # MeV
# Years; the bands between them go from light to dark.
LEVELS = [0.1, 0.3, 1, 3, 10, 30, 100, 1000, 1e4]
LIFE = LEVELS[-1]
NEVER = 1e12  # stands for infinity where logarithms are taken
SIGMAS = [1, 3]  # beside that of a discovery
# arXiv:2410.00107: its two flux uncertainties and its background uncertainty; its places.
PAPER_FLUX, PAPER_BACKGROUND = [0.005, 0.010], 0.10
PAPER_MASS = {"tao-30m": 2.8, "cloud-25mwe": 8.0}  # t
PAPER_PLACES = {"tao-30m": [(30, "paper-25mwe"), (44, "paper-25mwe")],
                "cloud-25mwe": [(35, "paper-surface"), (35, "paper-25mwe"), (35, "paper-300mwe")]}
MARK = {"marker": "D", "markersize": 4.5, "markerfacecolor": "#f7b500", "markeredgecolor": "black",
        "markeredgewidth": 0.7, "linestyle": "none", "zorder": 6}
COLOURS = [plt.cm.cividis_r(0.03 + 0.105 * band) for band in range(len(LEVELS))]
HATCHED = {"life": ("0.95", "////"), "never": ("0.82", "xxxx")}
plt.rcParams.update({"hatch.color": "0.55", "hatch.linewidth": 0.5})


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


class Law:
    """1/time = rate - flux_slope flux^2 - background_slope background^2 in one bin, as the program has found it; and
    the uncertainties from which it is zero, each with the other at zero."""

    def __init__(self, result):
        self.result, self.told = result, result.told("one-bin-law")

    def of(self, experiment, model, width):
        """(rate, flux slope, background slope), (flux, background) from which never; None for times that do not
        follow it."""
        at = (self.result.nearest("window.bin_width", width), self.result.index("experiment", experiment),
              self.result.index("model", model))
        law, never = ([self.told[name][at] for name in names] for names in (
            ("rate_per_yr", "flux_slope_per_yr", "background_slope_per_yr"),
            ("never_from_flux_uncertainty", "never_from_background_uncertainty")))
        return (None, None) if np.isnan(law[0]) else (law, never)


def fill(axes, x, y, years):
    """Bands of time, hatched beyond the last level; never is hatched twice."""
    filled = logarithm(years).T
    axes.contourf(x, y, filled, levels=[-9, *np.log10(LEVELS)], colors=COLOURS, zorder=0)
    for low, high, (grey, hatch) in ((np.log10(LIFE), 9, HATCHED["life"]), (9, 13, HATCHED["never"])):
        if filled.max() > low:
            axes.contourf(x, y, filled, levels=[low, high], colors=[grey], zorder=0, hatches=[hatch])
    levels = [level for level in LEVELS if filled.min() < np.log10(level) < filled.max()]
    if levels:
        axes.contour(x, y, filled, levels=np.log10(levels), colors="black", linewidths=0.5, linestyles="solid",
                     zorder=3)
    return levels


def colour_bar(figure, panels, sigma):
    """Of the bands, at the right of all panels."""
    edges = [LEVELS[0] / (LEVELS[1] / LEVELS[0]), *LEVELS]
    bar = figure.colorbar(ScalarMappable(BoundaryNorm(edges, len(COLOURS)), ListedColormap(COLOURS)),
                          ax=panels.ravel().tolist(), ticks=LEVELS, spacing="uniform", aspect=30, pad=0.02)
    bar.ax.minorticks_off()
    bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda years, _: f"{years:g}" if years < 1e4 else "$10^4$"))
    bar.set_label(rf"time to {sigma:g} $\sigma$ [yr]")


def handles(sets):
    """What is hatched, and the diamonds, if they are there; sets: arrays of years."""
    most = max(years.max() for years in sets)

    def patch(name, label):
        grey, hatch = HATCHED[name]
        return Patch(facecolor=grey, edgecolor="0.55", hatch=hatch, linewidth=0.4, label=label)

    longer = [years for years in sets if np.any((years > LIFE) & np.isfinite(years))]
    return ([plt.Line2D([], [], **MARK, label="as assumed in arXiv:2410.00107")]
            + ([patch("life", rf"more than $10^{{{np.log10(LIFE):.0f}}}$ yr")] if longer else [])
            + ([patch("never", "never")] if np.isinf(most) else []))


def percent_axes(axes, x, y):
    axes.set(yscale="log", xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
    axes.set_xlabel("flux known to [%]")
    numbers_on(axes.yaxis)
    axes.xaxis.set_major_locator(MaxNLocator(5, prune="upper"))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def draw_uncertainties(axes, times, flux, background, law):
    x, y = 100 * flux, 100 * background
    percent_axes(axes, x, y)
    if law is not None and np.isinf(times).any():
        # The law instead of steps of the grid.
        x, y = np.linspace(x[0], x[-1], 400), np.geomspace(y[0], y[-1], 400)
        rate = law[0] - law[1] * (x[:, None] / 100)**2 - law[2] * (y / 100)**2
        fill(axes, x, y, 1 / np.maximum(rate, 1 / NEVER))
        axes.contour(x, y, rate.T, levels=[0], colors="black", linewidths=1.6, zorder=3)
    else:
        fill(axes, x, y, times)
    at_background = int(np.argmin(np.abs(background - PAPER_BACKGROUND)))
    for wanted, side in zip(PAPER_FLUX, (-1, 1)):
        at_flux = int(np.argmin(np.abs(flux - wanted)))
        if np.isclose(flux[at_flux], wanted) and np.isclose(background[at_background], PAPER_BACKGROUND):
            axes.plot(100 * wanted, 100 * PAPER_BACKGROUND, **MARK)
            written(axes, (100 * wanted, 100 * PAPER_BACKGROUND), shown_years(times[at_flux, at_background]),
                    xytext=(6 * side, -10), ha="left" if side > 0 else "right", textcoords="offset points")


def muon_rates(muons, experiment, model):
    """Name of a muon flux -> its background in the window over that of paper-25mwe."""
    rates = muons.at("rates/background", experiment=experiment, model=model)[0].sum(axis=-1)
    names = muons.values("background_model")
    return dict(zip(names, rates / rates[muons.index("background_model", "paper-25mwe")]))


def draw_overburden(axes, overburden, muons, experiment, model):
    x, y = overburden.values("detector.baseline"), overburden.values("background.scale")
    axes.set(yscale="log", xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
    levels = fill(axes, x, y, overburden.at("discovery_time", experiment=experiment, model=model))
    own = muons.at("discovery_time", experiment=experiment, model=model)
    baselines, rates = muons.values("detector.baseline"), muon_rates(muons, experiment, model)
    for column, rate in enumerate(rates.values()):
        axes.axhline(rate, color="0.35", linewidth=0.5, linestyle=(0, (1, 2)), zorder=1)
        for level in levels:
            for place in crossings(baselines, own[:, column], level):
                axes.plot(place, rate, "o", markersize=2.6, markerfacecolor="white", markeredgecolor="black",
                          markeredgewidth=0.6, zorder=4)
    for baseline, name in PAPER_PLACES.get(experiment, []):
        if name in rates and x[0] <= baseline <= x[-1] and np.isclose(baselines, baseline).any():
            years = muons.at("discovery_time", experiment=experiment, model=model, baseline=float(baseline),
                             background_model=name)
            axes.plot(baseline, rates[name], **MARK)
            written(axes, (baseline, rates[name]), shown_years(years), xytext=(6, -8), ha="left",
                    textcoords="offset points")
    axes.set_xlabel("baseline [m]")
    numbers_on(axes.yaxis)
    return rates


def draw_mass(axes, mass, experiment, model, styles):
    """Lines of equal significance for each flux uncertainty; thick at the discovery."""
    x, y, sigma = mass.values("detector.mass"), mass.values("exposure"), wanted_sigma(mass)
    axes.set(xscale="log", yscale="log", xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))
    for uncertainty, (colour, dashes) in styles.items():
        point = {"experiment": experiment, "model": model, "flux_uncertainty": uncertainty}
        significance, times = mass.at("significance", **point), mass.at("discovery_time", **point)
        below = [level for level in SIGMAS if level < sigma and significance.min() < level < significance.max()]
        if below:
            lines = axes.contour(x, y, significance.T, levels=below, colors=[colour], linewidths=0.7,
                                 linestyles=[dashes], zorder=3)
            if uncertainty == next(iter(styles)):  # the others' lie too near for labels of their own
                axes.clabel(lines, fmt=lambda level: rf"{level:g}$\sigma$", fontsize=SMALL)
        axes.plot(x, np.where(np.isfinite(times), times, np.nan), color=colour, linewidth=2, linestyle=dashes)
        own = PAPER_MASS.get(experiment)
        if own is not None and x[0] <= own <= x[-1] and np.isfinite(times).all():
            years = float(np.exp(np.interp(np.log(own), np.log(x), np.log(times))))
            if y[0] < years < y[-1]:
                axes.plot(own, years, **MARK)
    axes.set_xlabel("mass [t]")
    for axis in (axes.xaxis, axes.yaxis):
        numbers_on(axis)


def write_table(file, uncertainties, laws):
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
            times = uncertainties.at("discovery_time", experiment=experiment, model=model, bin_width=BINS)
            years = [times[int(np.argmin(np.abs(flux - wanted))), at_background] for wanted in PAPER_FLUX]
            passed = [crossings(100 * flux, times[:, at_background], level) for level in (10, LIFE)]
            _, factors = laws.of(experiment, model, ONE_BIN)
            if factors is None:
                refuse(uncertainties.path, f"no table: times in bins of {ONE_BIN:g} MeV do not follow the law of "
                       "one bin, or too few are finite")
            never = [100 * factor for factor in factors]
            print(layout.format(experiment, model, *(f"{value:.4g}" for value in years),
                                *(f"{found[0]:.3f}" if found else "-" for found in passed),
                                *(f"{value:.3g}" for value in never)), file=file)


def panels_of(page, result, part, draw_panel, label):
    """(name of the file, figure, panels) of a quantity: all experiments and models, of a talk one experiment each."""
    experiments, models = result.values("experiment"), result.values("model")
    for shown in [[name] for name in experiments] if page.talk else [experiments]:
        figure, panels = page.grid(result.path, ("experiment", len(shown)), ("model", len(models)), 2.3,
                                   sharex=True, sharey=True)
        for axes, (experiment, model) in zip(panels.flat, product(shown, models)):
            draw_panel(axes, experiment, model)
            axes.set_title(f"{experiment_style(experiment)[0]}: {SHORT_MODELS.get(model, model)}", loc="left")
        for axes in panels.flat:
            axes.label_outer()
        for axes in panels[:, 0]:
            axes.set_ylabel(label)
        yield f"{part}-{shown[0]}" if page.talk and len(experiments) > 1 else part, figure, panels


def uncertainty_figures(page, result, laws):
    flux, background = result.values("flux_uncertainty"), result.values("background_uncertainty")
    sigma = wanted_sigma(result)
    for part, width in (("uncertainties", BINS), ("one-bin", ONE_BIN)):
        if not np.isclose(result.values("window.bin_width"), width).any():
            continue
        sets = []

        def draw_panel(axes, experiment, model, width=width, sets=sets):
            times = result.at("discovery_time", experiment=experiment, model=model, bin_width=width)
            draw_uncertainties(axes, times, flux, background, laws.of(experiment, model, width)[0])
            sets.append(times)

        for name, figure, panels in panels_of(page, result, part, draw_panel, "background known to [%]"):
            colour_bar(figure, panels, sigma)
            notes = assumptions(result, f"Expected times in bins of {width:g} MeV" + (
                "; thick: outside, the pulls cover the whole difference" if np.isinf(sets[0]).any() else ""),
                leave=("model", "window.bin_width"))
            yield name, page.finish(figure, notes, handles(sets))


def overburden_figures(page, overburden, muons):
    rates, sets = [], [overburden.array("discovery_time")]

    def draw_panel(axes, experiment, model):
        rates.append((experiment, draw_overburden(axes, overburden, muons, experiment, model)))

    for name, figure, panels in panels_of(page, overburden, "overburden", draw_panel, "background / that at 25 mwe"):
        colour_bar(figure, panels, wanted_sigma(overburden))
        shown, factors = rates[-1]
        named = ", ".join(f"{place} {rate:.3g}" for place, rate in sorted(factors.items(), key=lambda item: item[1]))
        notes = assumptions(overburden, "Dotted: backgrounds of named places; circles: where their own times, with "
                            f"their own muon energies, pass the lines. For {experiment_style(shown)[0]}: {named}", leave=("model",))
        yield name, page.finish(figure, notes, handles(sets))


def mass_figures(page, mass):
    looks = [("black", "solid"), ("#bb5566", (0, (4, 2))), ("#004488", (0, (1.2, 1.2)))]
    uncertainties = list(mass.values("flux_uncertainty"))
    if len(uncertainties) > len(looks):
        refuse(mass.path, f"no figure for {len(uncertainties)} values of flux_uncertainty, lines are told apart for "
               f"{len(looks)}; --only flux_uncertainty=VALUE,VALUE selects some")
    styles, sigma = dict(zip(uncertainties, looks)), wanted_sigma(mass)
    lines = [plt.Line2D([], [], color=colour, linestyle=dashes, linewidth=2,
                        label=rf"{sigma:g} $\sigma$, flux known to {100 * uncertainty:g} %")
             for uncertainty, (colour, dashes) in styles.items()]
    for name, figure, _ in panels_of(page, mass, "mass", lambda axes, *point: draw_mass(axes, mass, *point, styles),
                                     "running time [yr]"):
        thin = " and ".join(f"{level:g}" for level in SIGMAS if level < sigma)
        notes = assumptions(mass, rf"Expected significance; thin lines: {thin} $\sigma$, the lower ones first",
                            leave=("model", "flux_uncertainty"))
        yield name, page.finish(figure, notes, [*lines, plt.Line2D([], [], **MARK, label="as assumed in arXiv:2410.00107")])


def draw(page):
    both = ["experiment", "model"]
    uncertainties = page.read(["window.bin_width", *both, "flux_uncertainty", "background_uncertainty"],
                              file="uncertainties.h5")
    overburden = page.read([*both, "detector.baseline", "background.scale"], file="overburden.h5")
    muons = page.read([*both, "detector.baseline", "background_model"], file="muons.h5")
    mass = page.read([*both, "detector.mass", "flux_uncertainty", "exposure"], file="mass.h5")
    laws = Law(uncertainties)
    if not page.only:
        with table_beside(page) as file:
            write_table(file, uncertainties, laws)
    yield from uncertainty_figures(page, uncertainties, laws)
    yield from overburden_figures(page, overburden, muons)
    yield from mass_figures(page, mass)


if __name__ == "__main__":
    run(draw, "FOLDER")
