# The page of `nuloop plot --html` in a browser: numbers, search, sorting, filters; and that it fetches nothing.
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import shutil
from html import unescape
from html.parser import HTMLParser
from itertools import product
from math import inf
from pathlib import Path

from browser import Browser, starts
from harness import check, main, skip

try:
    import h5py
    import jinja2  # noqa: F401  it is what makes the page
    import matplotlib  # noqa: F401
except ImportError as missing:
    skip(missing)

TITLE = "</title><script>alert(1)</script>& \"x\" 'y'"
NAME = "<img src=x onerror=alert(2)>&\"own\""
EXPERIMENTS = [NAME, "tao-30m", "cloud-25mwe"]
HEADS = ["experiment", "model", "flux_uncertainty", "background_uncertainty", "discovery_time"]
PHONE, SCREEN = (360, 640), (1280, 900)
# Rows of the table that are seen, cell by cell.
SEEN = """[...document.querySelectorAll("#table tbody tr")].filter(row => row.getClientRects().length)
    .map(row => [...row.cells].map(cell => cell.innerText))"""


class Reader(HTMLParser):
    """Whatever a page would fetch by its elements."""

    def __init__(self, text):
        super().__init__()
        self.fetched = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.fetched += [value for key, value in attributes if key in ("src", "href", "action", "data", "srcset")]


def number(text):
    return inf if text == "never" else float(text)


def result_with_page(nuloop):
    """Five columns, with times from days to never; returns the rows that the page is to have."""
    folder = Path("configs")
    folder.mkdir()
    (folder / "experiments.toml").write_text(f"""[{json.dumps(NAME)}]
title = "own"
reactor = "taishan-1"
mass = "100 t"
baseline = "10 m"
electrons = "3.372e29 /t"
background = "paper-25mwe"
""")
    job = Path("page.toml")
    job.write_text(f"""[job]
name = "page"
title = {json.dumps(TITLE)}
configs = "configs"

[axes]
experiment = {json.dumps(EXPERIMENTS)}
model = ["lo+cr", "nlo"]
flux_uncertainty = [0.0005, 0.005, 0.1, 1e-6]
background_uncertainty = [0.001]
exposure = ["1 month", "10 yr"]

[settings]
window.bin_width = "9 MeV"
""")
    nuloop.good("run", job, "-o", "page.h5")
    nuloop.good("plot", "page.h5", "--html")
    with h5py.File("page.h5") as file:
        axes = [[name.decode() for name in file[axis][:]] for axis in HEADS[:2]]
        axes += [file[axis][:].tolist() for axis in HEADS[2:4]]
        rows = list(zip(product(*axes), file["discovery_time"][:].ravel().tolist()))
        check(file.attrs["job"].decode() in unescape(Path("page.html").read_text()), "page.html: not the job")
    check({time == inf for _, time in rows} == {True, False}, "page.h5: no times, or none of never")
    return [[*point, time] for point, time in rows]


def typed(row):
    return [*row[:2], *map(number, row[2:])]


def opened(browser, size, rows):
    """The page as it is opened: all rows, nothing fetched, nothing run that is a text."""
    browser.open(Path("page.html"), *size)
    page = Path("page.html").absolute().as_uri()
    check(browser.requested() == [page], f"page.html fetches {browser.requested()}")
    check(not browser.complaints(), f"page.html: {browser.complaints()}")
    check(browser.value("document.title") == TITLE, "page.html: another title")
    check(browser.value("document.querySelector('h1').innerText") == TITLE, "page.html: another headline")
    found = browser.value(SEEN)
    check(list(map(typed, found)) == rows, f"page.html: {found}, not {rows}")
    wide = browser.value("[document.documentElement.scrollWidth, innerWidth]")
    check(wide[0] <= wide[1] == size[0], f"page.html: {wide[0]} dots wide on a screen of {wide[1]}")


