"""What Home Assistant's messages about one run of a pipeline mean. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from mynah.companions.base import Piece, Reasoning
from mynah.companions.reaching.steps import Step

OWN_AGENT: Final = ("homeassistant", "conversation.home_assistant")
"""What its agent for commands is called, before and since 2024.6."""


class Run:
    """One run from `intent` to `intent`. `read` its messages, and no others."""

    def __init__(self) -> None:
        self.conversation_id = ""
        """As the server named it last; empty if it did not."""
        self.over = False
        """The server does nothing more for it."""
        self._role = ""
        self._message = ""  # what was streamed of the message in hand
        self._said = False

    def read(self, fields: dict[str, Any]) -> Step | None:
        """What a message comes to."""
        if fields.get("type") == "result":
            if fields.get("success"):
                return Step(idle=True)
            return replace(self._failed(fields.get("error")), final=True)
        event = fields.get("event")
        if not isinstance(event, dict):
            return None
        data = event.get("data")
        return self._event(event.get("type"), data if isinstance(data, dict) else {})

    def _event(self, kind: object, data: dict[str, Any]) -> Step | None:
        self._notice(data)
        match kind:
            case "intent-progress":
                return self._delta(_inner(data, "chat_log_delta"))
            case "intent-end":
                return self._end(_inner(data, "intent_output"))
            case "error":
                return self._failed(data)
            case "run-end":
                self.over = True
                return Step(error="the pipeline ended without an answer")
            case str():
                return Step()
        return None

    def _delta(self, delta: Mapping[str, Any]) -> Step:
        pieces: list[Piece] = []
        if isinstance(role := delta.get("role"), str):
            # A new message: what a tool came back with, or what is said after that.
            self._role, self._message = role, ""
        if self._role == "assistant":
            thought, words = delta.get("thinking_content"), delta.get("content")
            if isinstance(thought, str) and thought:
                pieces.append(Reasoning(thought))
            if isinstance(words, str) and words:
                pieces.append(self._spaced(words))
                self._message += words
        return Step(tuple(pieces))

    def _end(self, output: Mapping[str, Any]) -> Step:
        """Whatever was not streamed is said now: Home Assistant's own agent never streams."""
        self.over = True
        self._notice(output)
        speech = _inner(_inner(_inner(output, "response"), "speech"), "plain").get("speech")
        if self._message.strip() or not isinstance(speech, str) or not speech:
            return Step(done=True)
        return Step((self._spaced(speech),), done=True)

    def _spaced(self, words: str) -> str:
        """A message that follows another does not stick to it."""
        first = self._said and not self._message
        self._said = True
        return f" {words}" if first else words

    def _failed(self, error: object) -> Step:
        self.over = True
        told = error if isinstance(error, dict) else {}
        return Step(error=str(told.get("message") or told.get("code") or ""))

    def _notice(self, data: Mapping[str, Any]) -> None:
        if isinstance(found := data.get("conversation_id"), str):
            self.conversation_id = found


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Which one to run."""

    id: str = ""
    """Empty for the server's own choice."""
    chats: bool = True
    """Whether its agent understands more than commands. Home Assistant's own does not: one word
    beside "turn on the lamp", and the lamp stays off."""


def pipeline_for(language: str, wanted: str, found: Mapping[str, Any]) -> Pipeline:
    """Of those that the server lists; `wanted` is a name or an id.

    Without one it is the preferred, unless only another of them speaks the wearer's language: a run
    can't be told the language itself.
    """
    listed = found.get("pipelines")
    several = listed if isinstance(listed, list) else []
    pipelines = [each for each in several if isinstance(each, dict)]
    if wanted:
        named = [each for each in pipelines if wanted in (each.get("id"), each.get("name"))]
        return _as_chosen(named[0]) if named else Pipeline(wanted)
    speaking = [each for each in pipelines if _speaks(each, language)]
    preferred = [each for each in pipelines if each.get("id") == found.get("preferred_pipeline")]
    for each in preferred:
        if each in speaking or not speaking:
            return replace(_as_chosen(each), id="")
    return _as_chosen(speaking[0]) if speaking else Pipeline()


def _as_chosen(pipeline: Mapping[str, Any]) -> Pipeline:
    number = pipeline.get("id")
    chats = pipeline.get("conversation_engine") not in OWN_AGENT
    return Pipeline(number if isinstance(number, str) else "", chats)


def _speaks(pipeline: Mapping[str, Any], language: str) -> bool:
    """A pipeline for any language says `*`."""
    tag = pipeline.get("conversation_language") or pipeline.get("language")
    return isinstance(tag, str) and (tag == "*" or tag.replace("_", "-").split("-")[0] == language)


def _inner(fields: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = fields.get(key)
    return found if isinstance(found, dict) else {}
