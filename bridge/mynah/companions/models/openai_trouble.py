"""What went wrong with a chat server, said in one line with what to do about it. Pure."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from mynah.errors import CompanionError

KEY_VARIABLE: Final = "MYNAH_OPENAI_API_KEY"

_ON_THE_LINE: Final[Mapping[str, str]] = {"base_url": "the address", "model": "--model"}


class Trouble:
    """Makes the errors of one server."""

    def __init__(
        self,
        base_url: str,
        model: str,
        wait_s: float,
        *,
        section: str = "openai",
        variable: str = KEY_VARIABLE,
    ) -> None:
        """`section` is the table of settings that says where the server is; empty for none."""
        self.whose = f"the companion at {base_url}"
        self._model = model
        self._wait_s = wait_s
        self._section = section
        self._variable = variable

    def refused(self, status: int, headers: Mapping[str, str], reason: str) -> CompanionError:
        """An answer that is not 200."""
        because = f"{status}: {reason}" if reason else f"{status}"
        match status:
            case HTTPStatus.UNAUTHORIZED | HTTPStatus.FORBIDDEN:
                # The server's own words may hold a part of the key.
                return self._final(f"refused the key ({status}); set {self._variable}")
            case HTTPStatus.NOT_FOUND | HTTPStatus.METHOD_NOT_ALLOWED:
                return self._final(
                    f"has no chat completions there or no model {self._model!r} ({because}); "
                    f"set {self._set('base_url')} and {self._set('model')}"
                )
            case HTTPStatus.TOO_MANY_REQUESTS:
                seconds = headers.get("retry-after", "")
                later = f"in {int(seconds)} s" if seconds.isdecimal() else "later"
                return self._passing(f"takes no more requests for now ({because}); ask {later}")
            case _ if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
                return self._final(
                    f"has moved ({status}); set {self._set('base_url')} to where it is now"
                )
            case _ if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                return self._passing(f"failed ({because}); say it again")
        return self._final(f"refused the request ({because}); look at {self._table}")

    def no_key(self) -> CompanionError:
        return self._final(f"wants a key, and there is none; set {self._variable}")

    def unreachable(self, reason: str) -> CompanionError:
        return self._passing(
            f"can't be reached: {reason or 'no reason given'}; "
            f"start it, or set {self._set('base_url')}"
        )

    def silent(self, *, begun: bool) -> CompanionError:
        if begun:
            return self._passing(f"fell silent in mid-answer for {self._wait_s:g} s; say it again")
        return self._passing(
            f"did not begin to answer in {self._wait_s:g} s; "
            f"say it again, or set {self._set('wait_s')}"
        )

    def only_thought(self) -> CompanionError:
        """To the end of its tokens, or of our patience."""
        return self._passing(
            "thought and said nothing; turn its thinking off, "
            f"or set {self._set('answer_tokens')} higher"
        )

    def cut_off(self, *, begun: bool) -> CompanionError:
        if not begun:
            return self._passing(
                f"ended without a word; say it again, or look at {self._set('base_url')}"
            )
        return self._passing("broke off in mid-answer; say it again")

    def gave_up(self, reason: str) -> CompanionError:
        return self._passing(f"gave up in mid-answer: {reason}; say it again")

    def no_stream(self, content_type: str, reason: str) -> CompanionError:
        """A 200 that is something else."""
        if reason:
            return self._passing(f"answered with an error: {reason}")
        return self._final(
            f"sent {content_type or 'something without a type'}, not a stream of words; "
            f"is {self._set('base_url')} complete? most end in /v1"
        )

    def packed(self, encoding: str) -> CompanionError:
        return self._final(
            f"packed its answer ({encoding}), which was not asked for; turn compression off there"
        )

    def no_chunk(self) -> CompanionError:
        return self._final(
            "sent an event that is no chat completion; "
            f"is {self._set('base_url')} that of a chat server?"
        )

    def too_much(self, limit_bytes: int) -> CompanionError:
        return self._passing(
            f"sent over {limit_bytes // 1_000_000} MB for one answer and was stopped; "
            "ask again, or take another model"
        )

    @property
    def _table(self) -> str:
        return f"[{self._section}] in the settings" if self._section else "the address"

    def _set(self, key: str) -> str:
        """What to change: a setting, or what stood on the command line."""
        return f"{self._section}.{key}" if self._section else _ON_THE_LINE.get(key, key)

    def _final(self, what: str) -> CompanionError:
        return CompanionError(f"{self.whose} {what}", retryable=False)

    def _passing(self, what: str) -> CompanionError:
        return CompanionError(f"{self.whose} {what}")