def by_keyboard(browser, rows):
    """Search, filters and sorting without a pointer."""
    count = "document.querySelector('#count').innerText"
    focus = "document.activeElement.id || document.activeElement.dataset.column || document.activeElement.innerText"
    browser.press("Tab")
    check(browser.value(focus) == "search", f"page.html: Tab goes to {browser.value(focus)}")
    browser.press(*"TAO-3")
    expected = [row for row in rows if row[0] == "tao-30m"]
    found = browser.value(SEEN)
    check(list(map(typed, found)) == expected, f"page.html: search finds {found}")
    check(browser.value(count) == f"{len(expected)} of {len(rows)} rows", f"page.html: {browser.value(count)}")
    browser.value("document.querySelector('#search').select()")
    browser.press(*"30mlo")  # the end of one cell and the beginning of the next
    check(browser.value(SEEN) == [], "page.html: search reads over the edge of a cell")
    browser.value("document.querySelector('#search').select()")
    browser.press("Backspace")
    check(len(browser.value(SEEN)) == len(rows), "page.html: not all rows again")

    for column, name in enumerate(HEADS[:3]):
        browser.press("Tab")
        check(browser.value(focus) == str(column), f"page.html: Tab goes to {browser.value(focus)}, not to {name}")
        choices = sorted({str(row[column]) for row in rows})
        offered = browser.value("[...document.activeElement.options].map(option => option.text)")
        check(sorted(offered[1:]) == choices and offered[0] == "all", f"page.html: {offered} of {name}")
        for choice in offered[1:]:
            browser.press("ArrowDown")
            found = browser.value(SEEN)
            check(list(map(typed, found)) == [row for row in rows if str(row[column]) == choice],
                  f"page.html: {name} {choice} leaves {found}")
        browser.press("Home")
        check(len(browser.value(SEEN)) == len(rows), f"page.html: not all rows again after {name}")
    browser.press("ArrowDown")
    browser.value("document.querySelector('select').focus()")
    browser.press("ArrowDown")
    expected = [row for row in rows if row[0] == NAME and row[2] == rows[0][2]]
    check(list(map(typed, browser.value(SEEN))) == expected, "page.html: two filters")
    browser.value("for (const s of document.querySelectorAll('select')) s.value = ''; show()")

    browser.value("document.querySelector('#table').parentElement.focus()")
    for column, name in enumerate(HEADS):
        browser.press("Tab")
        check(browser.value(focus).startswith(name), f"page.html: Tab goes to {browser.value(focus)}, not to {name}")
        for key, order in (("Enter", "ascending"), (" ", "descending")):
            browser.press(key)
            said = browser.value("document.activeElement.parentElement.ariaSort")
            found = [typed(row)[column] for row in browser.value(SEEN)]
            expected = sorted((row[column] for row in rows), key=lambda cell: cell if column > 1 else str(cell).lower(),
                              reverse=order == "descending")
            check(said == order and found == expected, f"page.html: {name} {said}: {found}, not {expected}")


def with_pointer(browser):
    """The job is copied, as it is."""
    browser.session, session = {}, browser.session
    browser.command("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
    browser.session = session
    browser.value("document.querySelector('#copy').click()")
    with h5py.File("page.h5") as file:
        job = file.attrs["job"].decode()
    check(browser.value("document.querySelector('#job').innerText").strip() == job.strip(), "page.html: another job")
    check(browser.value("navigator.clipboard.readText()").strip() == job.strip(), "page.html: copies another job")


def selected(nuloop):
    """Of a result that is too long for a page the selection asked for, or a refusal that says what to select."""
    nuloop.good("run", nuloop.fig7, "-o", "long.h5", "--set", "axes.flux_uncertainty={from=0.001,to=0.1,points=101}",
                "--set", "axes.background_uncertainty={from=0.01,to=0.2,points=101}", "--set",
                'axes.exposure=["1 month", "10 yr"]', "--set", "job.store_rates=false")
    outcome = nuloop("plot", "long.h5", "--html")
    wanted = ("no page of 102010 rows, it has room for 10000; --only AXIS=VALUE,VALUE selects some of an axis; there is "
              "flux_uncertainty (101), background_uncertainty (101), experiment (5), model (2)")
    check(outcome.status == 3 and wanted in outcome.err, f"long.h5: {outcome.status}, {outcome.err}")
    check(not Path("long.html").exists(), "long.html: written all the same")
    nuloop.good("plot", "long.h5", "--html", "--only", "flux_uncertainty=0.1", "--only", "experiment=tao-44m")
    text = Path("long.html").read_text()
    check("Selected from 102010 rows: flux_uncertainty 0.1; experiment tao-44m." in text, "long.html: of what?")
    check(text.count("<tr>") == 1 + 2 * 101, f"long.html: {text.count('<tr>')} rows")
    check("There is no figure of this selection." in text, "long.html: a figure of 101 background uncertainties")
    outcome = nuloop("plot", "long.h5", "--html", "--only", "mass=1")
    check(outcome.status == 3 and "it has no such axis" in outcome.err, f"long.h5: {outcome.err}")


def test(nuloop):
    rows = result_with_page(nuloop)
    fetched = Reader(Path("page.html").read_text()).fetched
    check(fetched and all(value.startswith("data:") for value in fetched), f"page.html fetches {fetched}")
    selected(nuloop)
    program = shutil.which("chromium")
    if program is None:
        print("skipped: the page of --html in a browser: there is no chromium")
        return
    if not starts(program, Path("trial").absolute()):
        print("skipped: the page of --html in a browser: chromium does not start here")
        return
    with Browser(program, Path("profile").absolute()) as browser:
        opened(browser, SCREEN, rows)
        by_keyboard(browser, rows)
        with_pointer(browser)
        opened(browser, PHONE, rows)


main(test)
