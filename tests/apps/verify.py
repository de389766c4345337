# nuloop verify: complete or not, intact or not, the same as another or not, and where.
# SPDX-License-Identifier: GPL-3.0-or-later
import re
import shutil
import signal
import zlib
from pathlib import Path

from harness import check, main, seal, sha256, skip

try:
    import h5py
    import numpy as np
except ImportError as missing:
    skip(missing)

MANY = """
[job]
name = "many"
title = "Many points"
[axes]
"window.low" = ["1 MeV", "2 MeV"]
"lo.sin2_theta_w" = { from = 0.230, to = 0.240, points = 20001 }
exposure = { from = "1 month", to = "10 yr", points = 100 }
[settings]
experiment = "tao-30m"
model = "nlo"
flux_uncertainty = 0.005
"""


def verdict(nuloop, status, *wanted, files=("result.h5",)):
    """Runs the verb; each of `wanted` must be in what it says."""
    digests = [sha256(file) if Path(file).is_file() else None for file in files]
    outcome = nuloop("verify", *files)
    said = outcome.out + outcome.err
    check(outcome.status == status and all(text in said for text in wanted),
          f"{outcome.command}: status {outcome.status}, wants {status} and {wanted}\n{said}")
    check([sha256(file) if Path(file).is_file() else None for file in files] == digests,
          f"{outcome.command}: changes a file")
    if status == 3:
        check(len(outcome.messages()) == 1, f"{outcome.command}: {outcome.err}")
    return said


def doctored(name, change, source="result.h5"):
    shutil.copy(source, name)
    with h5py.File(name, "r+") as file:
        change(file)
    return name


def put(path, index, value):
    def change(file):
        file[path][index] = value
    return change


def complete(nuloop):
    for name in ("fig4", "fig6", "lo-reference"):
        job = nuloop.source / "jobs" / f"{name}.toml"
        nuloop.good("run", job, "-o", f"{name}.h5", *{
            "fig4": ("--set", "axes.energy.points=30"),
            "fig6": ("--set", "settings.window.bin_width=1.5 MeV"),
            "lo-reference": ("--set", "axes.lo.sin2_theta_w.points=21")}[name], ranks=2)
        verdict(nuloop, 0, "intact, complete", files=(f"{name}.h5",))
    verdict(nuloop, 0, "10 of 10 points done, in 10 of 10 tasks", "intact, complete")


def unfinished(nuloop):
    """What is in a .part is counted as h5py counts it."""
    Path("many.toml").write_text(MANY)
    status = nuloop.interrupted(signal.SIGUSR1, 40, "run", "many.toml", output="many.h5")
    if not check(status == 75 and Path("many.h5.part").exists(),
                 f"a run asked to stop ends with {status}"):
        return
    with h5py.File("many.h5.part") as file:
        done, points = np.count_nonzero(file["status"][:] == 1), file["status"].size
        sums = file["integrity/checksum"][:]
    check(0 < done < points, f"{done} of {points} points done")
    verdict(nuloop, 75, f"{done} of {points} points done, in {np.count_nonzero(sums)} of "
            f"{len(sums)} tasks", "intact, not complete", files=("many.h5.part",))

    # One more byte that is not as it was written, within what is done.
    def flip(file):
        task = np.argwhere(file["status"][:] == 1)[0]
        file["discovery_time"][tuple(task)] *= 1 + 1e-15
    verdict(nuloop, 3, "1 tasks are damaged", files=(doctored("hurt.part", flip, "many.h5.part"),))
    nuloop.good("run", "many.toml", "-o", "many.h5", "--resume")
    verdict(nuloop, 0, "intact, complete", f"{points} of {points}", files=("many.h5",))


