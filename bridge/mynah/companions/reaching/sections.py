"""The table of one companion, [companions.NAME], checked like all other settings."""

import difflib
from collections.abc import Mapping
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, ValidationError

from mynah.config import Section, is_address
from mynah.errors import UserError
from mynah.wrong_setting import first_wrong

SCHEMES: Final = ("http", "https", "ws", "wss")

ANYWHERE: Final = ""
"""For `key_of`: these backends want their key on this computer too, so the keyring is asked."""

Kind = TypeVar("Kind", bound=Section)


def section(kind: type[Kind], name: str, table: Mapping[str, Any]) -> Kind:
    """The settings in a companion's keyword arguments; UserError names the first that is wrong."""
    try:
        return kind.model_validate(dict(table))
    except ValidationError as error:
        prefix = f"companions.{name}."
        wrong = first_wrong(error, prefix)
        match wrong.kind:
            case "missing":
                raise UserError(f"companion {name} needs {wrong.key} in the settings") from error
            case "unknown":
                near = _nearest(wrong.key.removeprefix(prefix), kind)
                raise UserError(f"unknown setting {wrong.key!r}{near}") from error
        raise UserError(f"{wrong.key}: {wrong.expected}") from error


def place(url: str) -> str:
    """An address of HTTP or a WebSocket; ValueError if it is none."""
    if not is_address(url, SCHEMES):
        raise ValueError("an address begins with http://, https://, ws:// or wss:// and has a host")
    parts = urlsplit(url)
    if parts.username or parts.password or parts.fragment:
        raise ValueError("a password belongs into a setting of its own, not into the address")
    return url


def root(url: str) -> str:
    """The same for one that paths are added to."""
    if urlsplit(place(url)).query:
        raise ValueError("this address has no question mark in it")
    return url.rstrip("/")


Place = Annotated[str, AfterValidator(place)]
Root = Annotated[str, AfterValidator(root)]


def where(url: str) -> str:
    """An address as it may be shown: paths and queries of webhooks are secrets."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{host}{port}"


def with_scheme(url: str, *, socket: bool) -> str:
    """The same place over a WebSocket or over HTTP, as secure as it was."""
    scheme, rest = url.split("://", 1)
    safe = "s" if scheme in {"https", "wss"} else ""
    return f"{'ws' if socket else 'http'}{safe}://{rest}"


def _nearest(key: str, kind: type[Section]) -> str:
    close = difflib.get_close_matches(key, kind.model_fields, n=1)
    known = ", ".join(kind.model_fields) or "none"
    return f"; did you mean {close[0]!r}?" if close else f"; there are: {known}"
