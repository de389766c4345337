"""What the discovery time owes to its inputs, from a result of jobs/impacts.toml."""
# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from style import MODELS, Result, experiment_style, plt, save

LATER, SOONER = "#b2161e", "#1f5fa8"
MOST = {"elasticity": 9, "shift": 6}  # bars of a panel
SMALLEST = {"elasticity": 0.03, "shift": 0.03}  # left ends of the logarithmic axes
LARGEST = {"elasticity": 1.5e3, "shift": 500}
ISOTOPES = {"U235": "²³⁵U", "U238": "²³⁸U", "Pu239": "²³⁹Pu", "Pu241": "²⁴¹Pu"}
NAMES = {
    "lo.sin2_theta_w": "sin²θ_W of LO",
    "one_loop.left_same_flavour": "c_L of NLO",
    "one_loop.right": "c_R of NLO",
    "one_loop.left_other_flavour": "c_L of NLO, other flavours",
    "one_loop.up_quark_left": "c_L of up quarks",
    "one_loop.up_quark_right": "c_R of up quarks",
    "one_loop.hadronic_3_gamma": "Π_3γ of u, d, s",
    "one_loop.hadronic_gamma_gamma": "Π_γγ of u, d, s",
    "one_loop.sin2_theta_w": "sin²θ_W beside Π_γγ",
    "one_loop.charm_mass": "charm mass",
    "one_loop.charm_alpha_s": "α_s of charm",
    "discovery.significance": "significance wanted",
    "detector.baseline": "baseline",
    "detector.mass": "target mass",
    "detector.electrons": "electrons per mass",
    "reactor.thermal_power": "thermal power",
    "reactor.load_factor": "load factor",
    "flux_uncertainty": "flux uncertainty",
    "background_uncertainty": "background uncertainty",
    "background.scale": "background",
    "background.muon_flux": "muon flux",
    "background.mean_muon_energy": "mean muon energy",
    "window.low": "threshold (window.low)",
    "window.high": "upper end of the window",
    "resolution.stochastic": "resolution, stochastic",
    "resolution.constant": "resolution, constant",
    "theory.hadronic_3_gamma_uncertainty": "uncertainty of Π_3γ",
    "theory.hadronic_gamma_gamma_uncertainty": "uncertainty of Π_γγ",
    "flux_shape.uncorrelated_scale": "flux shape, each energy",
    "flux_shape.isotope_scale": "flux shape, each isotope",
    "flux_shape.common_scale": "flux shape, in common",
    "isotope_yields.scale": "uncertainty of the yields",
    "energy_scale_uncertainty": "uncertain energy scale",
    "resolution_uncertainty": "uncertain resolution",
    "reactor_off.share": "time without reactor",
    "free.charge_radius": "<r²>, free",
    "free.sin2_theta_w": "sin²θ_W, free",
    "free.c_l": "c_L, free",
    "free.c_r": "c_R, free",
}
# Inputs that enter as one product, and are one bar where their numbers are the same.
TOGETHER = [
    (("reactor.thermal_power", "reactor.load_factor", "detector.electrons"), "power, load, electrons"),
    (("background.muon_flux", "background.scale"), "background, muon flux"),
    (("one_loop.hadronic_gamma_gamma", "one_loop.sin2_theta_w"), "Π_γγ, sin²θ_W beside it"),
]
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def shown_name(key):
    for prefix, meaning in (("yield.", "yield of {}"), ("energy_per_fission.", "energy per fission, {}"),
                            ("reactor.fission_fraction.", "fission fraction, {}")):
        if key.startswith(prefix):
            isotope = key.removeprefix(prefix)
            digits = isotope.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
            return meaning.format(ISOTOPES.get(
                isotope, digits.translate(SUPERSCRIPTS) + isotope.removeprefix(digits)))
    return NAMES.get(key, key)


def merged(keys, values):
    """Name -> value, inputs of one product as one."""
    bars = dict(zip(keys, values))
    for group, name in TOGETHER:
        members = [bars[key] for key in group if key in bars]
        if len(members) == len(group) and np.allclose(members, members[0], rtol=1e-5):
            bars = {name if key == group[0] else key: value for key, value in bars.items()
                    if key == group[0] or key not in group}
    return {shown_name(key): value for key, value in bars.items()}