def damaged(nuloop):
    """One byte of a value."""
    with h5py.File("result.h5") as file:
        offset = file["discovery_time"].id.get_offset()
        per_experiment = file["discovery_time"][0].size
        point = 3 * per_experiment + per_experiment // 2  # tao-30m, nlo
        bins = file["rates/signal"].id.get_offset()
    for place, task in ((offset + 8 * point, 7), (bins, 0)):
        content = bytearray(Path("result.h5").read_bytes())
        content[place] ^= 1
        Path("byte.h5").write_bytes(content)
        names = ("tao-30m", "nlo") if task == 7 else ("cloud-surface", "lo+cr")
        verdict(nuloop, 3, f"1 tasks are damaged; the first is task {task}, which begins at "
                f"experiment = {names[0]}, model = {names[1]}", "9 of 10 points done, in 9 of 10 tasks",
                files=("byte.h5",))
    verdict(nuloop, 3, "10 tasks are damaged; the first is task 0", "0 of 10 points", files=(
        doctored("all.h5", put("chi2", np.s_[...], 1.0)),))
    # A point that calls itself pending under a checksum of something else.
    verdict(nuloop, 3, "1 tasks are damaged", files=(doctored("status.h5", put("status", (0, 1), 0)),))


def task_bytes(file, experiment, model):
    """What a task of fig7 contributes, in the order that lib/analysis/FORMAT.md gives."""
    names = ["chi2", "chi2_error", "significance", "discovery_time", "discovery_time_error"]
    for rate in ("signal_lo", "signal", "background", "signal_difference", "hadronic_response"):
        names += [f"rates/{rate}", f"rates/{rate}_error"]
    values = [file[name][experiment, model] for name in (*names, "status")]
    return b"".join(np.ascontiguousarray(value).tobytes() for value in values)


def failed_points(nuloop):
    """A failed point is neither done nor damage."""
    with h5py.File("result.h5") as file:
        sums = [zlib.crc32(task_bytes(file, *divmod(task, 2))) for task in range(10)]
        check(file["integrity/checksum"][:].tolist() == sums, "checksums are not CRC-32 as documented")

    def fail(file):
        file["status"][3, 1] = 2
        for name in ("chi2", "significance", "discovery_time"):
            file[name][3, 1] = np.nan
        file["integrity/checksum"][7] = zlib.crc32(task_bytes(file, 3, 1))
    verdict(nuloop, 75, "9 of 10 points done, in 9 of 10 tasks", "points failed in 1 tasks",
            "intact, not complete", files=(doctored("failed.h5", fail),))


def no_results(nuloop):
    verdict(nuloop, 3, "nothing.h5: no such file", files=("nothing.h5",))
    verdict(nuloop, 3, ".: ", files=(".",))
    Path("text.h5").write_text("not HDF5")
    verdict(nuloop, 3, "text.h5: is not an HDF5 file", files=("text.h5",))
    content = Path("result.h5").read_bytes()
    for share in (0.1, 0.5, 0.99):
        Path("short.h5").write_bytes(content[:int(share * len(content))])
        verdict(nuloop, 3, "short.h5: truncated file", files=("short.h5",))
    Path("empty.h5").write_bytes(b"")
    verdict(nuloop, 3, "empty.h5: is not an HDF5 file", files=("empty.h5",))
    with h5py.File("foreign.h5", "w") as file:
        file["x"] = np.arange(3)
    verdict(nuloop, 3, "foreign.h5: is not a nuloop-study file", files=("foreign.h5",))

    def version(file):
        file.attrs["format_version"] = np.int32(5)
    verdict(nuloop, 3, "has format version 5, this program reads 1 to 4",
            files=(doctored("old.h5", version),))


