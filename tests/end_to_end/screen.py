"""What a terminal was shown, line by line, and the conversation in it."""

import re

ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[^\[]")
LINE_END = re.compile(r"[\r\n]+")

LABEL = slice(0, 8)
GUTTER = slice(8, 10)
TEXT = slice(10, None)
PANEL = ("link", "last", "○", "●", "◐", "►", "◌")
METER = ("━", "─", "┃")
RULE = "──"
ENDED = re.compile(r"ended with (\d+)\.")
COST = re.compile(r"\d+ ms from voice to voice")


class Screen:
    """`lines` is all that was shown; `said` is who and what: what scrolls by above a live view.

    Nobody is who says what `mynah` itself says; "cost" is what stands under a turn.
    """

    def __init__(self):
        self.shown = b""
        self.lines = []
        self.said = []
        self._pending = b""
        self._goes_on = False

    @property
    def last(self):
        """The line that is not ended yet."""
        return ESCAPES.sub("", self._pending.decode(errors="replace"))

    def push(self, data):
        self.shown += data
        whole, end, rest = (self._pending + data).rpartition(b"\n")
        self._pending = rest
        for line in LINE_END.split(ESCAPES.sub("", (whole + end).decode(errors="replace"))):
            if line.strip():
                self.lines.append(line.rstrip())
                self._hear(line.rstrip())

    def _hear(self, line):
        who, text = line[LABEL].strip(), line[TEXT]
        is_row = line[GUTTER] == "  "
        if ENDED.match(line):
            self._goes_on = False  # the shell's word
        elif line.startswith(RULE) or (is_row and (who in PANEL or text.startswith(METER))):
            self._goes_on = False
        elif is_row and not who:
            self._go_on(text)
        elif not line.startswith(" ") or is_row:
            self.said.append((who, text) if is_row else ("", line))
            self._goes_on = True

    def _go_on(self, text):
        """Under what came before: the rest of it, or the turn's cost; or a live view's."""
        if COST.match(text):
            self.said.append(("cost", text))
            self._goes_on = True
        elif self._goes_on:
            who, begun = self.said[-1]
            self.said[-1] = (who, f"{begun} {text}")
