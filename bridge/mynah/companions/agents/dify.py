"""The companion `dify`: an app there, chat, agent or chatflow, that keeps the conversation."""

from contextlib import aclosing
from typing import Any, Final

from pydantic import Field, SecretStr

from mynah.companions.base import Capabilities, Reply, Said, Usage, token_count
from mynah.companions.models.learned import known, note
from mynah.companions.reaching.backend_http import HttpBackend
from mynah.companions.reaching.backend_trouble import Trouble
from mynah.companions.reaching.objects import object_in
from mynah.companions.reaching.openai_http import key_of, key_variable
from mynah.companions.reaching.sections import ANYWHERE, Root, section, where, with_scheme
from mynah.companions.reaching.steps import Step, answer
from mynah.companions.reaching.unheard import BUILT_IN, Unheard
from mynah.config import Section

NAME: Final = "dify"

KEPT: Final = "conversation_id"

GONE: Final = ("conversation not exists", "not a valid uuid")
"""How it says that it has no such conversation: deleted, of another app, or of another user."""


class DifySettings(Section):
    """[companions.dify]."""

    url: Root = "https://api.dify.ai/v1"
    """What comes before /chat-messages; its page API Access shows it."""
    api_key: SecretStr = SecretStr("")
    """Of the app; better kept in the environment, as MYNAH_DIFY_API_KEY."""
    user: str = Field(default="mynah", min_length=1)
    """Whose conversations these are: Dify keeps them apart by it."""
    inputs: dict[str, Any] = Field(default_factory=dict)
    """Values of the variables that the app asks for."""
    interrupted: str = BUILT_IN
    """What the next turn begins with after an interruption; {heard} is what was heard."""
    wait_s: float = Field(default=30.0, gt=0, le=80)
    """How long it may be silent, before its first word and between two."""


class Dify:
    """Sends what is new, and the conversation that the server named."""

    capabilities = Capabilities(memory="server", cancel="call", thinks=True, counts=True)

    def __init__(self, **table: Any) -> None:
        self._settings = section(DifySettings, NAME, table)
        url, key = (
            self._settings.url,
            key_of(NAME, self._settings.api_key.get_secret_value(), ANYWHERE),
        )
        self._trouble = Trouble(
            NAME, where(url), self._settings.wait_s, key=key, variable=key_variable(NAME)
        )
        self._backend = HttpBackend(with_scheme(url, socket=False), key, self._trouble)
        self._unheard = Unheard(self._settings.interrupted)
        self._who = f"{NAME} {self._settings.user}"
        self._conversation_id = str(known(url, self._who).get(KEPT, ""))

    async def reply(self, said: Said) -> Reply:
        stream = Stream()
        words = self._unheard.words(said)
        frames = self._backend.frames(
            "/chat-messages", lambda: self._body(words), renew=self._renew
        )
        try:
            with self._unheard.asking():
                async with aclosing(answer(frames, stream.read, self._trouble)) as pieces:
                    async for piece in pieces:
                        yield piece
        finally:
            self._keep(stream.conversation_id)
            if stream.task_id and not stream.over:
                stop = f"/chat-messages/{stream.task_id}/stop"
                self._backend.call(stop, {"user": self._settings.user})

    async def cancel(self, heard_text: str, heard_ms: int) -> None:  # noqa: ARG002
        self._unheard.cancelled(heard_text)

    def heard(self, said: Said, text: str) -> None:  # noqa: ARG002
        self._unheard.heard(text)

    async def close(self) -> None:
        await self._backend.close()

    def _keep(self, conversation_id: str) -> None:
        """It goes on when the bridge is started again."""
        if conversation_id and conversation_id != self._conversation_id:
            self._conversation_id = conversation_id
            note(self._settings.url, self._who, {KEPT: conversation_id})

    def _body(self, words: str) -> dict[str, Any]:
        return {
            "query": words,
            "inputs": self._settings.inputs,
            "user": self._settings.user,
            "response_mode": "streaming",
            "conversation_id": self._conversation_id,
            # A title for each conversation would be paid for, and nobody sees it here.
            "auto_generate_name": False,
        }

    def _renew(self, status: int, reason: str) -> bool:  # noqa: ARG002
        """A conversation that is gone is begun anew."""
        gone = bool(self._conversation_id) and any(each in reason.lower() for each in GONE)
        if gone:
            self._conversation_id = ""
        return gone


class Stream:
    """What Dify's events mean. Pure."""

    def __init__(self) -> None:
        self.conversation_id = ""
        self.task_id = ""
        self.over = False
        """The server does nothing more for it."""
        self._said = ""

    def read(self, data: str) -> Step | None:
        """What the data of an event comes to."""
        fields = object_in(data)
        if fields is None or not isinstance(fields.get("event"), str):
            return None
        self._notice(fields)
        event = fields["event"]
        self.over = self.over or event in {"message_end", "error"}
        match event:
            case "message" | "agent_message":
                step = self._words(_text(fields, "answer"))
            case "message_replace":
                step = self._replaced(_text(fields, "answer"))
            case "message_end":
                step = Step(_usage(fields), done=True)
            case "error":
                step = Step(error=_text(fields, "message") or _text(fields, "code"))
            case _:  # thoughts, files, nodes of a workflow: it is at work; or only alive
                step = Step(idle=event == "ping")
        return step

    def _words(self, words: str) -> Step:
        self._said += words
        return Step((words,) if words else ())

    def _replaced(self, whole: str) -> Step:
        """Moderation took the answer back. What was spoken stays spoken; then comes the other."""
        rest = whole.removeprefix(self._said)
        self._said, before = whole, self._said
        separate = bool(before) and rest == whole
        return Step((f"\n{rest}" if separate else rest,) if rest else ())

    def _notice(self, fields: dict[str, Any]) -> None:
        self.conversation_id = _text(fields, "conversation_id") or self.conversation_id
        task_id = _text(fields, "task_id")
        # It becomes a part of an address.
        self.task_id = task_id if task_id.replace("-", "").isalnum() else self.task_id


def _usage(fields: dict[str, Any]) -> tuple[Usage, ...]:
    metadata = fields.get("metadata")
    usage = metadata.get("usage") if isinstance(metadata, dict) else None
    counts = usage if isinstance(usage, dict) else {}
    prompt = token_count(counts.get("prompt_tokens"))
    written = token_count(counts.get("completion_tokens"))
    return (Usage(prompt, written),) if prompt or written else ()


def _text(fields: dict[str, Any], key: str) -> str:
    found = fields.get(key)
    return found if isinstance(found, str) else ""
