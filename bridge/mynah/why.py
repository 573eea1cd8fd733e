"""A turn's waterfall in words: what the wearer waited for, and what would shorten it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mynah.errors import UserError
from mynah.turn.record import STAGES

MEANINGS: Final = {
    "uplink": "the end of your words on its way here",
    "endpoint_wait": "making sure that you had finished",
    "asr": "turning your words into text",
    "companion": "the companion's first words",
    "clause": "waiting for a clause that can be spoken",
    "tts": "turning it into sound",
    "downlink": "sending the sound to the ring",
    "device_buffer": "the ring's own buffer",
}

ADVICE: Final = {
    "uplink": "Bring the ring closer, or ask for a shorter connection interval.",
    "endpoint_wait": "Hold the button while you speak: letting go ends the turn at once.",
    "asr": "Choose a smaller hearing.model (tiny.en is the fastest), or close what else computes.",
    "companion": "Choose a faster companion or a smaller model for it; parrot answers at once.",
    "clause": "The companion writes slowly, or long first clauses: ask for short ones in persona.",
    "tts": "Close what else computes; a voice of medium or low quality is faster than a high one.",
    "downlink": "Bring the ring closer, and other 2.4 GHz radios away from it.",
    "device_buffer": "The link stutters: bring the ring closer; the buffer waits for enough sound.",
}
"""For each stage that can be the longest, what to do about it."""

FASTEST: Final = "tiny.en"
NOTHING_FASTER: Final = (
    f"Close what else computes: {FASTEST} is the fastest hearing.model there is."
)


@dataclass(frozen=True, slots=True)
class Turn:
    """What is asked of a turn; the words of it are not read."""

    number: int
    v2v_ms: float | None
    waterfall: dict[str, float]
    bound_by: str | None
    lost_frames: int
    underruns: int
    error: str | None
    late_s: float | None = None


def last_turn(path: Path) -> Turn:
    """The last turn in a turns.jsonl, or in the folder of one; UserError if there is none."""
    if path.is_dir():
        path /= "turns.jsonl"
    try:
        lines = path.read_text("utf-8").split("\n")
    except FileNotFoundError as error:
        raise UserError(f"{path}: no such file; have a conversation first: mynah run") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: can't be read ({error})") from error
    written = [line for line in lines if line.strip()]
    if not written:
        raise UserError(f"{path}: no turn in it; have a conversation first: mynah run")
    try:
        return _turn(json.loads(written[-1]))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UserError(f"{path}: line {len(written)} is not a turn ({error!r})") from error


def verdict(turn: Turn) -> str:
    """What bound it, in one sentence."""
    if turn.late_s is not None and turn.error is None:
        return (
            f"Turn {turn.number} was said out of reach, and answered {turn.late_s:.0f} s after"
            " that: as soon as the ring was back and nobody else spoke."
        )
    if turn.v2v_ms is None or turn.bound_by is None:
        return (
            f"Turn {turn.number} had no reply: {turn.error or 'it ended before the first sound'}."
        )
    longest_ms = turn.waterfall[turn.bound_by]
    return (
        f"You waited {turn.v2v_ms:.0f} ms for the reply; {longest_ms:.0f} ms of it"
        f" ({100 * longest_ms / max(turn.v2v_ms, 1):.0f} %) for {MEANINGS[turn.bound_by]}."
    )


def advice(turn: Turn, hearing_model: str = "") -> list[str]:
    """What to do about it, each in one sentence."""
    said = [ADVICE[turn.bound_by]] if turn.bound_by and turn.v2v_ms is not None else []
    if said == [ADVICE["asr"]] and hearing_model == FASTEST:
        said = [NOTHING_FASTER]
    if turn.lost_frames:
        said.append(
            f"{turn.lost_frames} frames of your voice were lost: the ring was out of reach."
        )
    if turn.underruns:
        said.append(f"The reply stuttered: the ring ran out of sound {turn.underruns} times.")
    return said


def _turn(fields: dict[str, Any]) -> Turn:
    waterfall = {name: float(ms) for name, ms in fields["waterfall"].items()}
    bound_by = fields["bound_by"]
    if not waterfall.keys() <= set(STAGES) or bound_by not in {None, *waterfall}:
        raise ValueError("its waterfall has stages that no turn has")
    return Turn(
        number=int(fields["turn"]),
        v2v_ms=None if fields["v2v_ms"] is None else float(fields["v2v_ms"]),
        waterfall=waterfall,
        bound_by=bound_by,
        lost_frames=int(fields["link"]["lost_frames"]),
        underruns=int(fields["link"]["underruns"]),
        error=fields["error"],
        late_s=None if fields.get("late_s") is None else float(fields["late_s"]),
    )
