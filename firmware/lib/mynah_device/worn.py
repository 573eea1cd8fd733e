"""Whether the pulse sensor has skin before it, from how much of its light comes back."""

from mynah_wire.uplink import PUT_ON, TAKEN_OFF

from .gestures import NONE

# Of 262,143, at the current that max30102.py sets; a finger gives some 120,000 and a table below
# 5,000. From what users of the part report, not measured on hardware.
SKIN = 50_000
NO_SKIN = 30_000
SURE = 2  # looks in a row: a ring that is turned on its finger shows a gap


class Worn:
    """One look after another."""

    def __init__(self) -> None:
        self.worn: "bool | None" = None  # until it is sure
        self._against = 0  # looks that say otherwise

    def look(self, level: int) -> int:
        """The mean of one look: PUT_ON, TAKEN_OFF or NONE."""
        if NO_SKIN <= level <= SKIN or (level > SKIN) == self.worn:
            self._against = 0
            return NONE
        self._against += 1
        if self._against < SURE:
            return NONE
        self._against = 0
        was, self.worn = self.worn, level > SKIN
        if was is None:
            return NONE
        return PUT_ON if self.worn else TAKEN_OFF
