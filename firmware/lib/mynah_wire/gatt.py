"""The attribute table, frozen for ever, and how large a record may be at each MTU."""

PROTOCOL_VERSION = 1

# One base, ASCII "mynah-ring"; what is new goes into messages, never into new attributes,
# because hosts cache this table for the life of a device.
SERVICE_UUID = "6d796e61-682d-7269-6e67-000000000001"
UPLINK_UUID = "6d796e61-682d-7269-6e67-000000000002"  # notify: ring to host
DOWNLINK_UUID = "6d796e61-682d-7269-6e67-000000000003"  # write without response: host to ring

ATT_HEADER_BYTES = 3  # opcode and handle in front of every notification and write
SMALLEST_MTU = 23  # what Bluetooth guarantees; the handshake and its refusal fit
LARGEST_MTU = 517  # what ATT can carry
SEALED_MTU = 64  # a sealed READY in a handful of fragments; below, headers outweigh content
AUDIO_MTU = 185  # macOS's; a sealed 20 ms frame fits its 182 bytes exactly
BEST_MTU = 247  # 244 bytes of value fill one 251-byte link-layer packet; more gains nothing


def record_limit(mtu: int) -> int:
    """The bytes that one record may have on a link with this MTU."""
    return min(mtu, BEST_MTU) - ATT_HEADER_BYTES