def other_structures(nuloop):
    def without(path):
        def change(file):
            del file[path]
        return change

    def reshaped(path, values):
        def change(file):
            del file[path]
            file[path] = values
        return change

    def job(old, new):
        def change(file):
            text = file.attrs["job"]
            assert old in text
            file.attrs["job"] = np.bytes_(text.replace(old, new))
        return change

    for name, change, wanted in (
            ("missing.h5", without("chi2"), "/chi2"),
            ("sums.h5", without("integrity/checksum"), "/integrity/checksum"),
            ("tasks.h5", reshaped("integrity/checksum", np.ones(3, np.uint32)),
             "its job makes 10, it has checksums of 3"),
            ("extents.h5", reshaped("discovery_time", np.zeros((5, 2))),
             "/discovery_time has other extents than its job wants"),
            ("axis.h5", put("flux_uncertainty", 0, 0.006),
             "/flux_uncertainty does not hold the values of its job"),
            ("names.h5", put("experiment", 0, b"tao-30m"),
             "/experiment does not hold the values of its job"),
            ("bins.h5", put("rates/bin_low", 0, 0.9), "/rates/bin_low does not hold the values"),
            ("job.h5", job(b'"tao-44m"]', b'"tao-44m", "cloud-surface"]'), "listed twice"),
            ("longer.h5", job(b"[0.005, 0.01]", b"[0.005, 0.01, 0.02]"), "/flux_uncertainty"),
            ("world.h5", job(b"tao-44m", b"tao-55m"), 'unknown experiment "tao-55m"')):
        verdict(nuloop, 3, f"{name}", wanted, files=(doctored(name, change),))


def forged(name, change, task=7):
    """As doctored, with the checksum of what is there then: as another program may have computed it."""
    def and_checksum(file):
        change(file)
        file["integrity/checksum"][task] = zlib.crc32(task_bytes(file, *divmod(task, 2)))
    return doctored(name, and_checksum)


def moved(path, index, bounds):
    """Moves a value by so many of its error bounds."""
    def change(file):
        file[path][index] += bounds * file[f"{path}_error"][index]
    return change


def within_bounds(nuloop):
    """Values of other bits are the same as far as the bounds of both files reach, and no further."""
    place, where = (3, 1, 0, 0, 4), (
        "experiment = tao-30m, model = nlo, flux_uncertainty = 0.005, "
        "background_uncertainty = 0.1, exposure = 10 yr")
    with h5py.File("result.h5") as file:
        exact, bound = float(file["chi2"][place]), float(file["chi2_error"][place])
        root, time_bound = float(file["significance"][place]), file["discovery_time_error"][3, 1, 0, 0]
    check(0 < bound < 1e-6 * exact and time_bound > 0, f"no bounds to begin with: {bound}, {time_bound}")
    near = forged("near.h5", moved("chi2", place, 0.5))
    said = verdict(nuloop, 0, "near.h5: the same results within error bounds; 1 of ",
                   f"/chi2[3, 1, 0, 0, 4] at {where}: ", "0.25 of what the error bounds allow",
                   files=("result.h5", near))
    numbers = re.search(r"exposure = 10 yr: (\S+) and (\S+),", said)
    check(numbers and [float(number) for number in numbers.groups()] == [exact, exact + 0.5 * bound],
          f"the values that differ are not in {said}")
    verdict(nuloop, 0, "within error bounds", files=("near.h5", "result.h5"))
    far = forged("far.h5", moved("chi2", place, 2.6))
    verdict(nuloop, 3, "result.h5 and far.h5 differ: 1 of ", f"/chi2[3, 1, 0, 0, 4] at {where}: ",
            "1.3 of what the error bounds allow", files=("result.h5", far))
    # Of many differences the largest is told.
    def two(file):
        moved("chi2", place, 0.5)(file)
        moved("discovery_time", (3, 1, 0, 0), 1.5)(file)
        moved("rates/signal", (3, 1, 2), -1.0)(file)
    verdict(nuloop, 0, "; 3 of ", "/discovery_time[3, 1, 0, 0] at experiment = tao-30m, model = nlo, "
            "flux_uncertainty = 0.005, background_uncertainty = 0.1: ", "0.75 of what",
            files=("result.h5", forged("two.h5", two)))
    # The significance has no bound of its own: that of chi2 holds for its square.
    for share, status in ((0.9, 0), (1.1, 3)):
        root_moved = forged("root.h5", put("significance", place, root + share * bound / root))
        verdict(nuloop, status, "/significance[3, 1, 0, 0, 4] at ", f"{share} of what",
                files=("result.h5", root_moved))
    # Bounds may differ, but not by what would let everything pass.
    for factor, status in ((3.0, 0), (1e6, 3)):
        loose = forged("loose.h5", put("chi2_error", place, factor * bound))
        verdict(nuloop, status, "1 of ", files=("result.h5", loose))


