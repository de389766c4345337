# An unfinished result is continued if it comes from the same job, inputs and program, and only
# what is not in it as it should be is computed.
# SPDX-License-Identifier: GPL-3.0-or-later
import json
import os
import random
import shutil
from pathlib import Path

from harness import check, main, sha256, skip

try:
    import h5py
    import numpy as np
except ImportError as missing:
    skip(missing)

# Three groups; every dataset of the kind `reach`.
JOB = """
[job]
name = "resumed"
title = "a few tasks"
[axes]
"window.low" = ["1 MeV", "2 MeV", "1.5 MeV"]
"lo.sin2_theta_w" = [0.232, 0.234, 0.236]
flux_uncertainty = [0.005, 0.01]
exposure = { from = "1 yr", to = "10 yr", points = 3 }
[settings]
experiment = "tao-30m"
model = "nlo"
"window.bin_width" = "2 MeV"
"""


def record(path):
    return json.loads(Path(path + ".run.json").read_text())


def state():
    return {path: (os.stat(path).st_mtime_ns, sha256(path)) for path in os.listdir()
            if Path(path).is_file()}


def refused(nuloop, *words, parts, status=3, **how):
    before = state()
    outcome = nuloop("run", *words, **how)
    check(outcome.status == status, f"{outcome.command}: exit status {outcome.status}, not {status}")
    for part in parts:
        check(part in outcome.err, f"{outcome.command}: {part!r} is not in {outcome.err!r}")
    check(state() == before, f"{outcome.command}: {set(state().items()) ^ set(before.items())}")


def damage(nuloop, reference, tasks):
    """A byte that is changed anywhere in a task's data costs that task and nothing else."""
    seed = random.randrange(10**6)
    print(f"damage: seed {seed}")
    dice = random.Random(seed)
    with h5py.File("whole.h5") as file:
        names = []
        file.visititems(lambda name, item: names.append(name)
                        if isinstance(item, h5py.Dataset) else None)
        # Not what says where the numbers lie; no task writes those.
        names = [name for name in names if "CLASS" not in file[name].attrs
                 and name not in ("rates/bin_low", "rates/bin_high", "configs/text")]
        places = {name: (file[name].id.get_offset(), file[name].id.get_storage_size())
                  for name in names}
    check(len(places) >= 12, f"too few datasets: {names}")
    for name, (offset, size) in places.items():
        data = bytearray(Path("whole.h5").read_bytes())
        data[offset + dice.randrange(size)] ^= 1 << dice.randrange(8)
        Path("hurt.h5.part").write_bytes(data)
        nuloop.good("run", "job.toml", "-o", "hurt.h5", "--resume")
        check(record("hurt.h5")["tasks_before"] == tasks - 1,
              f"{name}: {record('hurt.h5')['tasks_before']} of {tasks} tasks are kept")
        check(sha256("hurt.h5") == reference, f"{name}: the damage is in the result")
        Path("hurt.h5").unlink()

    # No task writes what the job has used of the configurations.
    data = bytearray(Path("whole.h5").read_bytes())
    for text in (b"thermal_power = ", b"left_same_flavour = "):
        check(text in data, f"{text} is not in the file")
        changed = data.replace(text, text.upper(), 1)
        Path("hurt.h5.part").write_bytes(changed)
        outcome = nuloop("run", "job.toml", "-o", "hurt.h5", "--resume")
        check(outcome.status == 3 and "configurations are damaged" in outcome.err,
              f"changed configurations: {outcome.status} {outcome.err}")
        check(Path("hurt.h5.part").read_bytes() == changed and not Path("hurt.h5").exists(),
              "a file with changed configurations is not left as it was")
        Path("hurt.h5.part").unlink()

    # Many at once, on two ranks.
    data = bytearray(Path("whole.h5").read_bytes())
    for offset, size in places.values():
        data[offset:offset + size] = dice.randbytes(size)
    Path("hurt.h5.part").write_bytes(data)
    nuloop.good("run", "job.toml", "-o", "hurt.h5", "--resume", ranks=2)
    check(record("hurt.h5")["tasks_before"] == 0, "random bytes are taken for tasks")
    check(sha256("hurt.h5") == reference, "random bytes are in the result")
    Path("hurt.h5").unlink()


