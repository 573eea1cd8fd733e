"""The ring's tools for other programs' models: what each is called, takes and does."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Any, Final, TypeAlias

from mynah.acts.emotions import EMOTIONS
from mynah.companions.base import Act
from mynah.errors import MynahError, one_line
from mynah.serving.fields import Fields
from mynah.serving.lent_ring import (
    LIGHTS_A_MINUTE,
    LONGEST_WAIT_S,
    MOST_GAIN,
    MOST_REPEATS,
    PATTERNS,
    VIBRATIONS_A_MINUTE,
    LentRing,
    Often,
)
from mynah.serving.refusals import RequestError

NO_RING: Final = "no ring is in a conversation; start `mynah run`, and put the ring within reach"

_GAIN: Final = 160
_WAIT_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Told:
    """What a tool says when it is done, or why it is not."""

    text: str
    failed: bool = False


def _number(about: str, low: float, high: float) -> dict[str, Any]:
    return {"type": "number", "minimum": low, "maximum": high, "description": about}


def _tool(
    name: str, about: str, properties: dict[str, Any] | None = None, *required: str
) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties or {}, "additionalProperties": False}
    return {
        "name": name,
        "description": about,
        "inputSchema": schema | ({"required": list(required)} if required else {}),
    }


TOOLS: Final = (
    _tool(
        "ring_vibrate",
        "Touch the wearer: play a haptic pattern on the ring.",
        {
            "pattern": {"type": "string", "enum": list(PATTERNS)},
            "gain": _number("How strong, 160 unless said.", 1, MOST_GAIN),
            "repeat": _number("How often in a row.", 1, MOST_REPEATS),
        },
        "pattern",
    ),
    _tool(
        "ring_light",
        "Let the ring's light show a feeling.",
        {"feeling": {"type": "string", "enum": list(EMOTIONS)}},
        "feeling",
    ),
    _tool("ring_state", "Whether the ring is connected, and how full its battery is."),
    _tool("ring_battery", "How full the ring's battery is, in percent."),
    _tool(
        "ring_wait_for_touch",
        "Wait until the wearer touches the ring; says how, or that nobody did.",
        {"timeout_s": _number("30 unless said.", 0, LONGEST_WAIT_S)},
    ),
)

_Do: TypeAlias = Callable[[LentRing, Fields], Awaitable[Told]]


class RingTools:
    """One ring's; the caps hold for all who call."""

    def __init__(self, ring: Callable[[], LentRing | None]) -> None:
        """`ring` is asked each time: it comes and goes."""
        self._ring = ring
        self._vibrations = Often(VIBRATIONS_A_MINUTE)
        self._lights = Often(LIGHTS_A_MINUTE)
        self._tools: dict[str, _Do] = {
            "ring_vibrate": self._vibrate,
            "ring_light": self._light,
            "ring_state": self._state,
            "ring_battery": self._battery,
            "ring_wait_for_touch": self._wait,
        }

    async def call(self, name: str, arguments: object) -> Told:
        """RequestError if there is no such tool."""
        if name not in self._tools:
            raise RequestError(f"there is no tool {name[:40]!r}")
        ring = self._ring()
        if ring is None:
            return Told(NO_RING, failed=True)
        try:
            return await self._tools[name](ring, Fields(arguments))
        except MynahError as error:
            return Told(one_line(error), failed=True)

    async def _vibrate(self, ring: LentRing, fields: Fields) -> Told:
        pattern = fields.choice("pattern", PATTERNS, "")
        gain = round(fields.number("gain", 1, MOST_GAIN, _GAIN))
        repeat = round(fields.number("repeat", 1, MOST_REPEATS, 1))
        _check(self._vibrations)
        return _played(ring, Act(pattern, gain, repeat), "is felt")

    async def _light(self, ring: LentRing, fields: Fields) -> Told:
        feeling = fields.choice("feeling", EMOTIONS, "")
        _check(self._lights)
        return _played(ring, Act(feeling), "is shown")

    async def _state(self, ring: LentRing, _fields: Fields) -> Told:
        return Told(", ".join(f"{name}: {value}" for name, value in asdict(ring.state()).items()))

    async def _battery(self, ring: LentRing, _fields: Fields) -> Told:
        percent = ring.state().battery_percent
        if percent is None:
            return Told("this ring does not tell how full it is", failed=True)
        return Told(f"{percent} %")

    async def _wait(self, ring: LentRing, fields: Fields) -> Told:
        wait_s = fields.number("timeout_s", 0, LONGEST_WAIT_S, _WAIT_S)
        try:
            async with asyncio.timeout(wait_s):
                return Told(await ring.wait_for_touch())
        except TimeoutError:
            return Told(f"nobody touched it in {wait_s:g} s")


def _check(often: Often) -> None:
    if wait_s := often.wait_s():
        raise RequestError(f"that was often enough for now; wait {wait_s:.0f} s")


def _played(ring: LentRing, act: Act, told: str) -> Told:
    if not ring.play(act):
        return Told("this ring can't do that, or not now", failed=True)
    return Told(f"{act.name} {told}")