def without_bounds(nuloop):
    """What keeps no error bound: sums over pseudo-experiments, and the other minimum of a charge radius."""
    def run(job, *changes):
        name = f"{job.rpartition('/')[2]}.h5"
        nuloop.good("run", nuloop.source / "jobs" / f"{job}.toml", "-o", name,
                    *(word for change in changes for word in ("--set", change)))
        return name

    def forged_point(source, paths, path, index, change):
        """Changes a number of a result of one point, and the checksum of its task accordingly."""
        def checksum(file):
            blocks = (file[name][:].tobytes() for name in (*paths, "status"))
            return zlib.crc32(b"".join(blocks))

        def and_checksum(file):
            check(file["integrity/checksum"][0] == checksum(file), f"{source}: not the checksum of its values")
            file[path][index] = change(file[path][index])
            file["integrity/checksum"][0] = checksum(file)
        return doctored("other.h5", and_checksum, source)

    def judged(status, source, *forgery):
        verdict(nuloop, status, files=(source, forged_point(source, *forgery)))

    with_error = ("quantile", "critical", "p_value", "p_value_of_significance")
    paths = [f"toys/{name}" for name in (
        "significance", "z_expected", *(part for name in with_error for part in (name, f"{name}_error")),
        "histogram", "histogram_squares", "moments", "tails")]
    toys = run("toys-5sigma/tails", 'axes.experiment=["tao-30m"]', 'axes."toys.tail"=[5]',
               'axes.exposure=["5 yr"]', "settings.toys.count=5000")
    with h5py.File(toys) as file:
        bin_ = int(np.argmax(file["toys/histogram"][0, 0, 0]))
        error = float(np.sqrt(file["toys/histogram_squares"][0, 0, 0, bin_]))
    for share, status in ((0.9e-3, 0), (1.2e-3, 3)):
        judged(status, toys, paths, "toys/histogram", (0, 0, 0, bin_), lambda w, d=share * error: w + d)
        for path, index in (("histogram_squares", bin_), ("moments", 2), ("tails", 1)):
            judged(status, toys, paths, f"toys/{path}", (0, 0, 0, index), lambda w2, d=share: w2 * (1 + d))
    judged(3, toys, paths, "toys/moments", (0, 0, 0, 0), lambda count: count + 1)

    paths = [f"measurement/{name}" for name in (
        "best_fit", "best_fit_error", "chi2_min", "chi2_min_error", "other_minimum", "interval_low",
        "interval_low_error", "interval_high", "interval_high_error")]
    radius = run("measure-charge-radius/intervals", 'axes.experiment=["tao-30m"]', 'axes.reference=["lo+cr"]',
                 "axes.flux_uncertainty=[0.01]", 'axes.exposure=["1 yr"]')
    for shift, status in ((2e-3, 0), (-2e-3, 0), (3e-3, 3)):
        judged(status, radius, paths, "measurement/other_minimum", (0,) * 4,
               lambda chi2, d=shift: (np.sqrt(chi2) + d) ** 2)


def finite_or_not(nuloop):
    """What is not a number, infinite, or not done, has to be so in both."""
    for path, index, value in (("chi2", (3, 1, 0, 0, 4), np.nan), ("discovery_time", (3, 1, 0, 0), np.inf),
                               ("chi2_error", (3, 1, 0, 0, 4), np.inf), ("rates/background", (3, 1, 0), -np.inf)):
        other = forged("infinite.h5", put(path, index, value))
        verdict(nuloop, 3, "differ: 1 of ", f"/{path}[{', '.join(map(str, index))}] at ",
                f" and {value}", files=("result.h5", other))
        verdict(nuloop, 0, "the same bytes", files=(other, other))
        again = doctored("again.h5", lambda file: file.attrs.modify("creator", np.bytes_("nuloop 99 (0)")), other)
        verdict(nuloop, 0, "numbers to the last bit", files=(other, again))
    failed = forged("failed.h5", put("status", (3, 1), 2))
    verdict(nuloop, 3, "/status[3, 1] at experiment = tao-30m, model = nlo: 1 and 2",
            files=("result.h5", failed))


