"""What went wrong with a backend that is no model, said in one line with what to do. Pure."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from mynah.companions.models.openai_chunks import one_line
from mynah.errors import CompanionError


class Trouble:
    """Makes the errors of one backend."""

    def __init__(
        self, name: str, where: str, wait_s: float, *, key: str = "", variable: str = ""
    ) -> None:
        """`where`, an address or a program, may be shown; `key` never, set by `variable`."""
        at = "at " if "://" in where else ""
        self.whose: Final = f"the companion {at}{where}"
        self.wait_s: Final = wait_s
        self._table = f"companions.{name}"
        self._key = key
        self._variable = variable

    def refused(self, status: int, headers: Mapping[str, str], reason: str) -> CompanionError:
        """An answer of HTTP that is none of 200 to 299."""
        because = f"{status}: {self._said(reason)}" if reason else f"{status}"
        match status:
            case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
                return self.refused_key(f"{status}")
            case HTTPStatus.NOT_FOUND | HTTPStatus.METHOD_NOT_ALLOWED:
                return self._final(f"has nothing there ({because}); look at {self._table}.url")
            case HTTPStatus.TOO_MANY_REQUESTS:
                seconds = headers.get("retry-after", "")
                later = f"in {int(seconds)} s" if seconds.isdecimal() else "later"
                return self._passing(f"takes no more requests for now ({because}); ask {later}")
            case _ if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
                return self._final(
                    f"has moved ({status}); set {self._table}.url to where it is now"
                )
            case _ if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                return self._passing(f"failed ({because}); say it again")
        return self._final(f"refused the request ({because}); look at [{self._table}]")

    def refused_key(self, reason: str) -> CompanionError:
        # Its own words may hold a part of the key.
        return self._final(f"refused the key ({reason}); set {self._variable}")

    def unreachable(self, reason: str) -> CompanionError:
        told = self._said(reason) or "no reason given"
        return self._passing(f"can't be reached: {told}; start it, or set {self._table}.url")

    def silent(self, *, begun: bool) -> CompanionError:
        if begun:
            return self._passing(f"fell silent in mid-answer for {self.wait_s:g} s; say it again")
        return self._passing(
            f"did not begin to answer in {self.wait_s:g} s; say it again, "
            f"or set {self._table}.wait_s"
        )

    def cut_off(self, *, begun: bool) -> CompanionError:
        if not begun:
            return self._passing(f"ended without a word; say it again, or look at [{self._table}]")
        return self._passing("broke off in mid-answer; say it again")

    def gave_up(self, reason: str, *, final: bool = False) -> CompanionError:
        told = self._said(reason) or "no reason given"
        if final:
            return self._final(f"refused: {told}; look at [{self._table}]")
        return self._passing(f"gave up: {told}; say it again")

    def no_stream(self, content_type: str) -> CompanionError:
        """A success that holds something else."""
        kind = self._said(content_type) or "something without a type"
        return self._final(f"sent {kind}, not an answer; look at {self._table}.url")

    def packed(self, encoding: str) -> CompanionError:
        return self._final(
            f"packed its answer ({self._said(encoding)}), which was not asked for; "
            "turn compression off there"
        )

    def no_sense(self) -> CompanionError:
        return self._final(f"sent what is no answer; look at [{self._table}]")

    def too_much(self, limit_bytes: int) -> CompanionError:
        return self._passing(
            f"sent over {limit_bytes // 1_000_000} MB for one answer and was stopped; ask again"
        )

    def _said(self, reason: str) -> str:
        return one_line(reason, self._key)

    def _final(self, what: str) -> CompanionError:
        return CompanionError(f"{self.whose} {what}", retryable=False)

    def _passing(self, what: str) -> CompanionError:
        return CompanionError(f"{self.whose} {what}")
