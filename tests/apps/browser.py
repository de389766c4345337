# A real browser for the tests: Chromium without a window, told what to do by its DevTools protocol.
# SPDX-License-Identifier: GPL-3.0-or-later
import fcntl
import json
import os
import select
import shutil
import subprocess
import sys

from harness import PATIENCE

QUIET = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage")
KEYS = {"Backspace": 8, "Tab": 9, "Enter": 13, "End": 35, "Home": 36, "ArrowUp": 38, "ArrowDown": 40}


def starts(program, profile):
    """Whether the machine lets it."""
    done = subprocess.run([program, *QUIET, f"--user-data-dir={profile}", "--dump-dom", "about:blank"],
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False)
    return done.returncode == 0


class Browser:
    """One page at a time. `profile` is a folder that does not exist.

    The protocol is JSON, each message ended by a zero byte, on the files 3 and 4 of the browser."""

    def __init__(self, program, profile):
        told, self.tell = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in os.pipe())
        self.hear, said = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in os.pipe())

        def connect():
            os.dup2(told, 3)
            os.dup2(said, 4)

        self.process = subprocess.Popen(
            [program, *QUIET, f"--user-data-dir={profile}", "--remote-debugging-pipe", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            close_fds=False, preexec_fn=connect)
        os.close(told)
        os.close(said)
        self.profile, self.left, self.events, self.count, self.session = profile, b"", [], 0, {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.session = {}
        self.command("Browser.close")
        self.process.wait(PATIENCE)
        shutil.rmtree(self.profile, ignore_errors=True)

    def message(self):
        while b"\0" not in self.left:
            ready, _, _ = select.select([self.hear], [], [], PATIENCE)
            piece = os.read(self.hear, 2**20) if ready else b""
            if not piece:
                sys.exit(f"FAILED: Chromium says nothing; its exit status is {self.process.poll()}")
            self.left += piece
        text, self.left = self.left.split(b"\0", 1)
        return json.loads(text)

    def command(self, method, **parameters):
        self.count += 1
        words = {"id": self.count, "method": method, "params": parameters, **self.session}
        os.write(self.tell, json.dumps(words).encode() + b"\0")
        while (answer := self.message()).get("id") != self.count:
            self.events.append(answer)
        if "error" in answer:
            sys.exit(f"FAILED: {method}: {answer['error']}")
        return answer["result"]

    def open(self, path, width, height):
        """A file, in a window of this size in CSS pixels, when all of it is there."""
        self.session = {}
        target = self.command("Target.createTarget", url="about:blank")["targetId"]
        self.session = {"sessionId": self.command("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]}
        for domain in ("Network", "Page", "Runtime", "Log"):
            self.command(f"{domain}.enable")
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                     mobile=width < 600)
        self.events = []
        self.command("Page.navigate", url=path.absolute().as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self.message())

    def requested(self):
        """The addresses asked for since the page was opened, without what they hold themselves."""
        found = [event["params"]["request"]["url"] for event in self.events
                 if event.get("method") == "Network.requestWillBeSent"]
        return [address for address in found if not address.startswith("data:")]

    def complaints(self):
        """What the console says: errors of the page's script, what the page may not do."""
        return [event["params"] for event in self.events
                if event.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded", "Page.javascriptDialogOpening")]

    def value(self, expression):
        """Of an expression of JavaScript."""
        answer = self.command("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            sys.exit(f"FAILED: {expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def press(self, *keys):
        """Keys of the keyboard, by name; one letter or space is itself."""
        for key in keys:
            code = KEYS.get(key) or ord(key.upper())
            text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
            for kind in ("keyDown", "keyUp"):
                self.command("Input.dispatchKeyEvent", type=kind, key=key, code="Space" if key == " " else key,
                             windowsVirtualKeyCode=code, **({"text": text} if text and kind == "keyDown" else {}))
