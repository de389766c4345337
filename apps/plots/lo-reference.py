"""Discovery time against sin^2(theta_W) of the LO hypothesis, from a result of jobs/lo-reference.toml."""
# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np

from style import Result, experiment_style, label_ends, plt, save

MARKS = [
    (0.23122, r"$\overline{\mathrm{MS}}$ at $m_Z$"),
    (0.2334, "fitted"),
    (0.2386, "low energy"),
]
# Times that arXiv:2410.00107 quotes for NLO at a flux uncertainty of 0.5 %, in years.
QUOTED = {"cloud-surface": 10.0, "tao-30m": 5.25}
LOW, HIGH = 0.03, 3e4  # years


def draw_panel(axes, s2, nlo, charge_radius, quoted):
    """nlo, charge_radius: experiment -> discovery time in years over s2."""
    for index, (experiment, years) in enumerate(nlo.items()):
        _, colour, dashes = experiment_style(experiment, index)
        axes.plot(s2, years, color=colour, linestyle=dashes, linewidth=1.7)
        axes.plot(s2, charge_radius[experiment], color=colour, linestyle=dashes, linewidth=0.7,
                  alpha=0.8)
        if experiment in quoted:
            falling = s2 > s2[np.argmax(years)]
            crossing = np.interp(-quoted[experiment], -years[falling], s2[falling])
            axes.plot(crossing, quoted[experiment], "D", color=colour, markersize=6,
                      markeredgecolor="black", markeredgewidth=0.7, zorder=3)
    for mark, label in MARKS:
        axes.axvline(mark, color="0.45", linewidth=0.8, linestyle=(0, (1, 2)))
        axes.annotate(label, (mark, 0.985), xycoords=axes.get_xaxis_transform(), rotation=90,
                      xytext=(-3, 0), textcoords="offset points", ha="right", va="top",
                      fontsize=8, color="0.3",
                      bbox={"facecolor": "white", "alpha": 0.8, "linewidth": 0, "pad": 1})
    axes.set(yscale="log", xlim=(s2[0], s2[-1]), ylim=(LOW, HIGH))
    axes.set_yticks([1 / 12, 1, 10, 100, 1000, 1e4],
                    ["1 mo", "1 yr", "10 yr", "100 yr", "1000 yr", "10 000 yr"])
    axes.set_yticks([], minor=True)

    ends = [min(years[-1], 0.9 * HIGH) for years in nlo.values()]
    label_ends(axes, nlo, ends, 0.05 * np.log(HIGH / LOW), np.log, np.exp)


def main():
    result = Result(["experiment", "model", "observable", "lo.sin2_theta_w", "flux_uncertainty"])
    experiments, models = result.values("experiment"), result.values("model")
    observables, uncertainties = result.values("observable"), result.values("flux_uncertainty")
    s2 = result.values("lo.sin2_theta_w")
    times = result.array("discovery_time")

    figure, panels = plt.subplots(len(uncertainties), len(observables), figsize=(9.6, 7.4),
                                  sharex=True, sharey=True, squeeze=False)
    for row, uncertainty in enumerate(uncertainties):
        for column, observable in enumerate(observables):
            def curves(model):
                return {name: times[i, models.index(model), column, :, row]
                        for i, name in enumerate(experiments)}

            axes = panels[row, column]
            is_papers = observable == "electromagnetic" and np.isclose(uncertainty, 0.005)
            draw_panel(axes, s2, curves("nlo"), curves("lo+cr"), QUOTED if is_papers else {})
            axes.set_title(f"{observable} energy, flux uncertainty {100 * uncertainty:g} %",
                           fontsize=10)
            if row == len(uncertainties) - 1:
                axes.set_xlabel(r"$\sin^2\theta_W$ of the LO hypothesis")
            if column == 0:
                axes.set_ylabel("discovery time")
    panels[0, 0].plot([], [], color="black", linewidth=1.7, label="NLO")
    panels[0, 0].plot([], [], color="black", linewidth=0.7, label="LO + charge radius")
    panels[0, 0].plot([], [], "D", color="white", markeredgecolor="black", label="quoted by the paper")
    panels[0, 0].legend(loc="lower left", fontsize=8, frameon=False)
    figure.subplots_adjust(left=0.105, right=0.855, bottom=0.07, top=0.955, wspace=0.47, hspace=0.13)
    save(figure, result.path)


if __name__ == "__main__":
    main()
