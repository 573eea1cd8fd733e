"""The live view's lines, made of how the conversation stands. Pure; nothing depends on colour."""

from dataclasses import dataclass
from typing import Final

from rich.console import Console
from rich.text import Text

from mynah.cli.live_link import link_line
from mynah.cli.view import NAME_WIDTH
from mynah.errors import printable
from mynah.turn.glimpse import Glimpse
from mynah.turn.machine import State
from mynah.turn.record import TurnRecord

HEIGHT: Final = 11
"""Lines, in every state: what comes and goes would make the conversation above jump."""
WIDEST: Final = 120
"""Longer lines are hard to read, and a meter has no more to tell."""

GUTTER: Final = "  "
INDENT: Final = NAME_WIDTH + len(GUTTER)
FULL_WIDTH: Final = 72
"""From here on nothing is left out."""
MIC_CLOSED: Final = "mic closed"
SILENT: Final = "silent"
BAR_WIDTH: Final = 60
"""At most: longer is no clearer. In 80 columns there is room for 57."""
LEAST_BAR_WIDTH: Final = 8
FIGURE_WIDTH: Final = len(GUTTER) + len(MIC_CLOSED)
QUIETEST_DBFS: Final = -60.0
"""The left end of a meter: the noise floor of a small microphone in a quiet room."""

EDGE: Final = "──"
TEXT_LINES: Final = 2
WINDOW: Final = 512
"""Characters that are laid out; two of the widest lines hold 240. The rest may be a megabyte."""
SOUNDING: Final = "▸"
"""Stands between what was heard and what is still to sound: dim is not seen everywhere."""
MORE: Final = "…"

SHADES: Final = "█▓▒░"
"""The longest part of a waterfall, the next two, and all others."""
REST: Final = "rest"

YOU: Final = "cyan"
COMPANION: Final = "green"
WAITING: Final = "magenta"
TROUBLE: Final = "red"


@dataclass(frozen=True, slots=True)
class Level:
    """One meter: now, and the loudest of late."""

    dbfs: float | None = None
    peak_dbfs: float | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """All that the live view shows at one moment."""

    title: str
    companion: str
    ring: str = ""
    hint: str = ""
    busy: str = ""
    glimpse: Glimpse | None = None
    hears: Level = Level()
    says: Level = Level()
    last: TurnRecord | None = None


def lines(frame: Frame, console: Console) -> list[Text]:
    """HEIGHT lines, none as wide as the terminal: its last column is not safe to write to."""
    width = max(1, min(console.width - 1, WIDEST))
    drawn = [
        _head(frame, width),
        _floor(frame, width),
        *_wearer(frame, width, console),
        *_answer(frame, width, console),
        _row("link", link_line(frame.glimpse, width - INDENT)),
        *_waterfall(frame.last, width),
    ]
    for line in drawn:
        line.truncate(width, overflow="ellipsis")
        line.rstrip()
    return drawn


def _head(frame: Frame, width: int) -> Text:
    """A line across, with the names in it."""
    title = Text(f" {printable(frame.title)} ", "bold")
    ring = Text(f" {printable(frame.ring)} " if frame.glimpse else "")
    room = width - title.cell_len - 2 * len(EDGE)
    ring.truncate(max(0, room), overflow="ellipsis")
    between = "─" * (room - ring.cell_len)
    return Text.assemble((EDGE, "dim"), title, (between, "dim"), ring, (EDGE, "dim"))


def _floor(frame: Frame, width: int) -> Text:
    """Who has the turn, and what there is to do or to wait for."""
    mark, words, style = _who(frame)
    line = _row(mark, Text(words, f"bold {style}"), f"bold {style}")
    beside = Text(frame.busy or printable(frame.hint), WAITING if frame.busy else "")
    return Text.assemble(line, "   ", beside) if beside and line.cell_len < width else line


def _who(frame: Frame) -> tuple[str, str, str]:
    """A mark, words and a style; each tells it without the others."""
    match frame.glimpse:
        case None:
            return "◌", printable(frame.ring) or "starting", ""
        case Glimpse(state=State.HEARING, speech_ms=speech_ms):
            return "●", f"listening to you {speech_ms / 1000:.1f} s", YOU
        case Glimpse(state=State.COMMITTED):
            return "◐", "thinking", WAITING
        case Glimpse(state=State.SPEAKING):
            return "►", f"{printable(frame.companion)} is speaking", COMPANION
    return "○", "your turn", ""


def _wearer(frame: Frame, width: int, console: Console) -> list[Text]:
    said = _under_way(frame)
    transcript = Text(printable(_tail(said.transcript)) if said else "")
    meter = _meter(frame.hears, width, YOU, MIC_CLOSED)
    return [_row("you", meter, YOU), *_two_lines(transcript, width, console)]


def _answer(frame: Frame, width: int, console: Console) -> list[Text]:
    meter = _meter(frame.says, width, COMPANION, SILENT)
    said = _under_way(frame)
    reply = _reply(said) if said else Text()
    return [_row(frame.companion, meter, COMPANION), *_two_lines(reply, width, console)]


