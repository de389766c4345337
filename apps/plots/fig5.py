"""Set-up, signal and background of several experiments, from a result of jobs/fig5.toml."""
# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np

from experiment import background_colour, draw_sketch, draw_spectra, grouped, rate_text
from reading import configs_of
from style import MODEL_STYLES, SHORT_MODELS, SMALL, assumptions, experiment_style, plt, run

WANTS = ("rates", ["experiment"])


def set_up(result, configs, name):
    """(title, power, distance) of each core, mass, muons: as the configs have them, or the job; None if unknown."""
    entry = configs["experiments"].get(name)
    if entry is None or "mass" not in entry:
        return None

    def of_job(key, otherwise):
        return str(value) if (value := result.one_value(key)) is not None else otherwise

    reactors = configs["reactors"].get("reactor", {})
    cores = [{"reactor": entry["reactor"], "baseline": of_job("detector.baseline", entry["baseline"])},
             *entry.get("further_cores", [])]
    known = [reactors.get(core["reactor"], {}) for core in cores]
    powers = [reactor.get("thermal_power", "") for reactor in known]
    powers[0] = of_job("reactor.thermal_power", powers[0])
    overburden = configs["backgrounds"].get(of_job("background", entry.get("background")), {})
    return ([(reactor.get("title", core["reactor"]), power, core["baseline"])
             for core, reactor, power in zip(cores, known, powers)],
            of_job("detector.mass", entry["mass"]), of_job("background.muon_flux", overburden.get("muon_flux")))


def groups_of(result):
    """The backgrounds of all experiments: (label, per day over experiment and bin), the largest first."""
    isotopes = result.array("rates/background_by_isotope")
    parts = {name: isotopes[:, k] for k, name in enumerate(result.values("rates/cosmogenic_isotope"))}
    rest = result.array("rates/background") - isotopes.sum(axis=1)
    parts["further backgrounds"] = np.where(rest > 1e-9 * isotopes.sum(axis=1), rest, 0)
    return grouped(parts)


def models_of(result):
    """Model -> its signal, per day over experiment and bin; the reference first."""
    names = result.one_value("reference") or "lo", result.one_value("model")
    return dict(zip(names, (result.array("rates/signal_lo"), result.array("rates/signal"))))


def handles(models, groups):
    lines = [plt.Line2D([], [], color=MODEL_STYLES[name][0], linestyle=MODEL_STYLES[name][1],
                        label=f"signal, {SHORT_MODELS[name]}") for name in models]
    return lines + [plt.Rectangle((0, 0), 1, 1, color=background_colour(k, label), alpha=0.55, label=label)
                    for k, (label, _) in enumerate(groups)]


def draw_row(panels, row, name, known, edges, models, groups):
    """Sketch and spectrum of the experiment at `row` of all arrays. @returns the limits of the spectrum's axis."""
    left, right = panels
    draw_sketch(left, *known) if known else left.set_axis_off()
    label, colour, _ = experiment_style(name, row)
    left.set_title(label, loc="left", color=colour)
    draw_spectra(right, edges, {model: rates[row] for model, rates in models.items()},
                 [(group, rates[row]) for group, rates in groups])
    total = sum(rates[row].sum() for _, rates in groups)
    signal = list(models.values())[-1][row].sum()
    right.text(0.98, 0.95, f"per day: signal {rate_text(signal)}, background {rate_text(total)}", ha="right",
               va="top", transform=right.transAxes, fontsize=SMALL)
    return right.get_ylim()


def figure_of(page, result, places):
    """A row for each of the experiments at `places`."""
    experiments = result.values("experiment")
    edges = np.append(result.array("rates/bin_low"), result.array("rates/bin_high")[-1])
    models, groups, configs = models_of(result), groups_of(result), configs_of(result)
    figure, panels = page.grid(result.path, ("experiment", len(places)), ("set-up and spectrum", 2), 1.55,
                               width_ratios=(1, 1.5))
    limits = [draw_row(row, place, experiments[place], set_up(result, configs, experiments[place]), edges, models, groups)
              for place, row in zip(places, panels)]
    for row, axes in enumerate(panels[:, 1]):
        axes.set_ylim(min(low for low, _ in limits), 8 * max(high for _, high in limits))
        if row < len(places) - 1:
            axes.set_xlabel("")
            axes.xaxis.set_tick_params(labelbottom=False)
    panels[len(places) // 2, 1].set_ylabel("events [1/(day MeV)]")
    notes = assumptions(result, "Sketches are not to scale", leave=("model", "reference"))
    return page.finish(figure, notes, handles(models, groups))


def draw(page):
    result = page.read(WANTS[1], WANTS[0])
    experiments = result.values("experiment")
    if page.talk and len(experiments) > 1:
        for place, name in enumerate(experiments):
            yield name, figure_of(page, result, [place])
    else:
        yield "", figure_of(page, result, range(len(experiments)))


if __name__ == "__main__":
    run(draw)