def beyond_reading(nuloop, reference):
    """What had finished tasks and cannot be read is not done anew unasked."""
    whole = Path("whole.h5").read_bytes()
    for data in (whole[:len(whole) // 2], whole[:40] + bytes([whole[40] ^ 1]) + whole[41:]):
        Path("hurt.h5.part").write_bytes(data)
        Path("hurt.h5.progress.json").write_text('{"state": "stopped", "tasks_done": 4, "tasks": 6}')
        for option in ([], ["--resume"]):
            refused(nuloop, "job.toml", "-o", "hurt.h5", *option,
                    parts=["hurt.h5.part: is damaged", "4 finished tasks", "--force"])
        nuloop.good("run", "job.toml", "-o", "hurt.h5", "--force")
        check(sha256("hurt.h5") == reference, "begun anew: other bytes")
        # Of a run that was killed before its first task nothing is lost.
        Path("hurt.h5").unlink()
        Path("hurt.h5.part").write_bytes(data)
        nuloop.good("run", "job.toml", "-o", "hurt.h5")
        Path("hurt.h5").unlink()


def edited(source, target, edit):
    shutil.copy(source, target)
    with h5py.File(target, "r+") as file:
        edit(file)


def other_runs(nuloop):
    """Nothing is continued that is not the same."""
    resume = ("job.toml", "-o", "x.h5", "--resume")
    shutil.copy("whole.h5", "x.h5.part")
    for ranks in (None, 2):
        refused(nuloop, *resume, "--set", "settings.flux=huber", ranks=ranks,
                parts=["x.h5.part", "settings.flux", "mueller", "huber", "--force"])
    refused(nuloop, *resume, "--set", "axes.exposure.points=4", parts=["axes.exposure", "3", "4"])
    refused(nuloop, *resume, "--set", 'axes."lo.sin2_theta_w"=[0.232, 0.234]',
            parts=["lo.sin2_theta_w", "0.236"])

    shutil.copytree(nuloop.source / "configs", "configs")
    path = Path("configs/experiments.toml")
    path.write_text(path.read_text() + "# a comment\n")
    refused(nuloop, *resume, configs="configs", parts=["configs/experiments.toml", "--force"])

    # Comments and spaces make no other job.
    Path("reworded.toml").write_text("# the same\n" + JOB.replace(", ", ",   "))
    nuloop.good("run", "reworded.toml", "-o", "x.h5", "--resume")
    Path("x.h5").unlink()

    revision = "0123456789abcdef"

    def creator(version, of_revision):
        return lambda file: file.attrs.create("creator", np.bytes_(f"nuloop {version} ({of_revision})"))

    version, own = nuloop.good("--version").out.strip().removeprefix("nuloop ").split(" ")
    edited("whole.h5", "x.h5.part", creator(version, revision))
    refused(nuloop, *resume, parts=["revision", revision, "--force"])
    edited("whole.h5", "x.h5.part", creator("0.0.1", own.strip("()")))
    refused(nuloop, *resume, parts=["version", "0.0.1", "--force"])

    def second_format(file):
        file.attrs.create("format_version", 2, dtype="i4")
        file.attrs.create("version", np.bytes_(version))
        file.attrs.create("git_revision", np.bytes_(own.strip("()")))

    edited("whole.h5", "x.h5.part", second_format)
    refused(nuloop, *resume, parts=["x.h5.part", "format version 2", "the program that began it", "--force"])

    def fewer_tasks(file):
        checksums = file["integrity/checksum"][:-1]
        del file["integrity"]
        file["integrity/checksum"] = checksums

    edited("whole.h5", "x.h5.part", fewer_tasks)
    refused(nuloop, *resume, parts=["other tasks", "--force"])

    # What cannot be continued can be replaced, and then is as it should be.
    nuloop.good("run", "job.toml", "-o", "x.h5", "--force")
    check(sha256("x.h5") == sha256("whole.h5"), "--force over an unfinished result of another run")
    check(record("x.h5")["tasks_before"] == 0, "--force keeps tasks")
    # A finished result of another job stays.
    refused(nuloop, *resume, "--set", "settings.flux=huber",
            parts=["x.h5", "settings.flux", "--force"])
    Path("x.h5").unlink()


def finished(nuloop):
    """--resume of what is finished does nothing."""
    before = state()
    for ranks in (None, 2):
        outcome = nuloop.good("run", "job.toml", "-o", "whole.h5", "--resume", ranks=ranks)
        check("whole.h5" in outcome.err, f"{outcome.command}: does not name the result")
        check(state() == before,
              f"{outcome.command}: {set(state().items()) ^ set(before.items())}")
    refused(nuloop, "job.toml", "-o", "whole.h5", "--resume", "--force", status=2,
            parts=["--resume", "--force"])


def test(nuloop):
    Path("job.toml").write_text(JOB)
    nuloop.good("run", "job.toml", "-o", "whole.h5", "--resume")  # there is nothing yet: it starts
    reference = sha256("whole.h5")
    tasks = record("whole.h5")["tasks"]
    check(record("whole.h5")["tasks_before"] == 0 and tasks >= 3, f"{record('whole.h5')}")
    nuloop.good("run", "job.toml", "-o", "plain.h5")
    check(sha256("plain.h5") == reference, "--resume of nothing differs from a plain run")
    damage(nuloop, reference, tasks)
    beyond_reading(nuloop, reference)
    finished(nuloop)
    other_runs(nuloop)
    check(sha256("whole.h5") == reference, "the finished result has changed")


main(test)
