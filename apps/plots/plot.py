"""The figure of a result, by what the result is: `nuloop plot` calls this."""
# SPDX-License-Identifier: GPL-3.0-or-later
import importlib.util
from pathlib import Path

from reading import open_result, refuse
from style import options, run

FILES = ["fig4", "fig6", "fig5", "fig7", "lo-reference", "budget", "bands", "impacts"]
# A result that only this folder of jobs has.
FOLDERS = {"landscape": "overburden.h5", "toys-5sigma": "tails.h5", "measure-charge-radius": "feldman-cousins.h5",
           "measure-couplings": "mirror.h5", "what-is-discovered": "prior.h5", "influences": "threshold.h5",
           "flux-in-situ": "ratio.h5"}


def script(name):
    """A script of this folder as a module."""
    spec = importlib.util.spec_from_file_location(name.replace("-", "_"), Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def of_file(path, with_page):
    """The script that draws most of the axes of a result; None if there is none but a page can be made."""
    with open_result(path) as file:
        kind = file.attrs.get("kind", b"").decode()
        sizes = {name: len(item) for name, item in file.items() if item.attrs.get("CLASS") == b"DIMENSION_SCALE"}
    best = None
    for module in map(script, FILES):
        wanted, axes = module.WANTS
        along = getattr(module, "ALONG", None)  # the axis of its curves, if others have it too
        if kind == wanted and all(axis in sizes for axis in axes) and (along is None or sizes[along] > 1):
            drawn = sum(sizes[axis] > 1 for axis in axes)
            if best is None or drawn > best[0]:
                best = drawn, module
    if best is None and with_page:
        return None
    if best is None:
        refuse(path, f"there is no figure for a result of kind {kind or 'unknown'} with the axes "
               f"{', '.join(sizes) or 'none'}")
    return best[1]


def of_folder(path):
    for name, mark in FOLDERS.items():
        if (path / mark).is_file():
            return script(name)
    refuse(path, f"there is no figure for this folder: it has none of {', '.join(sorted(FOLDERS.values()))}")
    return None


def main():
    asked = options("FILE.h5|FOLDER").parse_args()
    source = Path(asked.source)
    if source.is_dir():
        run(of_folder(source).draw, "FOLDER")
    else:
        found = of_file(source, asked.html)
        run(found.draw if found else lambda page: [], "FILE.h5")


if __name__ == "__main__":
    main()
