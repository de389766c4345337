"""What the discovery time owes to its inputs, from a result of jobs/impacts.toml."""
# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np

from reading import refuse
from style import (SHORT_MODELS, assumptions, experiment_style, numbers_on, plt, run, shown_years, wanted_sigma)

WANTS = ("impacts", ["experiment", "model"])
LATER, SOONER = ("#994455", ">"), ("#004488", "<")  # colour, marker
MOST = 9  # inputs of a panel
ISOTOPES = {"U235": "²³⁵U", "U238": "²³⁸U", "Pu239": "²³⁹Pu", "Pu241": "²⁴¹Pu"}
NAMES = {
    "lo.sin2_theta_w": r"$\sin^2\theta_W$ of LO",
    "one_loop.left_same_flavour": "$c_L$ of NLO",
    "one_loop.right": "$c_R$ of NLO",
    "one_loop.left_other_flavour": "$c_L$ of NLO, other flavours",
    "one_loop.up_quark_left": "$c_L$ of up quarks",
    "one_loop.up_quark_right": "$c_R$ of up quarks",
    "one_loop.hadronic_3_gamma": r"$\Pi_{3\gamma}$ of u, d, s",
    "one_loop.hadronic_gamma_gamma": r"$\Pi_{\gamma\gamma}$ of u, d, s",
    "one_loop.sin2_theta_w": r"$\sin^2\theta_W$ beside $\Pi_{\gamma\gamma}$",
    "one_loop.charm_mass": "charm mass",
    "one_loop.charm_alpha_s": r"$\alpha_s$ of charm",
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
    "theory.hadronic_3_gamma_uncertainty": r"uncertainty of $\Pi_{3\gamma}$",
    "theory.hadronic_gamma_gamma_uncertainty": r"uncertainty of $\Pi_{\gamma\gamma}$",
    "flux_shape.uncorrelated_scale": "flux shape, each energy",
    "flux_shape.isotope_scale": "flux shape, each isotope",
    "flux_shape.common_scale": "flux shape, in common",
    "isotope_yields.scale": "uncertainty of the yields",
    "energy_scale_uncertainty": "uncertain energy scale",
    "resolution_uncertainty": "uncertain resolution",
    "reactor_off.share": "time without reactor",
    "free.charge_radius": r"$\langle r^2\rangle$, free",
    "free.sin2_theta_w": r"$\sin^2\theta_W$, free",
    "free.c_l": "$c_L$, free",
    "free.c_r": "$c_R$, free",
}
# Inputs that enter as one product, and are one bar where their numbers are the same.
TOGETHER = [
    (("reactor.thermal_power", "reactor.load_factor", "detector.electrons"), "power, load, electrons"),
    (("background.muon_flux", "background.scale"), "background, muon flux"),
    (("one_loop.hadronic_gamma_gamma", "one_loop.sin2_theta_w"), r"$\Pi_{\gamma\gamma}$, $\sin^2\theta_W$ beside it"),
]
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def shown_name(key):
    for prefix, meaning in (("yield.", "yield of {}"), ("energy_per_fission.", "energy per fission, {}"),
                            ("reactor.fission_fraction.", "fission fraction, {}"),
                            ("signal_uncertainties.", "uncertainty of {}")):
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


def largest(sizes):
    """The inputs of a panel, the largest first."""
    return sorted((name for name, value in sizes.items() if value != 0), key=lambda name: -abs(sizes[name]))[:MOST]


def draw_points(axes, sizes, rows, limits):
    """sizes: name -> per cent with its sign; a point each, on a logarithmic axis, which bars would need a zero for."""
    names = largest(sizes)
    for row, name in enumerate(names):
        value = sizes[name]
        colour, marker = LATER if value > 0 else SOONER
        axes.axhline(row, color="0.88", linewidth=0.5, zorder=0)
        axes.plot(abs(value), row, marker, color=colour, markersize=3.6)
        right = abs(value) < np.sqrt(limits[0] * limits[1])
        text = f"{value:+.2g} %" if abs(value) < 100 else f"{value:+.0f} %"
        axes.annotate(text.replace("-", "\N{MINUS SIGN}"), (abs(value), row),
                      xytext=(5 if right else -5, 0), textcoords="offset points", va="center",
                      ha="left" if right else "right", fontsize=7, color=colour)
    axes.set(xscale="log", xlim=limits, ylim=(rows - 0.4, -0.6))
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(axis="y", which="both", length=0)
    axes.tick_params(axis="x", which="both", top=False)
    numbers_on(axes.xaxis)


def sizes_of(result, place, keys, times):
    """Per cent of the discovery time per +1 % of each input, and per +1 sigma."""
    elasticities, shifts = (result.array(f"impacts/{name}")[place] for name in ("elasticity", "shift"))
    known = ~np.isnan(elasticities)
    relative = merged([key for key, there in zip(keys, known) if there], elasticities[known])
    known = ~np.isnan(shifts)
    return relative, {shown_name(key): 100 * value / times[place]
                      for key, value, there in zip(keys, shifts, known) if there}


def limits_of(panels):
    """Of an axis that holds the points of all panels."""
    shown = [abs(sizes[name]) for sizes in panels for name in largest(sizes)] or [1]
    return min(shown) / 2, max(shown) * 2


def figure_of(page, result, model, places):
    """Two panels for each of the experiments at `places`."""
    keys, times, sigma = result.values("impacts/input"), result.array("discovery_time"), wanted_sigma(result)
    j = result.index("model", model)
    sizes = {i: sizes_of(result, (i, j), keys, times) for i in places}
    axis_limits = [limits_of([pair[side] for pair in sizes.values()]) for side in (0, 1)]
    rows = max(len(largest(part)) for pair in sizes.values() for part in pair)
    figure, panels = page.grid(result.path, ("experiment", len(places)), ("side", 2), 0.135 * rows + 0.35)
    for i, row in zip(places, panels):
        label, colour, _ = experiment_style(result.values("experiment")[i], i)
        row[0].set_title(f"{label}: {sigma:g} $\\sigma$ after {shown_years(times[i, j])}", loc="left", color=colour)
        for axes, part, limits in zip(row, sizes[i], axis_limits):
            draw_points(axes, part, rows, limits)
    for axes, text in zip(panels[-1], ("change of the time per +1 % [%]", r"change of the time per +1 $\sigma$ [%]")):
        axes.set_xlabel(text)
    handles = [plt.Line2D([], [], color=colour, marker=marker, linestyle="none", markersize=3.6, label=label)
               for (colour, marker), label in ((LATER, "more of it: a later discovery"),
                                               (SOONER, "more of it: an earlier discovery"))]
    notes = assumptions(result, f"{SHORT_MODELS.get(model, model)} against LO; first derivatives, for small changes. "
                        f"Left: per +1 % of the input; right: per its own uncertainty, where one is known. The {MOST} "
                        "largest", leave=("model",))
    return page.finish(figure, notes, handles)


def draw(page):
    result = page.read(WANTS[1], WANTS[0])
    experiments, models = result.values("experiment"), result.values("model")
    times = result.array("discovery_time")
    drawn = False
    for j, model in enumerate(models):
        finite = [i for i in range(len(experiments)) if np.isfinite(times[i, j])]
        for places in ([[i] for i in finite] if page.talk else [finite] if finite else []):
            part = [model] if len(models) > 1 else []
            part += [experiments[places[0]]] if page.talk and len(experiments) > 1 else []
            drawn = True
            yield "-".join(part), figure_of(page, result, model, places)
    if not drawn:
        refuse(result.path, "no figure: no discovery time is finite")


if __name__ == "__main__":
    run(draw)
