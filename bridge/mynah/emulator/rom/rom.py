"""The chip in download mode: its boot ROM, and the stub that a tool may load into its RAM.

The stub's code is taken and thrown away; what it would do is done here.
"""

import struct
import zlib
from collections.abc import Callable
from typing import Final

from mynah.emulator.rom import protocol
from mynah.emulator.rom.chips import COMMAND, DATA, MANUFACTURER, START, USER2, Chip
from mynah.emulator.rom.flash import SECTOR_BYTES, NorFlash
from mynah.emulator.rom.protocol import BadRequestError, Request

_SYNC_ANSWERS: Final = 8
_ROM_VALUE: Final = 0x2012_0707  # not 0, by which a tool tells the ROM from the stub
_READ_ID: Final = 0x9F  # the flash's own command
_WATCHDOG_ON: Final = 1 << 31
_WATCHDOG_KEY: Final = 0x50D8_3AA1
_SECURITY: Final = "<IB7sII"
_ADDRESS: Final = (0x5E00_0001, 0x0000_029E)  # 02:9E:5E:00:00:01, a local one


class Rom:
    """Give it the tool's packets; `on_reset()` is called when it is told to run the application."""

    def __init__(self, chip: Chip, flash: NorFlash, on_reset: Callable[[], None]) -> None:
        self._chip = chip
        self._flash = flash
        self._on_reset = on_reset
        self.stub = False
        self._registers: dict[int, int] = {
            chip.address_fuses: _ADDRESS[0],
            chip.address_fuses + 4: _ADDRESS[1],
        }
        self._address = self._erased_to = 0
        self._inflater = zlib.decompressobj()
        self._reading: tuple[int, int, int, int] | None = None
        self._does: dict[int, Callable[[Request], bytes]] = {
            protocol.SYNC: _nothing,
            protocol.SPI_SET_PARAMS: _nothing,
            protocol.SPI_ATTACH: _nothing,
            protocol.CHANGE_BAUDRATE: _nothing,
            protocol.MEM_BEGIN: _nothing,
            protocol.MEM_DATA: _checked,
            protocol.MEM_END: _nothing,
            protocol.GET_SECURITY_INFO: self._security,
            protocol.WRITE_REG: self._write_register,
            protocol.READ_REG: _nothing,
            protocol.FLASH_BEGIN: self._begin,
            protocol.FLASH_DATA: self._data,
            protocol.FLASH_END: self._end,
            protocol.FLASH_DEFL_BEGIN: self._begin,
            protocol.FLASH_DEFL_DATA: self._deflated,
            protocol.FLASH_DEFL_END: self._end,
            protocol.SPI_FLASH_MD5: self._md5,
        }
        self._stub_does: dict[int, Callable[[Request], bytes]] = {
            protocol.ERASE_FLASH: self._erase_all,
            protocol.ERASE_REGION: self._erase_region,
            protocol.READ_FLASH: self._read,
            protocol.RUN_USER_CODE: self._run,
        }

    @property
    def is_reading(self) -> bool:
        """The tool's packets are no requests now: they say how much it has read."""
        return self._reading is not None

    def handle(self, packet: bytes) -> list[bytes]:
        """The packets that answer this one."""
        if self._reading is not None:
            return self._next_read()
        request = protocol.parse(packet)
        if request is None:
            return []
        does = self._does.get(request.op)
        if does is None and self.stub:
            does = self._stub_does.get(request.op)
        if does is None:
            return [self._answer(request, b"", protocol.BAD_MESSAGE)]
        try:
            body = does(request)
        except BadRequestError as error:
            return [self._answer(request, b"", error.code)]
        answers = [self._answer(request, body)]
        if request.op == protocol.SYNC:
            answers *= _SYNC_ANSWERS
        if request.op == protocol.MEM_END:
            self.stub = True
            answers.append(protocol.GREETING)
        if self._reading is not None:
            answers += self._next_read()
        return answers

    def _answer(self, request: Request, body: bytes, code: int = 0) -> bytes:
        value = 0 if self.stub else _ROM_VALUE
        if request.op == protocol.READ_REG and not code:
            value = self._register(request.words(1)[0])
        status = bytes((bool(code), code)) + (b"" if self.stub else bytes(2))
        return protocol.response(request.op, value, body + status)

    def _security(self, _request: Request) -> bytes:
        return struct.pack(_SECURITY, 0, 0, bytes(7), self._chip.number, 0)

    def _register(self, address: int) -> int:
        return 0 if address == self._chip.spi + COMMAND else self._registers.get(address, 0)

    def _write_register(self, request: Request) -> bytes:
        address, value, mask, _delay = request.words(4)
        kept = self._registers.get(address, 0) & ~mask
        self._registers[address] = kept | (value & mask)
        spi = self._chip.spi
        if address == spi + COMMAND and value & START:
            self._registers[spi + DATA] = self._flash_says(self._register(spi + USER2) & 0xFF)
        open_to_writing = self._register(self._chip.watchdog_lock) == _WATCHDOG_KEY
        if address == self._chip.watchdog and value & _WATCHDOG_ON and open_to_writing:
            self._on_reset()
        return b""

    def _flash_says(self, command: int) -> int:
        if command != _READ_ID:
            return 0
        size = len(self._flash).bit_length() - 1
        return MANUFACTURER | 0x40 << 8 | size << 16

    def _begin(self, request: Request) -> bytes:
        size, _blocks, _block_bytes, address = request.words(4)
        if address + size > len(self._flash):
            raise BadRequestError(protocol.FAILED)
        self._address = self._erased_to = address
        self._inflater = zlib.decompressobj()
        if size and not self.stub:  # the ROM erases at once, the stub as it writes
            self._flash.erase(address, size)
            self._erased_to = -(-(address + size) // SECTOR_BYTES) * SECTOR_BYTES
        return b""

    def _data(self, request: Request) -> bytes:
        self._write(request.data())
        return b""

    def _deflated(self, request: Request) -> bytes:
        try:
            self._write(self._inflater.decompress(request.data()))
        except zlib.error:
            raise BadRequestError(protocol.FAILED) from None
        return b""

    def _write(self, data: bytes) -> None:
        end = self._address + len(data)
        if end > len(self._flash):
            raise BadRequestError(protocol.FAILED)
        if end > self._erased_to:
            self._flash.erase(self._erased_to, end - self._erased_to)
            self._erased_to = -(-end // SECTOR_BYTES) * SECTOR_BYTES
        self._flash.program(self._address, data)
        self._address = end

    def _end(self, request: Request) -> bytes:
        if request.words(1)[0] == 0:
            self._on_reset()
        return b""

    def _md5(self, request: Request) -> bytes:
        address, size, _, _ = request.words(4)
        digest = self._flash.md5(address, size)
        return digest if self.stub else digest.hex().encode()

    def _erase_all(self, _request: Request) -> bytes:
        self._flash.erase(0, len(self._flash))
        return b""

    def _erase_region(self, request: Request) -> bytes:
        address, size = request.words(2)
        self._flash.erase(address, size)
        return b""

    def _run(self, _request: Request) -> bytes:
        self._on_reset()
        return b""

    def _read(self, request: Request) -> bytes:
        address, size, block_bytes, _in_flight = request.words(4)
        self._reading = (address, address, address + size, block_bytes)
        return b""

    def _next_read(self) -> list[bytes]:
        """The next block, or at the end the hash of all."""
        if self._reading is None:
            return []
        first, at, end, block_bytes = self._reading
        if at >= end:
            self._reading = None
            return [self._flash.md5(first, end - first)]
        block = self._flash.read(at, min(block_bytes, end - at))
        self._reading = (first, at + len(block), end, block_bytes)
        return [block]


def _nothing(_request: Request) -> bytes:
    return b""


def _checked(request: Request) -> bytes:
    request.data()
    return b""
