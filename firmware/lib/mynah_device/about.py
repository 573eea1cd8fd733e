"""What the ring says of itself: READY and COUNTERS."""

from mynah_wire import uplink
from mynah_wire.codecs import IMA_ADPCM, bit

from .session import Identity

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from .ring import Ring

BUILD = 1  # of this firmware; grows with every release


def ready(identity: Identity, buffer_ms: int, now_ms: int) -> uplink.Ready:
    """The first thing that a proven host hears; so much of a reply has room."""
    return uplink.Ready(
        identity.device_id,
        identity.boot_id,
        BUILD,
        identity.capabilities,
        bit(IMA_ADPCM),
        buffer_ms,
        now_ms,
        identity.board,
    )


def counters(ring: "Ring") -> uplink.Counters:
    """What has been counted since boot."""
    session = ring.session
    return uplink.Counters(
        session.interval,
        session.mtu,
        ring.enomem,
        ring.said.dropped,
        ring.listening.overruns,
        ring.playback.underruns,
        session.refused,
        session.forged,
    )