def moved_coordinates(nuloop):
    """An axis is that of the job if it agrees to rounding; then the file is as good as any."""
    def step(ulps, path="exposure", index=2):
        def change(file):
            value = file[path][index]
            for _ in range(abs(ulps)):
                value = np.nextafter(value, np.copysign(np.inf, ulps))
            file[path][index] = value
        return change

    def shift(path):
        def change(file):
            file[path][0] *= 1 + 1e-9
        return change

    for ulps in (1, -2, 2):
        near = doctored("ulp.h5", step(ulps))
        verdict(nuloop, 0, "intact, complete", files=(near,))
        verdict(nuloop, 0, "the same results within error bounds; 0 of ",
                "1 coordinates differ by rounding", files=("result.h5", near))
    verdict(nuloop, 0, "intact, complete", files=(doctored("ulp.h5", step(2, "rates/bin_high")),))
    for path in ("exposure", "flux_uncertainty", "rates/bin_low"):
        verdict(nuloop, 3, f"/{path} does not hold the ", files=(doctored("far.h5", shift(path)),))

    # Such a file is continued, and keeps its coordinates; it is extended too.
    job = (nuloop.fig7, "--set", "axes.exposure.points=5")
    near = doctored("near.h5", step(2))
    with h5py.File(doctored("moved.h5.part", step(2)), "r+") as file:
        file["integrity/checksum"][3:] = 0
        wanted = file["exposure"][:]
    nuloop.good("run", *job, "-o", "moved.h5", "--resume", ranks=2)
    with h5py.File("moved.h5") as file, h5py.File("result.h5") as plain:
        check((file["exposure"][:] == wanted).all() and (wanted != plain["exposure"][:]).any(),
              f"the resumed file has other coordinates: {file['exposure'][:]}, {wanted}")
        chi2, old = file["chi2"][..., 2], plain["chi2"][..., 2]
        check((chi2[2:] != old[2:]).any() and (chi2[:1] == old[:1]).all(),
              "what is resumed does not belong to the coordinates of the file")
        check(np.allclose(chi2, old, rtol=1e-14, atol=0), f"resumed: {chi2}, {old}")
    verdict(nuloop, 0, "within error bounds", files=("result.h5", "moved.h5"))
    longer = (nuloop.fig7, "--set", "axes.exposure.points=9")
    nuloop.good("run", *longer, "-o", "more.h5")
    seal(near)
    nuloop.good("run", *longer, "-o", "extended.h5", "--extend", near)
    check(sha256("more.h5") == sha256("extended.h5"), "extended from a file an ulp away: other bytes")


