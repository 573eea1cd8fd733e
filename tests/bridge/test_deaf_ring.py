"""A ring without a microphone: nobody is asked to talk to it."""

import pytest

from mynah.config import Settings
from mynah.emulator.person import Person
from mynah.link.place import at_ring
from mynah.link.session import HostSession
from mynah.turn.glimpse import glimpse_of
from mynah.turn.machine import TurnMachine
from mynah.view import View
from mynah_wire.uplink import BUTTON, MICROPHONE, Ready


def glimpse(capabilities):
    session = HostSession(bytes(32), 247, 0.0)
    session.ready = Ready(bytes(8), 1, 1, capabilities, 2, 2000, 0, b"a board")
    return glimpse_of(TurnMachine(), None, session, None, 0.0)


@pytest.mark.parametrize(("capabilities", "talks"), [(BUTTON, False), (BUTTON | MICROPHONE, True)])
async def test_only_who_is_heard_is_asked_to_talk(capabilities, talks):
    person = Person(Settings(), View())
    async with at_ring("serial:/dev/ttyACM0") as place:
        hints = [place.hint(glimpse(capabilities)), person.look(glimpse(capabilities))]

    assert ["and talk" in hint for hint in hints] == [talks, talks]
    assert ["no microphone" in hint for hint in hints] == [not talks, not talks]
