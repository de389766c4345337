"""Cross sections against neutrino energy: Fig. 4 of arXiv:2410.00107, from a result of jobs/fig4.toml."""
# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np

from reading import refuse
from style import MODEL_STYLES, SMALL, assumptions, numbers_on, plt, run

WANTS = ("cross-section", ["observable", "model", "recoil", "energy"])
UNIT = 1e-45  # cm2/MeV
TAIL = 3e-5  # where the logarithmic inset begins, in that unit
# Of the thresholds from where on a panel of differences holds all of its curves: nearer they go to infinity.
HELD = 1.15

# Label, colour, dashes, width; NLO is wide and lies below, so that it shows beside the dashes on it.
CURVES = {
    "lo": ("LO", *MODEL_STYLES["lo"], 1.0),
    "lo+cr": ("LO + CR", *MODEL_STYLES["lo+cr"], 1.0),
    "nlo": ("NLO", "#aaa6d6", "solid", 2.8),
    "sum": ("LO + CR by shifted angle + remaining", MODEL_STYLES["nlo"][0], (0, (3.5, 2.5)), 1.0),
}
PARTS = {
    "loops": ("loops other than CR", "#009988", (0, (1.2, 1.2))),
    "sum": ("remaining: the sum of the others", MODEL_STYLES["nlo"][0], "solid"),
    "photonic": ("photons", "#cc6677", (0, (6, 2))),
    "born": (r"$\sin^2\theta_W$ of NLO at tree level", "#ee8866", (0, (7, 1.5, 1.2, 1.5, 1.2, 1.5))),
}
TITLES = {"electromagnetic": r"electromagnetic energy, $T = T_e + E_\gamma$",
          "electron": r"electron energy, $T = T_e$"}
ROWS = ("cross-section", "difference", "parts")


def read(result):
    """Curves and parts of the remaining correction: name -> values over observable and energy."""
    lo, charge_radius, nlo, shift = (result.index("model", name)
                                     for name in ("lo", "lo+cr", "nlo", "lo+cr-shift"))
    whole, born, loops, photonic = (result.array(name)[:, :, 0] for name in (
        "cross_section", "born", "loops", "photonic"))
    parts = {"born": born[:, nlo] - born[:, lo],
             "loops": loops[:, nlo] - loops[:, charge_radius],
             "photonic": photonic[:, nlo]}
    parts["sum"] = parts["born"] + parts["loops"] + parts["photonic"]
    curves = {"lo": whole[:, lo], "lo+cr": whole[:, charge_radius], "nlo": whole[:, nlo]}
    # With the linear charge radius this would be NLO by construction.
    curves["sum"] = whole[:, shift] + parts["sum"]
    return curves, parts


def mark_threshold(axes, threshold):
    axes.axvline(threshold, color="0.55", linewidth=0.6, linestyle=(0, (1, 2)), zorder=0.5)


def draw_curves(axes, energy, curves, threshold):
    for name, (_, colour, dashes, width) in CURVES.items():
        axes.plot(energy, curves[name], color=colour, linestyle=dashes, linewidth=width,
                  zorder=1.9 if name == "nlo" else 2)
    mark_threshold(axes, threshold)


def draw_tail(axes, energy, curves, threshold):
    """The neighbourhood of the threshold on a logarithmic scale."""
    inset = axes.inset_axes([0.60, 0.14, 0.37, 0.42])
    draw_curves(inset, energy, curves, threshold)
    inset.set(yscale="log", xlim=(energy[0], 2 * threshold - energy[0]), ylim=(TAIL, 1))
    inset.set_yticks([1e-4, 1e-2, 1])
    if np.any(curves["nlo"][energy < threshold] > TAIL):
        inset.annotate("with a\nphoton", (0.06, 0.93), xycoords="axes fraction", fontsize=SMALL, va="top",
                       color=CURVES["sum"][1])


def draw_parts(axes, energy, parts, threshold):
    axes.axhline(0, color="black", linewidth=0.6)
    for name, values in parts.items():
        _, colour, dashes = PARTS[name]
        axes.plot(energy, values, color=colour, linestyle=dashes)
    mark_threshold(axes, threshold)


