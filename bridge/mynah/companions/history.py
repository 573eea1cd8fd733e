"""What a companion remembers of a conversation: the last turns, as they were heard. Pure."""

from typing import Final, Literal

ChatMessage = dict[str, str]
"""As OpenAI's chat completions and every chat template want it: role and content."""

Role = Literal["system", "user", "assistant"]

BYTES_PER_TOKEN: Final = 4
"""English has 4.2 bytes a token, Chinese about 3: near enough for a budget."""

MESSAGE_TOKENS: Final = 5
"""What a chat template puts around one message."""

_NO_MARKUP: Final = {ord(sign): " " for sign in "<>[]|\0"}
"""llama.cpp reads a template's own signs wherever they stand, in a user's words as well."""

_ENDS: Final = tuple(".!?…。！？\"'”’)")


class History:
    """Bounded: beyond its budget it forgets down to half of it, oldest first.

    Half at once, because a prompt that keeps its beginning is read from the model's cache.
    """

    def __init__(self, budget_tokens: int, most_turns: int | None = None) -> None:
        self._budget = budget_tokens
        self._most_turns = most_turns
        self._turns: list[tuple[str, str]] = []

    @property
    def turns(self) -> tuple[tuple[str, str], ...]:
        """The wearer's words, and what of the answer was heard; oldest first."""
        return tuple(self._turns)

    def add(self, said: str, heard: str) -> None:
        """A turn is over."""
        if not said.strip():
            return
        self._turns.append((said.strip(), heard.strip()))
        if self._most_turns is not None and len(self._turns) > self._most_turns:
            self.keep_last(self._most_turns // 2)
        if self._tokens() <= self._budget:
            return
        while len(self._turns) > 1 and self._tokens() > self._budget // 2:
            del self._turns[0]
        if self._tokens() > self._budget:
            self._turns.clear()

    def keep_last(self, turns: int) -> None:
        """Forget all but so many."""
        del self._turns[: max(len(self._turns) - turns, 0)]

    def forget(self) -> None:
        self._turns.clear()

    def messages(self, said: str) -> list[ChatMessage]:
        """The turns and what is said now, roles in strict alternation: many templates insist."""
        chat: list[ChatMessage] = []
        unanswered: list[str] = []
        for words, heard in self._turns:
            unanswered.append(words)
            if heard:
                chat += [
                    message("user", "\n".join(unanswered)),
                    message("assistant", _as_heard(heard)),
                ]
                unanswered = []
        return [*chat, message("user", "\n".join([*unanswered, said]))]

    def _tokens(self) -> int:
        return sum(tokens(said) + tokens(heard) for said, heard in self._turns)


def message(role: Role, content: str) -> ChatMessage:
    """One message of a chat.

    What a microphone or a model made has no say in who speaks: signs that chat templates are
    written in, as in <|im_start|> and [INST], are no words, and are taken out.
    """
    words = whole(content)
    return {"role": role, "content": words if role == "system" else without_markup(words)}


def whole(text: str) -> str:
    """Without halves of characters: a broken program writes them, and no server takes them."""
    return text.encode(errors="replace").decode()


def without_markup(text: str, keep: str = "") -> str:
    """The text without the signs that chat templates are written in, but for those in `keep`."""
    signs = {sign: space for sign, space in _NO_MARKUP.items() if chr(sign) not in keep}
    return text.translate(signs)


def tokens(text: str) -> int:
    """About how many a message takes."""
    return -(-len(text.encode(errors="replace")) // BYTES_PER_TOKEN) + MESSAGE_TOKENS


def _as_heard(text: str) -> str:
    """An answer that was cut short looks like one."""
    return text if text.endswith(_ENDS) else f"{text}…"
