# A result of which one bit has changed: no reader shows or takes over a number that is not the run's.
# By hand, 500 flips of each kind past all readers: /usr/bin/python3 tests/apps/damage.py build/bin/nuloop . 500
# SPDX-License-Identifier: GPL-3.0-or-later
import contextlib
import io
import itertools
import random
import shutil
import sys
from pathlib import Path

from harness import check, main, skip

try:
    import h5py
    import numpy as np
except ImportError as missing:
    skip(missing)

SEAL_BYTES = 80
FLIPS = 84  # of each kind, some 500 in all
OUTSIDE = 'window.low = "1 MeV"\nwindow.high = "10 MeV"\nwindow.bin_width = "3 MeV"\n'
PULLS = "flux_uncertainty = 0.005\nbackground_uncertainty = 0.1\n"
# Small jobs: [axes] and [settings].
KINDS = {
    "reach": ('experiment = ["tao-30m", "cloud-25mwe"]\nmodel = ["lo+cr", "nlo"]\n'
              'exposure = { from = "1 yr", to = "10 yr", points = 3 }\n', PULLS),
    "rates": ('experiment = ["tao-30m", "cloud-25mwe"]\n', 'model = "nlo"\n' + OUTSIDE),
    "cross-section": ('model = ["lo", "nlo"]\nenergy = ["3 MeV", "4 MeV"]\n', 'recoil = "1 MeV"\n'),
    "impacts": ('experiment = ["tao-30m"]\nmodel = ["lo+cr", "nlo"]\n', PULLS + OUTSIDE),
    "measurement": ('exposure = ["1 yr", "5 yr"]\n',
                    'experiment = "tao-30m"\nmodel = "free-sin2-theta-w"\n' + PULLS + OUTSIDE),
    "toys": ('toys.truth = ["reference", "model"]\n',
             'experiment = "tao-30m"\nmodel = "nlo"\nexposure = "2 yr"\ntoys.count = 5000\n' + PULLS),
}
# What --extend adds to those that can be extended.
MORE = {"reach": "axes.exposure.points=4", "toys": "settings.toys.count=10000"}
# One dataset of each kind that a reader would show.
SHOWN = {"reach": "discovery_time", "rates": "rates/signal", "cross-section": "cross_section",
         "impacts": "impacts/elasticity", "measurement": "measurement/best_fit", "toys": "toys/quantile"}


def folder_of(path):
    return {str(file.relative_to(path)): file.read_bytes() for file in sorted(Path(path).rglob("*")) if file.is_file()}