def _under_way(frame: Frame) -> Glimpse | None:
    """A turn that is over stands in the conversation above, not here as well."""
    glimpse = frame.glimpse
    return glimpse if glimpse and glimpse.state is not State.LISTENING else None


def _reply(glimpse: Glimpse) -> Text:
    """What was heard and, while it may still sound, the rest."""
    heard = printable(_tail(glimpse.heard)).replace(SOUNDING, ">")
    rest = printable(glimpse.reply[len(glimpse.heard) :][:WINDOW]).replace(SOUNDING, ">")
    if glimpse.state is State.HEARING or not rest.strip():
        return Text(heard)
    return Text.assemble(heard, (SOUNDING, f"bold {COMPANION}"), (rest, "dim"))


def _tail(text: str) -> str:
    """Its end, at least a window; it begins at the same place while a window's worth is added."""
    return text[max(0, len(text) // WINDOW - 1) * WINDOW :]


def _two_lines(text: Text, width: int, console: Console) -> list[Text]:
    """The two that matter: with what sounds just now and what follows, or the last."""
    room = max(1, width - INDENT - len(MORE) - 1)
    wrapped = list(text.wrap(console, room, overflow="fold"))
    now = next((n for n, line in enumerate(wrapped) if SOUNDING in line.plain), len(wrapped))
    first = max(0, min(now, len(wrapped) - TEXT_LINES))
    shown = wrapped[first : first + TEXT_LINES]
    for line in shown:
        line.rstrip()
    if first + TEXT_LINES < len(wrapped):
        shown[-1].append(f" {MORE}", "dim")
    rows = [_row("", line) for line in shown]
    if first:
        rows[0] = _row("", shown[0], gutter=f"{MORE} ")
    return rows + [Text()] * (TEXT_LINES - len(rows))


def _meter(level: Level, width: int, style: str, silence: str) -> Text:
    room = max(LEAST_BAR_WIDTH, min(BAR_WIDTH, width - INDENT - FIGURE_WIDTH))
    loud, peak = _cells(level.dbfs, room), _cells(level.peak_dbfs, room)
    bar = Text("━" * loud, style)
    bar.append("─" * (room - loud), "dim")
    if peak > loud:
        before, after = "─" * (peak - loud - 1), "─" * (room - peak)
        bar = Text.assemble(("━" * loud, style), (before, "dim"), ("┃", style), (after, "dim"))
    if level.dbfs is None:
        return Text.assemble(bar, GUTTER, (silence, "dim"))
    return Text.assemble(bar, GUTTER, f"{max(level.dbfs, QUIETEST_DBFS):3.0f} dB")


def _cells(dbfs: float | None, room: int) -> int:
    if dbfs is None:
        return 0
    return round(room * min(1.0, max(0.0, 1 - dbfs / QUIETEST_DBFS)))


def _waterfall(last: TurnRecord | None, width: int) -> list[Text]:
    """One bar of shades in the order of time, and what the shades are, the longest first."""
    if last is None:
        return [_row("last", Text("no turn yet", "dim")), Text()]
    if last.v2v_ms is None or not last.waterfall:
        return [_row("last", Text(printable(last.error or "no reply"), TROUBLE)), Text()]
    longest = sorted(last.waterfall, key=lambda name: -last.waterfall[name])
    shades = dict(zip(longest, SHADES[:-1], strict=False))
    whole = f"{last.v2v_ms:.0f} ms" + (" from voice to voice" if width >= FULL_WIDTH else "")
    room = max(LEAST_BAR_WIDTH, min(width - INDENT - len(GUTTER) - len(whole), BAR_WIDTH))
    bar = _shaded(last.waterfall, shades, room)
    return [
        _row("last", Text.assemble(bar, GUTTER, whole)),
        _row("", _legend(last.waterfall, shades)),
    ]


def _shaded(waterfall: dict[str, float], shades: dict[str, str], room: int) -> Text:
    bar = ""
    whole_ms = max(sum(waterfall.values()), 1.0)
    end_ms = 0.0
    for name, ms in waterfall.items():
        end_ms += ms
        bar += shades.get(name, SHADES[-1]) * (round(room * end_ms / whole_ms) - len(bar))
    return Text(bar)


def _legend(waterfall: dict[str, float], shades: dict[str, str]) -> Text:
    parts = {f"{shade} {name.replace('_', ' ')}": waterfall[name] for name, shade in shades.items()}
    parts[f"{SHADES[-1]} {REST}"] = sum(ms for name, ms in waterfall.items() if name not in shades)
    return Text("  ".join(f"{part} {ms:.0f}" for part, ms in parts.items() if round(ms)))


def _row(name: str, content: Text | None = None, style: str = "dim", gutter: str = GUTTER) -> Text:
    """Set like a line of the conversation above it."""
    label = Text(printable(name), style)
    label.truncate(NAME_WIDTH, overflow="ellipsis")
    label.pad_left(NAME_WIDTH - label.cell_len)
    return Text.assemble(label, (gutter, "dim"), content or "")
