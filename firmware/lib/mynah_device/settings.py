"""What may be set on a ring, within which limits, and under which name it is kept."""

from mynah_wire.downlink import BRIGHTNESS, VOLUME

# id on the wire: (name in NVS, at most 15 letters; default; least; most), all in percent.
# The least brightness is not 0: the light must show that the microphone is open.
SETTINGS = {
    VOLUME: ("volume", 100, 0, 100),
    BRIGHTNESS: ("brightness", 40, 5, 100),
}


class Settings:
    """The settings' present values."""

    def __init__(self, stored: "dict[str, int]") -> None:
        """`stored` is what was kept; what is missing or out of its limits takes its default."""
        self._values = {}
        for setting, (name, default, least, most) in SETTINGS.items():
            value = stored.get(name, default)
            self._values[setting] = value if least <= value <= most else default

    def get(self, setting: int) -> int:
        """A setting's value."""
        return self._values[setting]

    def change(self, setting: int, value: int) -> "tuple[str, int] | None":
        """Change a setting; what to keep as (name, value), None if it is unknown or unchanged."""
        if setting not in SETTINGS:
            return None
        name, _, least, most = SETTINGS[setting]
        value = max(least, min(most, value))
        if value == self._values[setting]:
            return None
        self._values[setting] = value
        return name, value

    def forget(self) -> None:
        """Take the defaults."""
        for setting, (_, default, _, _) in SETTINGS.items():
            self._values[setting] = default
