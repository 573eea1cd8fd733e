"""Writes haptics.json: each act as the bridge sends it, and as a ring then moves its motor.

python -m tests.vectors.write_haptics
"""

import json
from pathlib import Path

from mynah.acts.ring_acts import RingActs
from mynah.acts.vocabulary import VOCABULARY
from mynah.companions.base import Act
from mynah_device.acting import Acting
from mynah_wire import downlink
from mynah_wire.message import Message, encode
from mynah_wire.uplink import HAPTIC, LIGHT
from tests.bridge.acting_ring import FakeRing

FILE = Path(__file__).with_name("haptics.json")
CHANGES = 24  # of each; good night has thousands


def sent(name: str) -> list[Message]:
    """What the bridge says for an act on a new connection."""
    ring = FakeRing(HAPTIC | LIGHT)
    RingActs(ring, now_ms=lambda: 0.0).play(Act(name))
    return ring.told


def moved(messages: list[Message]) -> list[list[int]]:
    """When the motor changes after these, and to what."""
    acting, changes, now_ms = Acting(HAPTIC | LIGHT, {}), [], 0
    for message in messages:
        if isinstance(message, downlink.Program):
            acting.keep(message)
        elif isinstance(message, downlink.Act):
            acting.act(message, 0, False)
    while len(changes) < CHANGES:
        changes += [[now_ms, value] for _, value in acting.moved()]
        due_ms = acting.player.deadline_ms()
        if due_ms is None:
            break
        now_ms = due_ms
        acting.player.handle(now_ms)
    return changes + [[now_ms, value] for _, value in acting.moved()]


def main() -> None:
    vectors = {}
    for name in VOCABULARY:
        messages = sent(name)
        plaintexts = [encode(message).hex() for message in messages]
        vectors[name] = {"plaintexts": plaintexts, "motor": moved(messages)}
    FILE.write_text(json.dumps(vectors, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
