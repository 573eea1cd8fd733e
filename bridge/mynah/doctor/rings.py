"""The look at the rings that are paired: in range, held, or in what trouble."""

import asyncio
from collections.abc import Callable
from typing import Final

from mynah.doctor.bluez import BlueZError, connected
from mynah.doctor.finding import Finding
from mynah.errors import LinkError
from mynah.link.keys import RingKey
from mynah.link.trouble import TROUBLES, Kind, kind_of
from mynah_wire.gatt import SERVICE_UUID

LISTEN_S: Final = 3.0
"""A ring is heard ten times a second; all looks together have 10 s."""

NAME: Final = "rings"

Heard = tuple[list[str], int]
"""The device ids of ours in range, and how many other rings are."""


def listen(keys: list[RingKey]) -> Heard:
    """To this computer's air; LinkError if it can't."""
    from mynah.link.nearby import scan
    from mynah.link.scanner import Backends

    found = asyncio.run(scan(keys, LISTEN_S, Backends()))
    ours = [ring.device_id for ring in found if ring.device_id is not None]
    return ours, len(found) - len(ours)


def held() -> list[str]:
    """Rings to which this computer is connected; where nobody can be asked, none."""
    try:
        return connected(SERVICE_UUID)
    except (OSError, BlueZError, TimeoutError):
        return []


def rings(
    keys: list[RingKey],
    troubles: dict[str, Kind],
    listen: Callable[[list[RingKey]], Heard] = listen,
    held: Callable[[], list[str]] = held,
) -> Finding:
    """`troubles` is what the last `mynah run` had with each, by device id."""
    if not keys:
        return Finding(NAME, "ok", "no ring is paired yet")
    if addresses := held():
        return Finding(NAME, "ok", f"connected just now: {', '.join(addresses)}")
    try:
        ours, strangers = listen(keys)
    except LinkError as error:
        deaf = kind_of(error)
        if deaf in (Kind.NO_ADAPTER, Kind.DENIED):  # the next step stands under `bluetooth`
            return Finding(NAME, "unknown", "this computer can't listen for them")
        return _trouble(deaf, "") or Finding(NAME, "unknown", str(error))
    for device_id in ours:  # that it is in range does not mean that it can be talked to
        if (kind := troubles.get(device_id)) and (finding := _trouble(kind, f"ring {device_id}: ")):
            return finding
    return _heard(ours, strangers, len(keys))


def fault(name: str, line: str) -> Finding:
    """What is wrong with a ring, as it said itself when it was last here."""
    told, _, step = line.rpartition(": ")
    return Finding(name, "broken", told, step)


def _heard(ours: list[str], strangers: int, paired: int) -> Finding:
    if ours:
        return Finding(NAME, "ok", f"in range: {', '.join(ours)}")
    if strangers:
        detail = f"{strangers} in range, but none of your {paired}"
        return Finding(NAME, "missing", detail, f"is one yours? {TROUBLES[Kind.WRONG_KEY].step}")
    # One that is connected to somebody says nothing, as one that sleeps.
    step = f"{TROUBLES[Kind.ASLEEP].step}; {TROUBLES[Kind.BUSY].step}"
    detail = "none of yours is heard: it sleeps, is far away, or another computer holds it"
    return Finding(NAME, "missing", detail, step)


def _trouble(kind: Kind, whose: str) -> Finding | None:
    trouble = TROUBLES[kind]
    if not trouble.line:
        return None
    return Finding(NAME, "broken", f"{whose}{trouble.line}", trouble.step)
