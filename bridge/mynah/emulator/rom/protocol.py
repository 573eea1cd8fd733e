"""Opcodes, packets and errors of the boot ROM's serial protocol, as Espressif's manual has them."""

import struct
from dataclasses import dataclass
from functools import reduce
from operator import xor
from typing import Final

FLASH_BEGIN: Final = 0x02
FLASH_DATA: Final = 0x03
FLASH_END: Final = 0x04
MEM_BEGIN: Final = 0x05
MEM_END: Final = 0x06
MEM_DATA: Final = 0x07
SYNC: Final = 0x08
WRITE_REG: Final = 0x09
READ_REG: Final = 0x0A
SPI_SET_PARAMS: Final = 0x0B
SPI_ATTACH: Final = 0x0D
CHANGE_BAUDRATE: Final = 0x0F
FLASH_DEFL_BEGIN: Final = 0x10
FLASH_DEFL_DATA: Final = 0x11
FLASH_DEFL_END: Final = 0x12
SPI_FLASH_MD5: Final = 0x13
GET_SECURITY_INFO: Final = 0x14
ERASE_FLASH: Final = 0xD0
ERASE_REGION: Final = 0xD1
READ_FLASH: Final = 0xD2
RUN_USER_CODE: Final = 0xD3

NAMES: Final = {
    value: name.lower() for name, value in list(globals().items()) if isinstance(value, int)
}
"""An opcode's name, for whoever wants to do something at a certain step."""

BAD_MESSAGE: Final = 0x05
FAILED: Final = 0x06
BAD_CHECKSUM: Final = 0x07

GREETING: Final = b"OHAI"
"""What the stub says once it runs: a packet of its own."""

_HEADER: Final = "<BBHI"
_HEADER_BYTES: Final = struct.calcsize(_HEADER)
_REQUEST: Final = 0
_RESPONSE: Final = 1
_SEED: Final = 0xEF  # of the checksum


@dataclass(frozen=True, slots=True)
class Request:
    """One packet from the tool."""

    op: int
    checksum: int
    body: bytes

    def words(self, count: int) -> tuple[int, ...]:
        """So many 32-bit numbers of its beginning; BadRequestError if there are fewer."""
        if len(self.body) < 4 * count:
            raise BadRequestError(BAD_MESSAGE)
        return struct.unpack_from(f"<{count}I", self.body)

    def data(self) -> bytes:
        """What a DATA packet carries, checked."""
        size, _sequence, _, _ = self.words(4)
        data = self.body[16:]
        if len(data) != size or reduce(xor, data, _SEED) != self.checksum:
            raise BadRequestError(BAD_CHECKSUM)
        return data


class BadRequestError(Exception):
    """The ROM says no, with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def parse(packet: bytes) -> Request | None:
    """A packet as a request; None if it is noise."""
    if len(packet) < _HEADER_BYTES:
        return None
    direction, op, size, checksum = struct.unpack_from(_HEADER, packet)
    body = packet[_HEADER_BYTES:]
    if direction != _REQUEST or len(body) != size:
        return None
    return Request(op, checksum, body)


def response(op: int, value: int, body: bytes) -> bytes:
    """A packet to the tool."""
    return struct.pack(_HEADER, _RESPONSE, op, len(body), value) + body
