"""What is in range, over the air and on a cable: what `mynah devices` tells."""

from dataclasses import asdict, dataclass, field
from typing import Final

from mynah.errors import LinkError
from mynah.link.ble import Backends
from mynah.link.faults_told import FaultsTold
from mynah.link.keys import KeyStore, data_folder
from mynah.link.nearby import Nearby, scan
from mynah.link.ports import SerialPort, esp32_ports

STRONG_DBM: Final = -60
FAIR_DBM: Final = -80
"""Below this, speech is repeated so often that the link falls behind."""


@dataclass(frozen=True, slots=True)
class Devices:
    """Everything that was found."""

    rings: list[Nearby] = field(default_factory=list)
    ports: list[SerialPort] = field(default_factory=list)
    trouble: str | None = None
    """Why the air could not be listened to."""
    faults: list[tuple[str, str]] = field(default_factory=list)
    """What the paired rings said of themselves when they were last here: (device id, line)."""

    def as_json(self) -> dict[str, object]:
        """The object that `--json` writes."""
        return asdict(self)


async def look(link: str | None, seconds: float) -> Devices:
    """Listen to this computer's air, or with `emulator:…` to that ring's."""
    if link is None:
        keys = KeyStore().all()
        faults = FaultsTold(data_folder()).read(key.device_id for key in keys)
        try:
            rings = await scan(keys, seconds, Backends())
        except LinkError as error:
            return Devices(ports=esp32_ports(), trouble=str(error), faults=faults)
        return Devices(rings, esp32_ports(), faults=faults)
    from mynah.emulator.emulated import emulated_keys, switched_on
    from mynah.link.pairing import identify

    async with switched_on(link) as ring:
        await identify(ring)  # one that did not start is trouble, not an empty room
        backends = Backends(ring.air.client_backend, ring.air.scanner_backend)
        return Devices(await scan(emulated_keys().all(), seconds, backends), [])


def strength(rssi_dbm: int) -> str:
    """A signal, in a word."""
    if rssi_dbm >= STRONG_DBM:
        return "strong"
    return "fair" if rssi_dbm >= FAIR_DBM else "weak"
