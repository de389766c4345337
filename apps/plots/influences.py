"""How far each assumption moves the discovery time, from the results of jobs/influences/*.toml."""
# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np

from reading import Result, open_result, refuse
from style import (GREY, SHORT_MODELS, SMALL, assumptions, experiment_style, model_style, numbers_on, plain, plt, run,
                   shown_years, table_beside, wanted_sigma)

KNOWN = ["experiment", "model", "flux_uncertainty", "background_uncertainty"]
# Swept axis -> what it is called, and its unit where values have one.
ASSUMPTIONS = {
    "window.bin_width": ("bin width", " MeV"),
    "window.low": ("threshold", " MeV"),
    "flux": ("flux model", ""),
    "energy_per_fission": ("energy per fission", ""),
    "fuel": ("fuel", ""),
    "background": ("background model", ""),
    "resolution.stochastic": ("resolution at 1 MeV", " %"),
    "theory.hadronic_3_gamma_uncertainty": (r"theory ($\Pi_{3\gamma}$)", " %"),
    "flux_shape.isotope_scale": ("flux shape", " x"),
    "isotope_yields.scale": ("isotope yields", " x"),
    "energy_scale_uncertainty": ("energy scale", " %"),
    "reactor_off.share": ("time without reactor", " %"),
}
# The muon models that describe the same place; None is the experiment's own.
BACKGROUNDS = {
    "cloud-surface": ["paper-surface", "flat-3mwe"],
    "cloud-25mwe": ["paper-25mwe", "flat-25mwe"],
    "tao-30m": ["paper-25mwe", "flat-25mwe", "tao-10mwe"],
    "tao-44m": ["paper-25mwe", "flat-25mwe", "tao-10mwe"],
}
OWN = "the experiment's own"
FIGURE_UNCERTAINTY = 0.005  # or the nearest there is
BESIDE = (5, 108)  # pt from the bars to the columns of text
NEGLIGIBLE = 1e-3  # relative changes that the figure calls none


class Study(Result):
    """One result: discovery times over [experiment, model, flux uncertainty, swept axis]."""

    def __init__(self, path, only=None):
        with open_result(path) as file:
            swept = [axis for axis in file["discovery_time"].dims if axis]
            swept = [scale[0].name.lstrip("/") for scale in swept]
        swept = [axis for axis in swept if axis not in KNOWN]
        if len(swept) != 1:
            refuse(path, f"wants one swept axis, not {', '.join(swept) or 'none'}")
        super().__init__(["experiment", "model", "flux_uncertainty", swept[0]], path=path, only=only)
        # The file calls the axis background_model: /background is taken.
        self.key = "background" if swept[0] == "background_model" else swept[0]
        self.swept = list(self.values(swept[0]))
        self.times = self.array("discovery_time")

    def grid(self):
        return [list(self.values(axis)) for axis in self.axes[:3]]

    def times_at(self, point):
        """Swept value -> years at a point of the grid; backgrounds of other places left out."""
        experiment = self.grid()[0][point[0]]
        wanted = BACKGROUNDS.get(experiment, []) if self.key == "background" else self.swept
        return {value: years for value, years in zip(self.swept, self.times[point])
                if value in wanted}


def number(setting):
    """A setting as the axis has it: "0.5 MeV" is 0.5."""
    if isinstance(setting, str) and setting[:1].isdigit():
        return float(setting.split()[0])
    return setting


def nominal_settings(studies):
    """Swept axis -> what the other studies set; an experiment decides where they are silent."""
    nominal = {}
    for study in studies:
        found = {number(other.settings.get(study.key)) for other in studies if other is not study}
        if len(found) > 1:
            refuse(study.path.parent, f"the studies set {study.key} differently: {found}")
        nominal[study.key] = found.pop() if found else None
    return nominal


def nominal_times(studies, nominal):
    """Years without any change over the grid: every study that has them must agree."""
    known = [(study, study.times[..., study.swept.index(nominal[study.key])]) for study in studies
             if nominal[study.key] in study.swept]
    if not known:
        refuse(studies[0].path.parent, "no study has the nominal value on its axis")
    first, times = known[0]
    for study, others in known[1:]:
        # Two grids of quadrature may differ by their tolerance, 1e-10, which differences enhance.
        if not np.allclose(others, times, rtol=1e-6):
            refuse(study.path, f"its nominal times are not those of {first.path}")
    return times


