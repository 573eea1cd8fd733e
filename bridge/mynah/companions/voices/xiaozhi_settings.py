"""What can be set of the companion `xiaozhi`, and who the ring is to its server."""

import secrets
import uuid
from typing import Final, Literal

from pydantic import Field, SecretStr, field_validator

from mynah.companions.reaching.sections import Place
from mynah.companions.reaching.unheard import BUILT_IN
from mynah.config import Section
from mynah.errors import UserError
from mynah.link.keys import data_folder

NAME: Final = "xiaozhi"

LOCAL_MAC: Final = 0x02
"""The bit of an address that nobody's hardware has."""


class XiaozhiSettings(Section):
    """[companions.xiaozhi]."""

    url: Place = "ws://127.0.0.1:8000/xiaozhi/v1/"
    """The server's WebSocket, as it prints it when it starts."""
    token: SecretStr = SecretStr("")
    """If it wants one; better kept in the environment, as MYNAH_XIAOZHI_API_KEY."""
    ears: Literal["bridge", "server"] = "bridge"
    """Who understands the wearer: our Whisper, or the server, which is then sent the voice."""
    voice: Literal["server", "bridge"] = "server"
    """Who speaks: the server, or our Piper, which then says the server's words."""
    device_id: str = Field(default="", max_length=64)
    """The hardware address under which the server knows the ring; empty for one of our own."""
    interrupted: str = BUILT_IN
    """What the next turn begins with after an interruption; {heard} is what was heard. Not with
    the server's ears."""
    wait_s: float = Field(default=30.0, gt=0, le=80)
    """How long it may be silent, before its first word and between two."""

    @field_validator("device_id")
    @classmethod
    def _is_an_address(cls, device_id: str) -> str:
        if not all("!" <= letter <= "~" for letter in device_id):
            raise ValueError("a hardware address is expected, as in 02:00:00:00:00:01")
        return device_id


def identity(device_id: str) -> tuple[str, str]:
    """Device and client. They stay the same for ever: the server remembers whom by them."""
    device = device_id or _own_address()
    return device, str(uuid.uuid5(uuid.NAMESPACE_OID, device))


def _own_address() -> str:
    file = data_folder() / "xiaozhi-device"
    try:
        if own := file.read_text("ascii").strip():
            return own
    except (FileNotFoundError, ValueError):
        pass
    own = _new_address()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{own}\n", "ascii")
    except OSError as error:
        raise UserError(f"{file} can't be written: {error.strerror or error}") from error
    return own


def _new_address() -> str:
    octets = bytearray(secrets.token_bytes(6))
    octets[0] = octets[0] & 0xFC | LOCAL_MAC
    return octets.hex(":")
