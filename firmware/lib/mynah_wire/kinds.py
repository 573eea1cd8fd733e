"""Every sealed message by its kind, and who says it."""

from . import downlink, making, uplink
from .message import Message, decode_body

BOTH_WAYS = (uplink.Audio, making.Filler)
RING_SAYS = (
    uplink.Ready,
    uplink.Pong,
    uplink.Start,
    uplink.End,
    uplink.Held,
    uplink.Past,
    uplink.PastEnd,
    uplink.Button,
    uplink.Battery,
    uplink.Counters,
    uplink.Cursor,
    uplink.Credit,
    uplink.Touch,
    uplink.Forgotten,
    making.Fault,
    making.Log,
    making.Found,
    making.Updating,
)
HOST_SAYS = (
    downlink.Ping,
    downlink.Close,
    downlink.Keep,
    downlink.Fetch,
    downlink.Kept,
    downlink.Preload,
    downlink.Go,
    downlink.Drop,
    downlink.Pause,
    downlink.Resume,
    downlink.Duck,
    downlink.Flush,
    downlink.Finish,
    downlink.Setting,
    downlink.Mood,
    downlink.Act,
    downlink.Program,
    downlink.Reflex,
    downlink.Forget,
    making.Logs,
    making.Probe,
    making.Offer,
    making.Block,
    making.Install,
)


def table(classes: "tuple[type[Message], ...]") -> "dict[int, type[Message]]":
    """Classes by kind."""
    return {message_class.KIND: message_class for message_class in classes}


FROM_RING = table(BOTH_WAYS + RING_SAYS)
FROM_HOST = table(BOTH_WAYS + HOST_SAYS)


def decode(classes: "dict[int, type[Message]]", kind: int, body: bytes) -> "Message | None":
    """The message, or None if nobody knows the kind yet: skipped, never fatal."""
    message_class = classes.get(kind)
    return None if message_class is None else decode_body(message_class, body)
