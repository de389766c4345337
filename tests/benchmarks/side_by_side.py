"""nuloop and physicist.py on the same grid: side_by_side.py PROGRAM SOURCE OUTPUT.json [REPETITIONS].
Ends with status 1 unless chi2 and discovery times agree. Also the time and the operations of one evaluation of the
cross section as one_loop.py writes it.
"""
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import h5py
import numpy as np

import one_loop
from memory import launcher
from physicist import Inputs

AGREEMENT = 1e-6  # far above both programs' errors, far below what anybody would see
SPECTRA = {"electron": one_loop.electron_photonic, "electromagnetic": one_loop.electromagnetic_photonic}


def timed(command, **how):
    begin = time.perf_counter()
    done = subprocess.run(command, stdin=subprocess.DEVNULL, text=True, check=True, **how)
    return time.perf_counter() - begin, done.stdout


def points(count=256):
    """Scattered like those of physics_tasks.cpp: T of 1-10 MeV, E from the limit to 12 MeV."""
    golden = (1 + 5**0.5) / 2
    found = []
    for n in range(count):
        recoil = 1 + 9 * ((n + 1) * golden % 1)
        low = 0.5 * (recoil + (recoil * (recoil + 2 * one_loop.ELECTRON_MASS))**0.5)
        found.append((low + (12 - low) * ((1024 + n + 1) * golden % 1), recoil))
    return found


def evaluation_s(nlo, photonic, repetitions):
    """Best mean time of an evaluation."""
    best = float("inf")
    for _ in range(repetitions):
        begin = time.perf_counter()
        for energy, recoil in points():
            nlo(energy, recoil, photonic)
        best = min(best, (time.perf_counter() - begin) / len(points()))
    return best


class Counted:
    """A number that counts what is done with it."""
    done = {}

    def __init__(self, value):
        self.value = getattr(value, "value", value)

    @classmethod
    def note(cls, operation, count=1):
        cls.done[operation] = cls.done.get(operation, 0) + count

    def __pow__(self, exponent):  # by squaring
        self.note("multiplications and additions", exponent.bit_length() + exponent.bit_count() - 2)
        return Counted(self.value**exponent)

    def __neg__(self):
        return Counted(-self.value)

    def __lt__(self, other):
        return self.value < getattr(other, "value", other)

    def __gt__(self, other):
        return self.value > getattr(other, "value", other)


def arithmetic(operation, kind):
    def method(self, other):
        self.note(kind)
        return Counted(getattr(self.value, operation)(float(getattr(other, "value", other))))
    return method


for name in ("add", "radd", "sub", "rsub", "mul", "rmul"):
    setattr(Counted, f"__{name}__", arithmetic(f"__{name}__", "multiplications and additions"))
for name in ("truediv", "rtruediv"):
    setattr(Counted, f"__{name}__", arithmetic(f"__{name}__", "divisions"))


def operations(photonic):
    """How often the formula, as written, does what. Not the least that is possible: what depends on T alone is
    included, and polynomials are not factorised."""
    functions = {"log": "logarithms", "asinh": "logarithms", "expm1": "exponentials", "sqrt": "square roots",
                 "dilogarithm": "dilogarithms"}
    plain = {name: getattr(one_loop, name) for name in functions}
    Counted.done = {}

    def counting(name, kind):
        def function(x):
            Counted.note(kind)
            return Counted(plain[name](float(getattr(x, "value", x))))
        return function

    try:
        for name, kind in functions.items():
            setattr(one_loop, name, counting(name, kind))
        photonic(Counted(8 / one_loop.ELECTRON_MASS), Counted(2 / one_loop.ELECTRON_MASS))
    finally:
        for name, function in plain.items():
            setattr(one_loop, name, function)
    return dict(Counted.done)


def largest_difference(ours, theirs):
    """Relative; infinite values must be so in both."""
    theirs = np.array(theirs).reshape(ours.shape)
    finite = np.isfinite(ours)
    if (finite != np.isfinite(theirs)).any():
        return float("inf")
    return float(np.max(np.abs(theirs[finite] / ours[finite] - 1)))


def main():
    if len(sys.argv) not in (4, 5):
        sys.exit("usage: side_by_side.py PROGRAM SOURCE OUTPUT.json [REPETITIONS]")
    program, source, output = (Path(word).absolute() for word in sys.argv[1:4])
    repetitions = int(sys.argv[4]) if len(sys.argv) == 5 else 3
    environment = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", PYTHONDONTWRITEBYTECODE="1")
    launch = launcher(source, 1, program)
    runs, records = [], []
    with tempfile.TemporaryDirectory(prefix="nuloop-") as folder:
        result = Path(folder) / "fig7.h5"
        for _ in range(3 * repetitions):
            runs.append(timed([*launch, program, "run", source / "jobs" / "fig7.toml", "-o", result, "--force"],
                              env=environment, stderr=subprocess.DEVNULL)[0])
            records.append(json.loads(Path(f"{result}.run.json").read_text()))
        with h5py.File(result) as file:
            chi2, times = file["chi2"][...], file["discovery_time"][...]
    physicist = [timed([sys.executable, Path(__file__).parent / "physicist.py", source], env=environment,
                       stdout=subprocess.PIPE) for _ in range(repetitions)]
    answers = [json.loads(text) for _, text in physicist]
    nlo = one_loop.OneLoop(Inputs(source).couplings)
    report = {
        "chi2_difference": largest_difference(chi2, answers[0]["chi2"]),
        "discovery_time_difference": largest_difference(times, answers[0]["discovery_time_yr"]),
        "agreement": AGREEMENT,
        "chi2_values": int(chi2.size), "discovery_times": int(times.size),
        "python_work_s": min(answer["work_s"] for answer in answers),
        "python_process_s": min(seconds for seconds, _ in physicist),
        "nuloop_process_s": min(runs),
        "nuloop_phases_s": {name: value["max"] for name, value
                            in min(records, key=lambda r: r["seconds"]["total"]["max"])["seconds"].items()},
        "python_evaluation_s": {name: evaluation_s(nlo, photonic, 3 * repetitions)
                                for name, photonic in SPECTRA.items()},
        "operations": {name: operations(photonic) for name, photonic in SPECTRA.items()},
    }
    output.write_text(json.dumps(report, indent=2) + "\n")
    worst = max(report["chi2_difference"], report["discovery_time_difference"])
    if not worst <= AGREEMENT:
        sys.exit(f"nuloop and physicist.py differ by {worst:.1e}")


if __name__ == "__main__":
    main()
