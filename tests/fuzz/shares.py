"""The work of a fuzzing run, cut into shares that processes do one after the other."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tests.fuzz.engine import Outcome, run
from tests.fuzz.host import TARGETS
from tests.micropython.interpreters import FIRMWARE_LIBRARY, MICROPYTHON
from tests.repo.sources import REPOSITORY

SEEDED = "seeded"
GUIDED = "atheris"
SUPPOSED = "hypothesis"
DEVICE = "micropython"
SHARE_RECORDS = 100_000
"""A few seconds of one core: so often there is progress, and so soon it can stop."""

GUIDED_PART = 0.25
SUPPOSED_RECORDS = 20_000
"""Hypothesis makes what it finds small, but is a hundred times slower. It tries about so many."""

SLOWEST_A_SECOND = 500
"""Records; a hundredth of what one core of 2020 does. A share that is slower has hung."""

LAST_WORDS = 4000
NICENESS = 15
MOST_BYTES = 3 << 30
"""Of a process's address space: an input that makes us hold gigabytes is a crash, too."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many records, by one engine, from one seed; it repeats exactly (atheris's nearly)."""

    engine: str
    seed: int
    records: int
    target: str = ""


def begin() -> None:
    """In each process, before the first."""
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))


def host_shares(records: int, seed: int) -> Iterator[Share]:
    """For the host's decoders: every engine that there is on this computer."""
    yield Share(SUPPOSED, seed, SUPPOSED_RECORDS)  # beside the others: it never tries all of them
    guided = int(records * GUIDED_PART) if find_spec("atheris") else 0
    left = records - guided
    for number, size in enumerate(_sizes(guided)):
        yield Share(GUIDED, seed + number, size)
    names = sorted(TARGETS)
    for number, size in enumerate(_sizes(left)):
        yield Share(SEEDED, seed + number // len(names), size, names[number % len(names)])


def device_shares(records: int, seed: int) -> Iterator[Share]:
    """For the ring's, in the real interpreter."""
    for number, size in enumerate(_sizes(records)):
        yield Share(DEVICE, seed + number, size)


def work(share: Share) -> Outcome:
    """Do one."""
    if share.engine == SEEDED:
        return run(share.target, share.seed, share.records)
    if share.engine == SUPPOSED:
        from tests.fuzz.supposed import suppose

        return suppose(share.records, share.seed)
    with tempfile.TemporaryDirectory(prefix="mynah-fuzz-") as folder:
        began_s = time.perf_counter()
        outcome = (_guided if share.engine == GUIDED else _device)(share, Path(folder))
        outcome.seconds = time.perf_counter() - began_s
    return outcome


def _sizes(records: int) -> Iterator[int]:
    while records > 0:
        yield min(records, SHARE_RECORDS)
        records -= SHARE_RECORDS


def _guided(share: Share, folder: Path) -> Outcome:
    numbers = [str(share.records), str(share.seed), str(folder)]
    ran = _ran([sys.executable, "-m", "tests.fuzz.guided", *numbers], share)
    if isinstance(ran, Outcome):
        return ran
    counts = folder / "counts.json"
    told = json.loads(counts.read_text("utf-8")) if counts.exists() else {"records": 0}
    outcome = Outcome(told["records"])
    if ran.returncode:
        found = [f"{path.name}: {path.read_bytes().hex()}" for path in folder.glob("*-*")]
        outcome.crashes.append("\n".join([f"{share}", ran.stderr[-LAST_WORDS:], *found]))
    return outcome


def _device(share: Share, _folder: Path) -> Outcome:
    script = REPOSITORY / "tests" / "fuzz" / "device.py"
    ran = _ran([str(MICROPYTHON), str(script), str(share.records), str(share.seed)], share)
    if isinstance(ran, Outcome):
        return ran
    lines = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
    outcome = Outcome(sum(line.get("done", 0) for line in lines))
    if ran.returncode or not outcome.records:
        outcome.crashes.append(f"{share}\n{(ran.stdout + ran.stderr)[-LAST_WORDS:]}")
    return outcome


def _ran(command: list[str], share: Share) -> "subprocess.CompletedProcess[str] | Outcome":
    try:
        return subprocess.run(
            command,
            cwd=REPOSITORY,
            env={**os.environ, "MICROPYPATH": str(FIRMWARE_LIBRARY)},
            capture_output=True,
            check=False,
            text=True,
            errors="replace",
            timeout=60 + share.records / SLOWEST_A_SECOND,
        )
    except subprocess.TimeoutExpired:
        return Outcome(hangs=[f"{share} did not end"])
