# A result extended by new points has the bytes of the larger job computed at once.
# SPDX-License-Identifier: GPL-3.0-or-later
import shutil
import signal
from pathlib import Path

from harness import check, main, seal, sha256, skip

try:
    import h5py
except ImportError as missing:
    skip(missing)

BASE = {"job": {"name": '"base"', "title": '"Base"'},
        "axes": {"experiment": '["tao-30m", "tao-44m"]',
                 '"window.low"': '["1 MeV", "2 MeV"]',
                 "model": '["lo+cr", "nlo"]',
                 '"lo.sin2_theta_w"': "[0.232, 0.233, 0.234]",
                 "exposure": '{ from = "1 yr", to = "5 yr", points = 5 }',
                 "flux_uncertainty": "[0.005]"},
        "settings": {'"window.bin_width"': '"3 MeV"'}}


def write(name, without=(), **changes):
    """BASE with axes and settings changed or added; returns the path."""
    job = {section: dict(values) for section, values in BASE.items()}
    for key in without:
        job["axes"].pop(key)
    for section, values in changes.items():
        job[section].update(values)
    path = Path(f"{name}.toml")
    path.write_text("\n".join(
        f"[{section}]\n" + "".join(f"{key} = {value}\n" for key, value in values.items())
        for section, values in job.items()))
    return path


# Jobs whose rates are those of BASE, or more.
LARGER = {
    "longer": {"axes": {"exposure": '{ from = "1 yr", to = "20 yr", points = 5 }'}},
    "denser": {"axes": {"exposure": '{ from = "1 yr", to = "5 yr", points = 41 }'}},
    "uncertainties": {"axes": {"flux_uncertainty": "[0.002, 0.005, 0.01]",
                               "background_uncertainty": "[0.05, 0.1]"}},
    "theory-axis": {"axes": {'"theory.hadronic_3_gamma_uncertainty"': "[0.0, 0.2]"}},
    "theory-setting": {"settings": {'"theory.hadronic_3_gamma_uncertainty"': "0.2"}},
    "shape": {"settings": {'"flux_shape.uncorrelated_scale"': "0.1"}},
    "yields": {"axes": {'"isotope_yields.scale"': "[0.0, 1.0]"}},
    "scale": {"settings": {"energy_scale_uncertainty": "0.01"}},
    "off": {"axes": {'"reactor_off.share"': "[0.0, 0.3]"}},
    "significance": {"settings": {'"discovery.significance"': "3.0"}},
    "front": {"axes": {"experiment": '["cloud-surface", "tao-30m", "tao-44m"]'}},
    "middle": {"axes": {'"window.low"': '["1 MeV", "1.5 MeV", "2 MeV"]'}},
    "end": {"axes": {'"lo.sin2_theta_w"': "[0.232, 0.233, 0.234, 0.235]"}},
    "everywhere": {"axes": {"experiment": '["tao-44m", "cloud-25mwe", "tao-30m"]',
                            '"window.low"': '["0.8 MeV", "1 MeV", "2 MeV"]',
                            "model": '["nlo", "lo+cr", "lo+cr-shift"]',
                            '"lo.sin2_theta_w"': "[0.231, 0.232, 0.2325, 0.233, 0.234]",
                            "exposure": '["3 yr"]'}},
    "fewer": {"axes": {"experiment": '["tao-44m"]', '"window.low"': '["2 MeV"]'}},
}
UNDER_MPIRUN = ("front", "everywhere", "uncertainties")


def same_bytes(nuloop, base):
    for name, changes in LARGER.items():
        job = write(name, **changes)
        nuloop.good("run", job, "-o", f"{name}.h5")
        for ranks in (1, 3) if name in UNDER_MPIRUN else (1,):
            extended = f"{name}-{ranks}.h5"
            nuloop.good("run", job, "-o", extended, "--extend", "base.h5",
                        ranks=ranks if ranks > 1 else None)
            check(sha256(extended) == sha256(f"{name}.h5"),
                  f"{name} on {ranks} ranks: extended is not what one run gives")
        check(sha256("base.h5") == base, f"{name}: changes the earlier file")
    # An extension can be extended.
    job = write("everywhere", **LARGER["everywhere"])
    nuloop.good("run", job, "-o", "twice.h5", "--extend", "front-1.h5")
    check(sha256("twice.h5") == sha256("everywhere.h5"), "extended twice: other bytes")
    # In place, if that is asked for.
    shutil.copy("base.h5", "place.h5")
    nuloop.good("run", write("end", **LARGER["end"]), "-o", "place.h5", "--extend", "place.h5",
                "--force")
    check(sha256("place.h5") == sha256("end.h5"), "extended in place: other bytes")


def zipped(nuloop):
    axis = '"detector.baseline, background"'
    points = ['["30 m", "paper-25mwe"]', '["31 m", "flat-25mwe"]', '["44 m", "flat-25mwe"]']
    small = write("zip-small", axes={axis: f"[{points[0]}, {points[2]}]"})
    large = write("zip-large", axes={axis: f"[{', '.join(points)}]"})
    other = write("zip-other", axes={axis: '[["30 m", "flat-25mwe"]]'})
    nuloop.good("run", small, "-o", "zip-small.h5")
    for job in (large, other):
        nuloop.good("run", job, "-o", f"{job.stem}.h5")
        nuloop.good("run", job, "-o", f"{job.stem}-extended.h5", "--extend", "zip-small.h5")
        check(sha256(f"{job.stem}-extended.h5") == sha256(f"{job.stem}.h5"),
              f"{job.stem}: extended is not what one run gives")


