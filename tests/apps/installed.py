# An installed program works from wherever its folder is moved to, with the configs beside it.
# SPDX-License-Identifier: GPL-3.0-or-later
import importlib.util
import os
import subprocess
from pathlib import Path

from harness import check, main, sha256


def install(nuloop, prefix):
    build = nuloop.program.parent.parent
    cache = (build / "CMakeCache.txt").read_text()
    cmake = next(line.split("=", 1)[1] for line in cache.splitlines()
                 if line.startswith("CMAKE_COMMAND:"))
    environment = {name: value for name, value in os.environ.items() if name != "DESTDIR"}
    done = subprocess.run([cmake, "--install", build, "--prefix", prefix], env=environment,
                          capture_output=True, text=True)
    return check(done.returncode == 0, f"cmake --install fails:\n{done.stdout}{done.stderr}")


def test(nuloop):
    if not install(nuloop, Path("first").absolute()):
        return
    Path("first").rename("second place")
    prefix = Path("second place").absolute()
    program = prefix / "bin" / "nuloop"
    job = prefix / "share" / "nuloop" / "jobs" / "fig7.toml"
    links = [str(path) for path in prefix.rglob("*") if path.is_symlink()]
    check(not links, f"installed as links: {links}")

    def both(*words):
        ours = nuloop.good(*words, program=program)
        check(ours.out == nuloop.good(*words).out, f"{ours.command}: not as in the build")
        return ours

    check("tao-30m" in both("list").out, "list does not know tao-30m")
    both("reach", "--experiment", "tao-30m", "--model", "nlo", "--flux-uncertainty", "0.005")
    nuloop.good("run", job, "-o", "installed.h5", program=program)
    nuloop.good("run", nuloop.fig7, "-o", "built.h5")
    check(sha256("installed.h5") == sha256("built.h5"),
          "the installed program gives other bytes than the one in the build")
    check("tao-30m" in both("report", "installed.h5").out, "report does not know tao-30m")

    if importlib.util.find_spec("h5py") and importlib.util.find_spec("matplotlib"):
        nuloop.good("plot", "installed.h5", "--only", "experiment=tao-30m", program=program)
        check(Path("installed.pdf").exists(), "the installed program draws no figure")

    # It reads these configs, not those of the source: with a change it sees the change, and
    # without them it fails.
    experiments = prefix / "share" / "nuloop" / "configs" / "experiments.toml"
    experiments.write_text(experiments.read_text().replace("[tao-44m]", "[tao-45m]")
                           .replace('"tao-44m"', '"tao-45m"'))
    check("tao-45m" in nuloop.good("list", "experiments", program=program).out,
          "a change of the installed configs has no effect")
    (prefix / "share").rename(prefix / "hidden")
    for words in (["list"], ["run", prefix / "hidden" / "nuloop" / "jobs" / "fig7.toml"]):
        lost = nuloop(*words, program=program)
        check(lost.status == 3 and str(prefix) in lost.err and "NULOOP_CONFIGS" in lost.err,
              f"{lost.command}: without configs: {lost.status}, {lost.err}")
    nuloop.good("list", program=program, configs=prefix / "hidden" / "nuloop" / "configs")


main(test)