def shown_value(key, value):
    if isinstance(value, str):
        return plain(value)
    unit = ASSUMPTIONS.get(key, ("", ""))[1]
    return f"{100 * value if unit == ' %' else value:g}{unit}"


def shown_time(years):
    if np.isinf(years):
        return "never"
    if years >= 1e5:
        exponent = int(np.floor(np.log10(years)))
        return f"{years / 10**exponent:.1f}e{exponent} yr"
    return f"{years:.0f} yr" if years >= 100 else f"{years:#.3g} yr"


class Influence:
    """What a study does to one configuration."""

    def __init__(self, study, point, nominal_value, nominal_years):
        self.key, self.nominal_value, self.nominal_years = study.key, nominal_value, nominal_years
        self.times = study.times_at(point)
        if self.times:
            self.first = min(self.times, key=self.times.get)
            self.last = max(self.times, key=self.times.get)

    def label(self):
        return ASSUMPTIONS.get(self.key, (self.key, ""))[0]

    def effect(self):
        """log(latest/earliest), nominal included; never counts as infinitely late."""
        if not self.times:
            return -1.0
        years = [*self.times.values(), self.nominal_years]
        return 0.0 if np.isinf(min(years)) else float(np.log(max(years) / min(years)))

    def ratios(self):
        """Earliest and latest time over the nominal one; NaN where both are never."""
        with np.errstate(invalid="ignore"):
            return [np.divide(self.times[value], self.nominal_years)
                    for value in (self.first, self.last)]


def write_table(file, grid, influences):
    experiments, models, uncertainties = grid
    print("Discovery times when one assumption is changed and the others stay nominal.", file=file)
    layout = "  {:<20} {:<22} {:<18} {:>11} {:>8}   {:<18} {:>11} {:>8}"
    for point, found in influences.items():
        experiment, model = experiments[point[0]], models[point[1]]
        print(f"\n{experiment}, {model}, flux uncertainty {100 * uncertainties[point[2]]:g} %: "
              f"nominal {shown_time(found[0].nominal_years)}", file=file)
        print(layout.format("assumption", "nominal", "earliest at", "", "ratio", "latest at", "",
                            "ratio").rstrip(), file=file)
        for influence in sorted(found, key=Influence.effect, reverse=True):
            if not influence.times:
                continue
            nominal = influence.nominal_value
            cells = [influence.label(),
                     OWN if nominal is None else shown_value(influence.key, nominal)]
            for value, ratio in zip((influence.first, influence.last), influence.ratios()):
                cells += [shown_value(influence.key, value), shown_time(influence.times[value]),
                          "-" if np.isnan(ratio) else f"{ratio:.4g}"]
            print(layout.format(*cells), file=file)


def draw_bars(axes, keys, models, by_model):
    """The span of the times of each assumption and model; text columns say what brings its ends.

    by_model: model -> swept axis -> Influence."""
    step = 0.8 / len(models)
    for row, key in enumerate(keys):
        for j, model in enumerate(models):
            height = row - 0.4 + step * (j + 0.5)
            influence, colour = by_model[model][key], model_style(model, j)[0]
            if not influence.times:
                written_beside(axes, height, ["no other value", ""], "0.4")
                continue
            years = [influence.times[influence.first], influence.times[influence.last]]
            ends = [min(years[0], influence.nominal_years), max(years[1], influence.nominal_years)]
            if np.isfinite(ends[0]):
                axes.plot(np.minimum(ends, axes.get_xlim()[1]), [height] * 2, color=colour, linewidth=110 * step / 24,
                          solid_capstyle="butt")
            written_beside(axes, height, [
                "no change" if abs(time / influence.nominal_years - 1) < NEGLIGIBLE
                else f"{shown_value(key, value)}: {shown_years(time)}"
                for value, time in zip((influence.first, influence.last), years)], colour)
    for j, model in enumerate(models):
        nominal = next(iter(by_model[model].values())).nominal_years
        if np.isfinite(nominal):
            axes.axvline(nominal, color=model_style(model, j)[0], linewidth=0.8, linestyle=(0, (4, 2)))