def two_files(nuloop):
    shutil.copy("result.h5", "copy.h5")
    verdict(nuloop, 0, "copy.h5: the same bytes", files=("result.h5", "copy.h5"))

    # NaN equals NaN, here those of windows with fewer bins; NaN does not equal a number.
    widths = ("--set", 'axes.window.bin_width=["1 MeV", "3 MeV"]')
    job = Path("widths.toml")
    job.write_text(nuloop.fig7.read_text().replace('"window.bin_width" = "0.5 MeV"', "")
                   .replace("points = 120", "points = 5"))
    nuloop.good("run", job, "-o", "widths.h5", *widths)
    nuloop.good("run", job, "-o", "widths-again.h5", *widths, ranks=2)
    with h5py.File("widths.h5") as file:
        check(np.isnan(file["rates/signal"][:]).any(), "no NaN in there")
    verdict(nuloop, 0, "the same bytes", files=("widths.h5", "widths-again.h5"))
    job.write_text(job.read_text() + "# one more line\n")
    nuloop.good("run", job, "-o", "widths-again.h5", "--force", *widths)
    verdict(nuloop, 0, "numbers to the last bit", "the job's own file had other words",
            files=("widths.h5", "widths-again.h5"))

    # Other jobs: what differs is told.
    def run(name, *words):
        nuloop.good("run", nuloop.fig7, "-o", name, "--set", "axes.exposure.points=5", *words)
        return name
    different = "are results of different jobs: "
    verdict(nuloop, 3, different + "axes.background_uncertainty is [0.1] in result.h5 and "
            "[0.1, 0.2] in two.h5", files=(
                "result.h5", run("two.h5", "--set", "axes.background_uncertainty=[0.1, 0.2]")))
    nuloop.write_job("turned.toml", ('"tao-30m", "tao-44m"]', '"tao-44m", "tao-30m"]'),
                     ("points = 120", "points = 5"))
    nuloop.good("run", "turned.toml", "-o", "turned.h5")
    verdict(nuloop, 3, different + "axes.experiment is ", files=("result.h5", "turned.h5"))
    verdict(nuloop, 3, different + "job.store_rates is nothing in result.h5 and false in lean.h5",
            files=("result.h5", run("lean.h5", "--set", "job.store_rates=false")))
    verdict(nuloop, 3, different + "job.title is ",
            files=("result.h5", run("title.h5", "--set", "job.title=Another")))
    verdict(nuloop, 3, different + "job.name is ",
            files=("result.h5", run("job2.h5", "--set", "job.name=another")))
    # Of another file in configs/ the numbers tell whether it matters.
    shutil.copytree(nuloop.source / "configs", "configs")
    reactors = Path("configs/reactors.toml")
    reactors.write_text(reactors.read_text() + "# one more line\n")
    nuloop.good("run", nuloop.fig7, "-o", "configs.h5", "--set", "axes.exposure.points=5",
                configs="configs")
    verdict(nuloop, 0, "the checksum of configs/reactors.toml is ", "numbers to the last bit",
            files=("result.h5", "configs.h5"))
    reactors.write_text(reactors.read_text().replace('"4.60 GW"', '"4.61 GW"'))
    nuloop.good("run", nuloop.fig7, "-o", "configs.h5", "--force", "--set", "axes.exposure.points=5",
                configs="configs")
    verdict(nuloop, 3, "the checksum of configs/reactors.toml is ", " differ: ", " by more than error bounds",
            files=("result.h5", "configs.h5"))

    def program(file):
        file.attrs.modify("creator", np.bytes_("nuloop 99 (0)"))
    verdict(nuloop, 0, "the program's version is ", "the program's revision is ", " and 0 in revision.h5",
            "revision.h5: the same results, all ", "numbers to the last bit",
            files=("result.h5", doctored("revision.h5", program)))
    verdict(nuloop, 3, "nothing.h5", files=("result.h5", "nothing.h5"))
    # Damage of either is found before they are compared.
    hurt = doctored("hurt.h5", put("chi2", (3, 1, 0, 0, 4), 1.0))
    verdict(nuloop, 3, "hurt.h5: 1 tasks are damaged", files=(hurt, "result.h5"))
    verdict(nuloop, 3, "hurt.h5: 1 tasks are damaged", files=("result.h5", hurt))


def command_line(nuloop):
    for words in ((), ("result.h5", "result.h5", "result.h5"), ("result.h5", "--frmat", "csv")):
        outcome = nuloop("verify", *words)
        check(outcome.status == 2, f"{outcome.command}: exit status {outcome.status}")
    check("FILE.h5 [OTHER.h5]" in nuloop.good("verify", "--help").out, "verify --help")


def test(nuloop):
    nuloop.good("run", nuloop.fig7, "-o", "result.h5", "--set", "axes.exposure.points=5")
    complete(nuloop)
    unfinished(nuloop)
    damaged(nuloop)
    failed_points(nuloop)
    no_results(nuloop)
    other_structures(nuloop)
    two_files(nuloop)
    within_bounds(nuloop)
    without_bounds(nuloop)
    finite_or_not(nuloop)
    moved_coordinates(nuloop)
    command_line(nuloop)


main(test)
