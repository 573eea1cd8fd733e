"""The host's decoders under hypothesis, which makes what it finds as small as it can."""

import time
import traceback

import hypothesis
from hypothesis import strategies as st

from tests.fuzz.engine import Outcome
from tests.fuzz.host import TARGETS
from tests.fuzz.mutation import Dice

RECORDS_A_RUN = 20
"""Of one connection: long enough for a message in fragments and what comes between."""


def runs_of(name: str) -> st.SearchStrategy[list[bytes]]:
    """Records for a target: nearly right ones, and any bytes."""
    nearly = st.integers(0, 1 << 30).map(lambda seed: TARGETS[name](seed).make(Dice(seed + 1)))
    return st.lists(nearly | st.binary(max_size=260), max_size=2 * RECORDS_A_RUN)


def suppose(records: int, seed: int) -> Outcome:
    """About so many."""
    outcome, began_s = Outcome(), time.perf_counter()
    for name in sorted(TARGETS):
        try:
            _suppose(name, records // len(TARGETS) // RECORDS_A_RUN, seed, outcome)
        except Exception:  # noqa: BLE001 - a crash of any kind is what is looked for
            outcome.crashes.append(f"{name}, seed {seed}\n{traceback.format_exc()}")
    outcome.seconds = time.perf_counter() - began_s
    return outcome


def _suppose(name: str, examples: int, seed: int, outcome: Outcome) -> None:
    @hypothesis.seed(seed)
    @hypothesis.settings(max_examples=examples, database=None, deadline=None)
    @hypothesis.given(runs_of(name))
    def survives(records: list[bytes]) -> None:
        target = TARGETS[name](1)
        for record in records:
            target.take(record)
        outcome.records += len(records)

    survives()