def written_beside(axes, height, texts, colour):
    for points, text in zip(BESIDE, texts):
        axes.annotate(text, (1, height), xycoords=axes.get_yaxis_transform(), xytext=(points, 0), va="center",
                      textcoords="offset points", fontsize=SMALL, color=colour, annotation_clip=False)


def figure_of(page, path, studies, nominal, experiment, models, uncertainty, by_model):
    """All assumptions of one experiment, the strongest on top."""
    keys = sorted(nominal, key=lambda key: max(by_model[model][key].effect() for model in models), reverse=True)
    figure, panels = page.grid(path, ("assumption", 1), ("experiment", 1), 0.125 * (len(keys) * len(models) + 4))
    figure.set_figwidth(page.size.width)
    axes = panels[0, 0]
    times = [time for found in by_model.values() for influence in found.values()
             for time in (*influence.times.values(), influence.nominal_years) if np.isfinite(time)]
    axes.set(xscale="log", xlim=(min(times) / 1.6, min(1.6 * max(times), 1e6)), ylim=(len(keys) - 0.5, -0.5))
    draw_bars(axes, keys, models, by_model)
    axes.set_yticks(range(len(keys)), [ASSUMPTIONS.get(key, (key, ""))[0] for key in keys])
    axes.tick_params(axis="y", which="both", length=0)
    for row in range(1, len(keys)):
        axes.axhline(row - 0.5, color="0.85", linewidth=0.5, zorder=0)
    numbers_on(axes.xaxis)
    sigma = wanted_sigma(studies[0])
    axes.set_xlabel(rf"time to {sigma:g} $\sigma$ [yr]")
    axes.set_title(experiment_style(experiment)[0], loc="left")
    for points, text in zip(BESIDE, ("earliest at", "latest at")):
        axes.annotate(text, (1, 1), xycoords="axes fraction", xytext=(points, 3), textcoords="offset points",
                      va="bottom", fontsize=SMALL, color=GREY, annotation_clip=False)
    shown = [f"{ASSUMPTIONS.get(key, (key, ''))[0]} {shown_value(key, value)}" for key, value in nominal.items()
             if value is not None]
    notes = assumptions(studies[0], "One assumption takes all its values while the others stay nominal; bars span the "
                        "times, dashed is the nominal one. Nominal: " + ", ".join(shown),
                        f"flux known to {100 * uncertainty:g} %", leave=("flux", "model", "flux_uncertainty",
                                                                        "window.low"))
    handles = [plt.Line2D([], [], color=model_style(model, j)[0], linewidth=3,
                          label=f"{SHORT_MODELS.get(model, model)}: nominal "
                          f"{shown_years(next(iter(by_model[model].values())).nominal_years)}")
               for j, model in enumerate(models)]
    return page.finish(figure, notes, handles)


def draw(page):
    folder = page.source
    studies = [Study(path, page.only) for path in sorted(folder.glob("*.h5"))]
    if not studies:
        refuse(folder, "has no results")
    grid = studies[0].grid()
    for study in studies:
        if study.grid() != grid:
            refuse(study.path, f"its experiments, models or flux uncertainties are not those of {studies[0].path}")
    nominal = nominal_settings(studies)
    times = nominal_times(studies, nominal)
    influences = {point: [Influence(study, point, nominal[study.key], times[point])
                          for study in studies] for point in np.ndindex(times.shape)}
    if not page.only:
        with table_beside(page) as file:
            write_table(file, grid, influences)
    experiments, models, uncertainties = grid
    at = int(np.argmin(np.abs(np.subtract(uncertainties, FIGURE_UNCERTAINTY))))
    for i, experiment in enumerate(experiments):
        found = {model: {influence.key: influence for influence in influences[i, j, at]}
                 for j, model in enumerate(models)}
        for shown in [[model] for model in models] if page.talk else [models]:
            part = f"{experiment}-{shown[0]}" if page.talk else experiment
            yield part, figure_of(page, folder, studies, nominal, experiment, shown, uncertainties[at], found)


if __name__ == "__main__":
    run(draw, "FOLDER")