def rates_are_taken(nuloop):
    """What the earlier file has is what the extension is made of: a doctored file shows through."""
    shutil.copy("base.h5", "doctored.h5")
    with h5py.File("doctored.h5", "r+") as file:
        file["rates/signal"][0] *= 1.5  # tao-30m
    refused = nuloop("run", write("end", **LARGER["end"]), "-o", "shows.h5", "--extend", "doctored.h5")
    check(refused.status == 3 and "tasks are damaged" in refused.err, f"a damaged file is extended: {refused.err}")
    seal("doctored.h5")
    nuloop.good("run", write("end", **LARGER["end"]), "-o", "shows.h5", "--extend", "doctored.h5")
    with h5py.File("shows.h5") as shown, h5py.File("end.h5") as honest:
        ratio = shown["rates/signal"][:] / honest["rates/signal"][:]
    for low in range(2):
        for model in range(2):
            known = ratio[:, low, model, :3]
            check((abs(known[0][known[0] == known[0]] - 1.5) < 1e-12).all(),
                  "the rates of tao-30m are not those of the earlier file")
            check((known[1][known[1] == known[1]] == 1.0).all(), "the rates of tao-44m changed")


def refusals(nuloop):
    def refused(job, message, earlier="base.h5", **how):
        outcome = nuloop("run", job, "-o", "refused.h5", "--extend", earlier, **how)
        check(outcome.status == 3 and any(message in line for line in outcome.messages()),
              f"{outcome.command}: status {outcome.status}, wants {message!r}\n{outcome.err}")
        check(not list(Path().glob("refused*")), f"{outcome.command}: leaves something behind")

    refused(write("flux", settings={"flux": '"huber"'}),
            'base.h5: cannot be extended: settings.flux is "mueller" there and "huber" here')
    refused(write("mass", settings={'"detector.mass"': '"3 t"'}),
            'settings."detector.mass" is nothing there and "3 t" here', ranks=2)
    refused(write("axis", axes={'"detector.mass"': '["3 t"]'}),
            "its axes are experiment, window.low, model, lo.sin2_theta_w, here they are experiment, "
            "window.low, model, lo.sin2_theta_w, detector.mass")
    refused(write("fewer-axes", without=("model",), settings={"model": '"nlo"'}),
            "settings.model is nothing there and \"nlo\" here")
    refused(write("axes-turned", without=("experiment",),
                  axes={'"window.low"': '["1 MeV"]', "experiment": '["tao-30m"]'}),
            "only their values may differ")
    larger = write("end", **LARGER["end"])
    nuloop.good("run", write("lean", job={"store_rates": "false"}), "-o", "lean.h5")
    refused(larger, "lean.h5: holds no rates and cannot be extended", "lean.h5")
    nuloop.good("run", nuloop.source / "jobs" / "fig6.toml", "-o", "fig6.h5", "--set",
                "settings.window.bin_width=3 MeV")
    refused(larger, 'fig6.h5: only results of kind "reach" can be extended', "fig6.h5")
    refused(nuloop.source / "jobs" / "fig6.toml", 'only results of kind "reach" can be extended')
    refused(larger, "nothing.h5: no such file", "nothing.h5")
    refused(larger, "end.toml: is not an HDF5 file", "end.toml")

    def doctored(name, change):
        shutil.copy("base.h5", name)
        with h5py.File(name, "r+") as file:
            change(file)
        return name

    def pending(file):
        file["status"][0, 0, 0, 0] = 0

    def revision(file):
        file.attrs.modify("creator", file.attrs["creator"][:-2] + b"?)")

    refused(larger, "unfinished.h5: is not complete and cannot be extended",
            doctored("unfinished.h5", pending))
    refused(larger, "revision.h5: cannot be extended: the program's revision is ",
            doctored("revision.h5", revision))
    # Other numbers in configs/.
    shutil.copytree(nuloop.source / "configs", "configs")
    reactors = Path("configs/reactors.toml")
    reactors.write_text(reactors.read_text() + "# one more line\n")
    refused(larger, "the checksum of configs/reactors.toml is ", configs="configs")
    outcome = nuloop("run", larger, "-o", "base.h5", "--extend", "base.h5")
    check(outcome.status == 3 and "base.h5" in outcome.err, "replaces a result without --force")


def interrupted(nuloop):
    """A stopped and a killed extension go on to the same bytes."""
    job = write("many", axes={'"lo.sin2_theta_w"': '{ from = 0.23, to = 0.24, points = 4001 }',
                              "exposure": '{ from = "1 yr", to = "5 yr", points = 400 }'})
    nuloop.good("run", job, "-o", "many.h5")
    for name in (signal.SIGUSR1, signal.SIGKILL):
        path = Path(f"{name.name}.h5")
        part = Path(f"{path}.part")
        status = nuloop.interrupted(name, 100, "run", job, "--extend", "base.h5", output=path)
        wanted = 75 if name == signal.SIGUSR1 else -signal.SIGKILL
        if not check(status == wanted and part.exists() and not path.exists(),
                     f"{name.name}: status {status}, {sorted(Path().glob(f'{path}*'))}"):
            continue
        nuloop.good("run", job, "-o", path, "--extend", "base.h5", "--resume", ranks=2)
        check(sha256(path) == sha256("many.h5"), f"after {name.name}: other bytes")


def test(nuloop):
    nuloop.good("run", write("base"), "-o", "base.h5")
    base = sha256("base.h5")
    same_bytes(nuloop, base)
    zipped(nuloop)
    rates_are_taken(nuloop)
    refusals(nuloop)
    interrupted(nuloop)
    check(sha256("base.h5") == base, "the earlier file was changed")


main(test)
