"""The host's decoders under atheris: what reaches a new branch is kept, and changed further.

`python -m tests.fuzz.guided RECORDS SEED FOLDER`: counts.json there grows as the records do, and
what libFuzzer finds is left beside it.
"""

import json
import os
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["mynah_wire", "mynah.link", "mynah.inbox"]):
    from tests.fuzz import host
from tests.fuzz.mutation import Dice

LONGEST_BYTES = 4096
TOLD_EVERY = 200  # runs
RECORDS_A_RUN = 40  # a run begins with a handshake, and that costs as much as forty records
HANG_S = 5
MOST_MB = 1024
COUNTS = "counts.json"
LONGEST_RECORD = 255  # its length stands in a byte before it
NAMES = sorted(host.TARGETS)


def cut(data: bytes) -> tuple[str, list[bytes]]:
    """A run's input: which target, then records, each behind its length."""
    number, records, at = (data[0] if data else 0), [], 1
    while at < len(data):
        size = data[at]
        records.append(data[at + 1 : at + 1 + size])
        at += 1 + size
    return NAMES[number % len(NAMES)], records


def joined(name: str, records: list[bytes]) -> bytes:
    """The input that `cut` cuts into these."""
    heads = [record[:LONGEST_RECORD] for record in records]
    return bytes([NAMES.index(name)]) + b"".join(bytes([len(each)]) + each for each in heads)


class Run:
    """Counts, and ends the process where the records are enough."""

    def __init__(self, records: int, folder: Path) -> None:
        self._wanted = records
        self._file = folder / COUNTS
        self._runs = self._records = 0

    def __call__(self, data: bytes) -> None:
        name, records = cut(data)
        target = host.TARGETS[name](1)
        for record in records:
            target.take(record)
        self._runs += 1
        self._records += len(records)
        enough = self._records >= self._wanted
        if enough or self._runs % TOLD_EVERY == 0:
            told = {"runs": self._runs, "records": self._records}
            self._file.write_text(json.dumps(told), encoding="utf-8")
        if enough:
            os._exit(0)  # libFuzzer takes every other end for a crash


def mutate(data: bytes, limit: int, seed: int) -> bytes:
    """Now and then libFuzzer's own changes, else a record of ours more, less or another."""
    dice = Dice(seed)
    if dice.below(3) == 0:
        return bytes(atheris.Mutate(data, limit))
    name, records = cut(data)
    kind = dice.below(4)
    if kind == 0 or not records:
        name = NAMES[dice.below(len(NAMES))]
    target = host.TARGETS[name](seed)
    if kind == 0 or not records:
        records = [target.make(dice) for _ in range(RECORDS_A_RUN)]
    elif kind == 1:
        records.insert(dice.below(len(records) + 1), target.make(dice))
    elif kind == 2:
        del records[dice.below(len(records))]
    else:
        records[dice.below(len(records))] = target.make(dice)
    return joined(name, records)[:limit]


def main(records: str, seed: str, folder: str) -> None:
    """Never returns: libFuzzer ends the process."""
    corpus = Path(folder) / "corpus"
    corpus.mkdir(exist_ok=True)
    arguments = [
        f"-seed={seed}",
        f"-timeout={HANG_S}",
        f"-max_len={LONGEST_BYTES}",
        f"-artifact_prefix={folder}/",
        f"-rss_limit_mb={MOST_MB}",
        str(corpus),
    ]
    atheris.Setup([sys.argv[0], *arguments], Run(int(records), Path(folder)), custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