def shown_percent(value):
    return f"{value:+.0f}" if abs(value) >= 20 else f"{value:+.2g}"


def shown_years(years):
    return f"{years:+.2g} yr" if abs(years) < 100 else f"{years:+.0f} yr"


def draw_bars(axes, bars, texts, column):
    """bars: name -> size with sign; the largest on top, on a logarithmic axis."""
    low, most = SMALLEST[column], MOST[column]
    order = sorted((name for name, value in bars.items() if abs(value) > low),
                   key=lambda name: -abs(bars[name]))[:most]
    for row, name in enumerate(order):
        value = bars[name]
        axes.barh(row, abs(value), left=0, height=0.72, color=LATER if value > 0 else SOONER)
        axes.annotate(texts[name], (abs(value), row), xytext=(3, 0), textcoords="offset points",
                      va="center", fontsize=7)
    axes.set(xscale="log", xlim=(low, LARGEST[column]), ylim=(most - 0.4, -0.6))
    axes.set_yticks(range(len(order)), order, fontsize=7.5)
    axes.tick_params(axis="y", length=0, pad=2)
    axes.tick_params(axis="x", which="both", labelsize=7, pad=2, top=False)
    axes.tick_params(axis="y", which="both", right=False)
    axes.xaxis.set_major_locator(LogLocator(numticks=6))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.spines[["top", "right"]].set_visible(False)


def shown_time(years):
    if np.isnan(years):
        return "not computed"
    return "never" if np.isinf(years) else f"{years:.3g} years"


def main():
    result = Result(["experiment", "model"], "impacts")
    experiments, models = result.values("experiment"), result.values("model")
    keys = result.values("impacts/input")
    times = result.array("discovery_time")
    elasticities = result.array("impacts/elasticity")
    shifts = result.array("impacts/shift")

    rows, height = len(experiments), 2.05
    figure, panels = plt.subplots(rows, 2 * len(models), squeeze=False,
                                  figsize=(7.3 * len(models), height * rows + 1.5),
                                  gridspec_kw={"width_ratios": [1.25, 1] * len(models)})
    for i, experiment in enumerate(experiments):
        for j, model in enumerate(models):
            left, right = panels[i, 2 * j:2 * j + 2]
            label, colour, _ = experiment_style(experiment, i)
            left.set_title(f"{label}, {MODELS.get(model, model)}: {shown_time(times[i, j])}",
                           loc="left", fontsize=9.5, fontweight="bold", color=colour, x=-0.6)
            if not np.isfinite(times[i, j]):
                left.set_axis_off()
                right.set_axis_off()
                continue
            known = ~np.isnan(elasticities[i, j])
            bars = merged([key for key, there in zip(keys, known) if there], elasticities[i, j][known])
            draw_bars(left, bars, {name: f"{shown_percent(value)} %" for name, value in bars.items()},
                      "elasticity")
            known = ~np.isnan(shifts[i, j])
            bars = {shown_name(key): 100 * value / times[i, j]
                    for key, value, there in zip(keys, shifts[i, j], known) if there}
            texts = {shown_name(key): shown_years(value)
                     for key, value, there in zip(keys, shifts[i, j], known) if there}
            draw_bars(right, bars, texts, "shift")
    for j in range(len(models)):
        panels[-1, 2 * j].set_xlabel("% of the discovery time\nper +1 % of the input", fontsize=8.5)
        panels[-1, 2 * j + 1].set_xlabel("% of the discovery time\nper +1 sigma, where known",
                                         fontsize=8.5)
    figure.legend(handles=[Patch(color=LATER, label="more of it: a later discovery"),
                           Patch(color=SOONER, label="more of it: an earlier discovery")],
                  loc="upper center", ncols=2, fontsize=10, frameon=False)
    total = height * rows + 1.5
    figure.subplots_adjust(left=0.108, right=0.99, bottom=0.75 / total, top=1 - 0.72 / total,
                           wspace=0.72, hspace=0.32)
    save(figure, result.path)


if __name__ == "__main__":
    main()