class Original:
    """A result, and what its readers say of it."""

    def __init__(self, nuloop, kind):
        self.nuloop, self.kind = nuloop, kind
        self.job, self.path = f"{kind}.toml", Path(f"{kind}.h5")
        axes, settings = KINDS[kind]
        Path(self.job).write_text(f'[job]\nname = "{kind}"\ntitle = "Small"\nkind = "{kind}"\n\n[axes]\n{axes}\n'
                                  f"[settings]\n{settings}")
        nuloop.good("run", self.job, "-o", self.path)
        self.bytes = self.path.read_bytes()
        self.readers = {name: getattr(self, f"by_{name}") for name in ("report", "json", "csv", "pyhf", "resume", "extend")
                        if (name != "pyhf" or kind == "reach") and (name != "extend" or kind in MORE)}
        self.said = {name: read(self.path) for name, read in self.readers.items()}
        self.drawn = self.by_scripts(self.path)
        for name, (status, what) in {**self.said, "scripts": self.drawn}.items():
            check(status == 0 and what, f"{kind}: {name} cannot read it: {what}")

    def asked(self, *words):
        """Exit status, and what comes out or is wrong, in a line that names the file."""
        outcome = self.nuloop(*words)
        if outcome.status == 0:
            return 0, outcome.out
        path = words[-1] if words[-2] == "--extend" else words[3] if words[0] == "run" else words[1]
        check(outcome.status == 3 and not outcome.out and len(outcome.messages()) == 1 and str(path) in outcome.err,
              f"{outcome.command}: ends with {outcome.status}: {outcome.err}")
        return outcome.status, outcome.err

    def by_report(self, path):
        return self.asked("report", path, "--format", "csv")

    def by_json(self, path):
        return self.asked("report", path, "--format", "json")

    def exported(self, path, form):
        shutil.rmtree("exported", ignore_errors=True)
        status, said = self.asked("export", path, "--format", form, "-o", "exported")
        check(status == 0 or not Path("exported").exists(), f"{path}: export leaves a folder")
        return status, folder_of("exported") if status == 0 else said

    def by_csv(self, path):
        return self.exported(path, "csv")

    def by_pyhf(self, path):
        return self.exported(path, "pyhf")

    def by_resume(self, path):
        status, said = self.asked("run", self.job, "-o", path, "--resume")
        check(Path(path).read_bytes() == self.bytes or status == 3, f"{path}: is changed or taken for complete")
        return status, status == 0 or said

    def by_extend(self, path):
        status, said = self.asked("run", self.job, "--set", MORE[self.kind], "-o", "longer.h5", "--force", "--extend", path)
        check(status == 0 or not Path("longer.h5").exists(), f"{path}: --extend leaves a result")
        if status == 0:
            said = Path("longer.h5").read_bytes()
            Path("longer.h5").unlink()
        return status, said

    def by_scripts(self, path):
        """Exit status and all values that plotting scripts can get, as they get them."""
        from reading import open_result
        said, values = io.StringIO(), {}
        try:
            with contextlib.redirect_stderr(said), open_result(path) as file:
                file.visititems(lambda name, item: values.__setitem__(name, np.array(item).tobytes())
                                if isinstance(item, h5py.Dataset) and item.dtype.kind != "O" else None)
                values["job"] = file.attrs["job"]
            return 0, values
        except SystemExit as end:
            check(len(said.getvalue().splitlines()) == 1, f"{path}: {said.getvalue()!r}")
            return end.code, said.getvalue()

    def flipped(self, bit, path="flipped.h5"):
        content = bytearray(self.bytes)
        content[bit // 8] ^= 1 << bit % 8
        Path(path).write_bytes(content)
        return path

    def check_flip(self, bit, readers):
        """@returns which readers accept the file: scripts, these, verify."""
        path = self.flipped(bit)
        answers = {"scripts": self.by_scripts(path), **{name: self.readers[name](path) for name in readers}}
        for name, (status, what) in answers.items():
            known = self.drawn if name == "scripts" else self.said[name]
            check(status == 3 or (status, what) == known, f"{self.kind}, bit {bit}: {name} shows other numbers")
        verify = self.nuloop("verify", path)
        in_seal = bit // 8 >= len(self.bytes) - SEAL_BYTES
        check(verify.status == 3 or (in_seal and "has no seal" in verify.out),
              f"{self.kind}, bit {bit}: verify ends with {verify.status}: {verify.out}{verify.err}")
        return [name for name, (status, _) in answers.items() if status == 0] + ["verify"] * (verify.status == 0)


def random_flips(original, count, seed, all_readers):
    """A tenth of them in the seal. Each goes past scripts, verify and one reader, or past all."""
    draw, accepted = random.Random(seed), []
    bits, seal = 8 * len(original.bytes), 8 * SEAL_BYTES
    turns = itertools.cycle(original.readers)
    for n in range(count):
        bit = bits - 1 - draw.randrange(seal) if n % 10 == 0 else draw.randrange(bits)
        accepted += original.check_flip(bit, list(original.readers) if all_readers else [next(turns)])
    print(f"{original.path}: {count} flips; accepted by {({name: accepted.count(name) for name in set(accepted)})}")


def bits_that_matter(original):
    """One in each dataset that holds numbers, where it was seen to pass unseen; all readers look at some."""
    with h5py.File(original.path) as file:
        found = {}
        file.visititems(lambda name, item: found.__setitem__(name, item.id.get_offset())
                        if isinstance(item, h5py.Dataset) and item.id.get_offset() is not None else None)
    for name, offset in found.items():
        taken_over = name in (SHOWN[original.kind], "rates/signal_difference", "toys/moments", "integrity/checksum")
        accepted = original.check_flip(8 * (offset + 6) + 5, original.readers if taken_over else [])
        check(not accepted, f"{original.kind}, {name}: a flip is accepted by {accepted}")


def written_into(original):
    """Another program has written a number, and HDF5 has cut off the seal."""
    path = f"{original.kind}-written.h5"
    shutil.copy(original.path, path)
    with h5py.File(path, "r+") as file:
        file[SHOWN[original.kind]][...] *= 1 + 1e-9
    for name, read in {**original.readers, "scripts": original.by_scripts}.items():
        check(read(path)[0] == 3, f"{path}: {name} takes it")
    check(original.nuloop("verify", path).status == 3, f"{path}: verify finds nothing")


def of_earlier_formats(nuloop, original):
    """Format 3 had no seal: its tasks are checked, and scripts say that they cannot."""
    def earlier(path, change=lambda file: None):
        shutil.copy(original.path, path)
        with h5py.File(path, "r+") as file:  # which cuts off the seal
            file.attrs.create("format_version", 3, dtype="i4")
            change(file)
        return path
    path = earlier("three.h5")
    for name in ("report", "csv"):
        check(original.readers[name](path) == original.said[name], f"a result of format 3 is another one to {name}")
    status, drawn = original.by_scripts(path)
    check((status, drawn) == original.drawn, "format 3: scripts read other values")

    def damage(file):
        file[SHOWN[original.kind]][0] *= 1 + 1e-9
    path = earlier("three-damaged.h5", damage)
    for name in ("report", "csv"):
        check(original.readers[name](path)[0] == 3, f"{name} shows a damaged result of format 3")
    check(nuloop("verify", path).status == 3, "verify passes a damaged result of format 3")

    def link(file):
        file["elsewhere"] = h5py.ExternalLink("/etc/passwd", "/")
    check(original.by_scripts(earlier("three-linked.h5", link))[0] == 3, "scripts follow a link")


def one_way_in(source):
    """No script opens a result but by reading.py."""
    for path in [*(source / "apps" / "plots").glob("*.py"), *(source / "jobs").glob("*.py")]:
        check(path.name == "reading.py" or "h5py" not in path.read_text(), f"{path}: opens files by itself")


def test(nuloop):
    sys.path.insert(0, str(nuloop.source / "apps" / "plots"))
    count = int(sys.argv[3]) if len(sys.argv) > 3 else FLIPS
    one_way_in(nuloop.source)
    for seed, kind in enumerate(KINDS):
        original = Original(nuloop, kind)
        random_flips(original, count, seed, count > FLIPS)
        bits_that_matter(original)
        written_into(original)
        if kind == "reach":
            of_earlier_formats(nuloop, original)


main(test)
