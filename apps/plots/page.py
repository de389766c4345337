"""One self-contained page of a result, to send: what was asked, the figures, the table, the job, checksums."""
# SPDX-License-Identifier: GPL-3.0-or-later
import base64
import hashlib
import io
from itertools import product
from pathlib import Path

import numpy as np

from reading import WHOLE, is_no_axis, open_result, refuse, write_file
from style import assumptions

# What the table has, by kind of result.
TABLES = {"reach": ["discovery_time"], "impacts": ["discovery_time"], "toys": ["toys/significance"],
          "measurement": ["measurement/best_fit", "measurement/chi2_min"], "cross-section": ["cross_section"],
          "rates": ["rates/signal", "rates/background"]}
MOST_ROWS = 10000
MOST_CHOICES = 30  # of a filter


def described(result, path):
    """Name, unit and meaning of a column."""
    attributes = result.file[path].attrs
    unit, meaning = (attributes.get(key, b"") for key in ("units", "long_name"))
    unit = {b"1": b"", b"365.25 day": b"yr"}.get(unit, unit)
    return {"name": path.split("/")[-1], "unit": unit.decode(), "meaning": meaning.decode(), "choices": []}


def shown(value, infinite="inf"):
    """A number in the digits that give it back."""
    if isinstance(value, np.floating):
        return "failed" if np.isnan(value) else infinite if np.isposinf(value) else repr(float(value))
    return str(value)


def table(result, kind):
    """Columns and rows: the axes, then the values along all of them."""
    axes = [axis for axis in result.dimensions(TABLES[kind][0]) if is_no_axis(axis) or axis in result.axes]
    values = [list(result.values(axis)) for axis in axes]
    count = int(np.prod([len(part) for part in values]))
    if count > MOST_ROWS:
        longest = sorted(((len(part), axis) for axis, part in zip(axes, values)), reverse=True)
        lengths = ", ".join(f"{axis} ({length})" for length, axis in longest if length > 1)
        refuse(result.path, f"no page of {count} rows, it has room for {MOST_ROWS}; --only AXIS=VALUE,VALUE selects "
               f"some of an axis; there is {lengths}")
    columns = [described(result, axis) for axis in axes]
    for column, part in zip(columns, values):
        if 1 < len(part) <= MOST_CHOICES:
            column["choices"] = [shown(value) for value in part]
    fields = [(np.ravel(result.array(path)), "never" if path == "discovery_time" else "inf") for path in TABLES[kind]]
    rows = [[*map(shown, point), *(shown(field[k], infinite) for field, infinite in fields)]
            for k, point in enumerate(product(*values))]
    return columns + [described(result, path) for path in TABLES[kind]], rows


def selection(result, kind):
    """What --only has left of the result, in words; none if all."""
    if not result.kept:
        return ""
    parts = [f"{axis} {', '.join(map(shown, result.values(axis)))}" for axis in result.kept]
    return f"Selected from {result.file[TABLES[kind][0]].size} rows: {'; '.join(parts)}."


def as_svg(figure):
    with io.StringIO() as written:
        figure.savefig(written, format="svg", metadata={"Date": None})
        return base64.b64encode(written.getvalue().encode()).decode()


def write(page, draw):
    """NAME.html beside NAME.h5, with the figures of draw(page) unless these are refused."""
    path = page.source
    try:
        import jinja2
    except ImportError:
        refuse(path, "no page without jinja2, of Debian's package python3-jinja2")
    with open_result(path) as file:
        kind = file.attrs["kind"].decode()
        names = [scale[0].name.lstrip("/").split("/")[-1] for scale in file[WHOLE[kind]].dims]
        axes = [name for name in names if name in file]
    result = page.read(axes, kind)
    columns, rows = table(result, kind)
    try:
        figures = [figure for _, figure in draw(page)]
    except SystemExit:  # which has said why; the table goes without
        figures = []
    with open(path, "rb") as file:
        checksum = hashlib.file_digest(file, "sha256").hexdigest()
    environment = jinja2.Environment(autoescape=True, loader=jinja2.FileSystemLoader(Path(__file__).parent),
                                     undefined=jinja2.StrictUndefined)
    attributes = {key: result.file.attrs.get(key, b"").decode() for key in ("title", "job", "inputs", "creator")}
    text = environment.get_template("page.html").render(
        name=path.name, notes=plain_text(assumptions(result)), selection=selection(result, kind),
        pictures=[as_svg(figure) for figure in figures], columns=columns, rows=rows, checksum=checksum, **attributes)
    written = path.with_suffix(".html")
    write_file(written, text.encode())
    return written


def plain_text(notes):
    """Without the formulas of matplotlib."""
    for formula, text in ((r"$\sin^2\theta_W$", "sin²θ_W"), ("$T$", "T")):
        notes = notes.replace(formula, text)
    return notes.replace(r"\$", "$")