def limits(energy, sets, threshold):
    """What holds all these curves from a little above the threshold on."""
    held = energy > min(HELD * threshold, energy[-2])
    values = np.concatenate([curve[held] for curves in sets for curve in curves.values()] + [[0]])
    low, high = np.nanmin(values), np.nanmax(values)
    return low - 0.1 * (high - low), high + 0.1 * (high - low)


def of_lo(values, lo):
    """In per cent of LO, where there is LO."""
    return {name: 100 * value / np.where(lo > 0, lo, np.nan) for name, value in values.items()}


def draw_row(kind, panels, energy, columns, threshold):
    """One row of panels; columns: of curves and parts, each a name -> values."""
    differences = [{name: value - 100 for name, value in of_lo(curves, curves["lo"]).items()}
                   for curves, _ in columns]
    shares = [of_lo(parts, curves["lo"]) for curves, parts in columns]
    for axes, (curves, _), difference, share in zip(panels, columns, differences, shares):
        if kind == "cross-section":
            scaled = {name: value / UNIT for name, value in curves.items()}
            draw_curves(axes, energy, scaled, threshold)
            draw_tail(axes, energy, scaled, threshold)
            axes.set_ylim(0, None)
        elif kind == "difference":
            draw_curves(axes, energy, difference, threshold)
        else:
            draw_parts(axes, energy, share, threshold)
    if kind != "cross-section":
        panels[0].set_ylim(limits(energy, differences if kind == "difference" else shares, threshold))


def handles(kinds):
    lines = [plt.Line2D([], [], color=colour, linestyle=dashes, linewidth=width, label=label)
             for label, colour, dashes, width in CURVES.values()] if set(kinds) - {"parts"} else []
    if "parts" in kinds:
        lines += [plt.Line2D([], [], color=colour, linestyle=dashes, label=label)
                  for label, colour, dashes in PARTS.values()]
    return lines


def draw(page):
    result = page.read(WANTS[1], WANTS[0])
    observables, energy = result.values("observable"), result.values("energy")
    if len(result.values("recoil")) != 1:
        refuse(result.path, "no figure for more than one recoil: --only recoil=VALUE takes one")
    recoil = result.values("recoil")[0]
    # Below it no electron at rest gets this recoil without a photon.
    threshold = float(result.told("thresholds")["lowest_energy_MeV"][0])
    curves, parts = read(result)
    columns = [tuple({name: value[k] for name, value in values.items()} for values in (curves, parts))
               for k in range(len(observables))]
    labels = {"cross-section": rf"$\mathrm{{d}}\sigma/\mathrm{{d}}T$ [$10^{{{np.log10(UNIT):.0f}}}$ cm$^2$/MeV]",
              "difference": "from LO [% of LO]", "parts": "remaining [% of LO]"}
    notes = assumptions(result, rf"$T = {recoil:g}$ MeV. Dotted: threshold without a photon; near it differences "
                        "leave their panels. Remaining: NLO without LO and CR", leave=("model", "reference", "flux"))
    for kinds in ([kind] for kind in ROWS) if page.talk else [ROWS]:
        figure, panels = page.grid(result.path, ("quantity", len(kinds)), ("observable", len(observables)), 2.3,
                                   sharex=True, sharey="row")
        for row, kind in zip(panels, kinds):
            draw_row(kind, row, energy, columns, threshold)
            row[0].set_ylabel(labels[kind])
        for axes, observable in zip(panels[0], observables):
            axes.set_title(TITLES.get(observable, observable), loc="left")
        for axes in panels[-1]:
            axes.set_xlabel(r"antineutrino energy $E_\nu$ [MeV]")
        panels[0, 0].set(xscale="log", xlim=(energy[0], energy[-1]))
        numbers_on(panels[0, 0].xaxis)
        figure.align_ylabels()
        yield kinds[0] if page.talk else "", page.finish(figure, notes, handles(kinds))


if __name__ == "__main__":
    run(draw)
