# A result of which one bit has changed: no reader shows or takes over a number that is not the run's.
# SPDX-License-Identifier: GPL-3.0-or-later
import contextlib
import io
import random
import shutil
import sys
from pathlib import Path

from harness import check, main, skip

try:
    import h5py
    import matplotlib  # noqa: F401  (apps/plots/style.py wants it)
    import numpy as np
except ImportError as missing:
    skip(missing)

SEAL_BYTES = 80
SMALL = ("--set", "axes.exposure.points=3", "--set", "axes.model=[\"lo+cr\", \"nlo\"]",
         "--set", "axes.experiment=[\"tao-30m\", \"cloud-25mwe\"]")
DATASETS = {"reach": "discovery_time", "toys": "toys/quantile"}
TOYS = """
[job]
name = "few"
title = "Few pseudo-experiments"
kind = "toys"
[axes]
"toys.truth" = ["reference", "model"]
[settings]
experiment = "tao-30m"
model = "nlo"
exposure = "2 yr"
"toys.count" = 5000
flux_uncertainty = 0.005
background_uncertainty = 0.1
"""


class Original:
    """A result, and what its readers say of it."""

    def __init__(self, nuloop, path, kind):
        self.nuloop, self.path, self.kind = nuloop, Path(path), kind
        self.bytes = self.path.read_bytes()
        self.report = self.reported(path)
        status, self.drawn = self.read_by_scripts(path)
        check(self.report.status == 0 and status == 0, f"{path}: cannot be read: {self.report.err}")

    def reported(self, path):
        return self.nuloop("report", path, "--format", "csv")

    def read_by_scripts(self, path):
        """Exit status and the values that the plotting scripts get, as they get them."""
        from reading import open_result
        said = io.StringIO()
        try:
            with contextlib.redirect_stderr(said), open_result(path) as file:
                return 0, {name: np.array(file[name]).tobytes() for name in (DATASETS[self.kind],)}
        except SystemExit as end:
            check(len(said.getvalue().splitlines()) == 1, f"{path}: {said.getvalue()!r}")
            return end.code, None

    def flipped(self, bit, path="flipped.h5"):
        content = bytearray(self.bytes)
        content[bit // 8] ^= 1 << bit % 8
        Path(path).write_bytes(content)
        return path

    def check_flip(self, bit):
        """@returns which readers accept the file."""
        path = self.flipped(bit)
        status, drawn = self.read_by_scripts(path)
        check(status == 3 or (status == 0 and drawn == self.drawn), f"bit {bit}: scripts read {status}")
        report = self.reported(path)
        check(report.status == 3 and len(report.messages()) == 1 and not report.out
              or report.status == 0 and report.out == self.report.out,
              f"bit {bit}: report ends with {report.status}: {report.err}")
        verify = self.nuloop("verify", path)
        in_seal = bit // 8 >= len(self.bytes) - SEAL_BYTES
        check(verify.status == 3 or (in_seal and "has no seal" in verify.out),
              f"bit {bit}: verify ends with {verify.status}: {verify.out}{verify.err}")
        return [status == 0, report.status == 0, verify.status == 0]

    def check_going_on(self, job, bit, more):
        """The same for runs that begin with the file."""
        path = self.flipped(bit)
        for words in ([job, "-o", path, "--resume"], [job, *more, "-o", "longer.h5", "--extend", path]):
            outcome = self.nuloop("run", *words)
            check(outcome.status == 3 and path in outcome.err and not Path("longer.h5").exists(),
                  f"bit {bit}: {words} ends with {outcome.status}: {outcome.err}")


def random_flips(original, count, seed):
    """A tenth of them in the seal."""
    draw = random.Random(seed)
    bits, seal = 8 * len(original.bytes), 8 * SEAL_BYTES
    accepted = np.zeros(3, int)
    for n in range(count):
        accepted += original.check_flip(bits - 1 - draw.randrange(seal) if n % 10 == 0
                                        else draw.randrange(bits))
    print(f"{original.path}: {count} flips; scripts, report, verify accept {accepted}")


def bits_that_matter(original):
    """One in each dataset: where it was seen to pass unseen."""
    with h5py.File(original.path) as file:
        found = {}
        file.visititems(lambda name, item: found.__setitem__(name, item.id.get_offset())
                        if isinstance(item, h5py.Dataset) else None)
    for name, offset in found.items():
        check(original.check_flip(8 * (offset + 6) + 5) == [False] * 3, f"{name}: a flip is accepted")
    return found


def of_earlier_formats(nuloop, original):
    """Format 3 had no seal: its tasks are checked, and scripts say that they cannot."""
    def earlier(path, change=lambda file: None):
        shutil.copy(original.path, path)
        with h5py.File(path, "r+") as file:  # which cuts off the seal
            file.attrs.create("format_version", 3, dtype="i4")
            change(file)
        return path
    path = earlier("three.h5")
    check(original.reported(path).out == original.report.out, "a result of format 3 is reported otherwise")
    check(original.read_by_scripts(path) == (0, original.drawn), "format 3: scripts read other values")

    def damage(file):
        file[DATASETS[original.kind]][0] *= 1 + 1e-9
    path = earlier("three-damaged.h5", damage)
    check(original.reported(path).status == 3, "report shows a damaged result of format 3")
    check(nuloop("verify", path).status == 3, "verify passes a damaged result of format 3")

    def link(file):
        file["elsewhere"] = h5py.ExternalLink("/etc/passwd", "/")
    check(original.read_by_scripts(earlier("three-linked.h5", link))[0] == 3, "scripts follow a link")


def test(nuloop):
    sys.path.insert(0, str(nuloop.source / "apps" / "plots"))
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 100
    nuloop.good("run", nuloop.fig7, *SMALL, "-o", "reach.h5")
    reach = Original(nuloop, "reach.h5", "reach")
    random_flips(reach, count, 1)
    offsets = bits_that_matter(reach)
    for name in ("rates/signal_difference", "experiment", "integrity/checksum"):
        reach.check_going_on(nuloop.fig7, 8 * offsets[name] + 4, ["--set", "axes.exposure.points=4"])
    of_earlier_formats(nuloop, reach)

    Path("few.toml").write_text(TOYS)
    nuloop.good("run", "few.toml", "-o", "toys.h5")
    toys = Original(nuloop, "toys.h5", "toys")
    random_flips(toys, count, 2)
    with h5py.File("toys.h5") as file:
        bit = 8 * file["toys/moments"].id.get_offset() + 49
    toys.check_going_on("few.toml", bit, ["--set", "settings.toys.count=10000"])


main(test)
