"""Fits the weights of `mynah.turn.delay`: `python -m mynah.bench.fit_delay [SPEECH]`.

Beside those that ship it leaves, for each speaker, weights that were fitted without that speaker:
the benchmark judges by these.
"""

import argparse
import asyncio
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mynah.bench.evidence import Evidence
from mynah.turn.delay import USUAL, Habit, Hints, Weights, features, shipped
from mynah.turn.ending import ending

COMMAND: Final = "python -m mynah.bench.fit_delay"

RIDGE: Final = 3.0
"""How strongly weights are held near 0: there are few speakers."""

ORDERS: Final = 3
"""In which a wearer may say all turns: of one alone, the first turns weigh by chance."""

STEPS: Final = 50
CLOSE: Final = 1e-9
DIGITS: Final = 3
"""Kept of a weight: the fourth is noise."""

OTHER_LANGUAGE: Final = "other"

Values = NDArray[np.float64]

Met = tuple[Evidence, list[Habit]]
"""A turn, and the wearer's habit as it stands in each of its pauses."""


def met(evidence: Sequence[Evidence], orders: int = ORDERS) -> Iterator[Met]:
    """All turns as the product meets them: one after the other, of one wearer, whom it learns.

    In each of some random orders: the recordings' own would tell of a turn what others made of the
    same recording had taught.
    """
    for seed in range(orders):
        habit = USUAL
        for index in np.random.default_rng(seed).permutation(len(evidence)):
            turn = evidence[index]
            habits = _in_turn(turn, habit)
            yield turn, habits
            if habits:
                habit = habits[-1].after_turn(ending(turn.pauses[-1].text).words)


def _in_turn(turn: Evidence, habit: Habit) -> list[Habit]:
    habits = []
    for pause in turn.pauses:
        habits.append(habit)
        habit = habit.after_pause(pause.length_ms)
    return habits


def hints_of(evidence: Evidence) -> list[Hints]:
    """What `delay` is told in each pause; not smart-turn, which few have."""
    return [
        Hints(pause.text, prosody=pause.prosody, full_stop=pause.full_stop)
        for pause in evidence.pauses
    ]


def fitted(turns: Iterable[Met], *, words: bool = True) -> dict[str, float]:
    """Weights by which pauses in which the wearer was done differ from the others."""
    rows: list[dict[str, float]] = []
    done: list[float] = []
    for turn, habits in turns:
        for pause, hints, habit in zip(turn.pauses, hints_of(turn), habits, strict=True):
            if pause.text:
                read = hints if words else replace(hints, language=OTHER_LANGUAGE)
                rows.append(features(read, habit))
                done.append(float(pause.is_last))
    names = list(rows[0])
    values = np.array([[row[name] for name in names] for row in rows])
    weights = _logistic(values, np.array(done))
    return {name: round(float(weight), DIGITS) for name, weight in zip(names, weights, strict=True)}


def fitted_file(evidence: Sequence[Evidence]) -> dict[str, object]:
    """All that `delay.json` holds."""
    turns = list(met(evidence))
    speakers = dict.fromkeys(turn.speaker for turn in evidence)
    without = {
        speaker: fitted(each for each in turns if each[0].speaker != speaker)
        for speaker in speakers
    }
    return {
        "command": COMMAND,
        "turns": len(evidence),
        "with_words": fitted(turns),
        "voice_alone": fitted(turns, words=False),
        "without": without,
    }


@cache
def _without() -> Mapping[str, Weights]:
    read: dict[str, Weights] = json.loads(delay_file().read_text("utf-8"))["without"]
    return read


def unseen(speaker: str) -> Weights:
    """The weights for judging a speaker: fitted without him, if he was among the fitted."""
    return _without().get(speaker, shipped())


def delay_file() -> Path:
    """Where the weights are."""
    return Path(str(files("mynah.turn").joinpath("delay.json")))


def _logistic(values: Values, done: Values) -> Values:
    """Newton's method on the penalised likelihood; the bias, in the first column, is free."""
    weights = np.zeros(values.shape[1])
    ridge = np.full(values.shape[1], RIDGE * ORDERS)
    ridge[0] = CLOSE
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-values @ weights))
        slope = values.T @ (p - done) + ridge * weights
        bend = (values.T * (p * (1 - p))) @ values + np.diag(ridge)
        step = np.linalg.solve(bend, slope)
        weights -= step
        if np.abs(step).max() < CLOSE:
            break
    return weights


def main(say: Callable[[str], object] = print) -> None:
    """Fit and write."""
    from mynah.bench.gathering import gather
    from mynah.view import View

    parser = argparse.ArgumentParser(prog=COMMAND)
    parser.add_argument("speech", type=Path, nargs="?")
    evidence = asyncio.run(gather(parser.parse_args().speech, None, View())).evidence
    text = json.dumps(fitted_file(evidence), indent=1)
    delay_file().write_text(text + "\n", encoding="utf-8")
    say(f"{delay_file()}: fitted on {len(evidence)} turns")


if __name__ == "__main__":
    main()
