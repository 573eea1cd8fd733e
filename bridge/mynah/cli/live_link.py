"""How good the link is, in one line: a grade, and first whatever spoils it. Pure."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from rich.text import Text

from mynah.turn.glimpse import Glimpse
from mynah.turn.record import LinkFigures


class Grade(IntEnum):
    """The link is as good as the worst of its figures."""

    GOOD = 0
    FAIR = 1
    POOR = 2


MARKS: Final = {Grade.GOOD: "▂▄▆", Grade.FAIR: "▂▄", Grade.POOR: "▂"}

# A frame is 20 ms of voice. Single ones fall into pauses and vowels; from 3 % on, whole words do.
LOST_FAIR: Final = 0.005
LOST_POOR: Final = 0.03
# Every underrun is a gap in the reply that the wearer hears; the third in a reply annoys.
UNDERRUNS_FAIR: Final = 1
UNDERRUNS_POOR: Final = 3
# Twice the longest interval that the link is made for, 60 ms, and a little; then more than the
# 200 ms that people leave between turns.
ROUND_TRIP_FAIR_MS: Final = 150.0
ROUND_TRIP_POOR_MS: Final = 300.0
# How long this computer's own loop stood still: no fault of the radio, but felt as if it were.
STALL_FAIR_MS: Final = 100.0
STALL_POOR_MS: Final = 300.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One figure, in words."""

    grade: Grade
    long: str
    short: str


def findings(
    link: LinkFigures, round_trip_ms: float | None, loop_lag_ms: float = 0.0
) -> list[Finding]:
    """What is known of the link, the worst first."""
    found = []
    if link.frames or link.lost_frames:
        sent = link.frames + link.lost_frames
        grade = _grade(link.lost_frames / sent, LOST_FAIR, LOST_POOR)
        long = f"{link.lost_frames} of {sent} frames of your voice lost"
        found.append(Finding(grade, long, f"{link.lost_frames}/{sent} frames lost"))
        grade = _grade(link.underruns, UNDERRUNS_FAIR, UNDERRUNS_POOR)
        gaps = f"{link.underruns} gap{'' if link.underruns == 1 else 's'}"
        found.append(Finding(grade, f"{gaps} in the reply", gaps))
    if round_trip_ms is not None:
        grade = _grade(round_trip_ms, ROUND_TRIP_FAIR_MS, ROUND_TRIP_POOR_MS)
        words = f"{round_trip_ms:.0f} ms there and back"
        found.append(Finding(grade, words, f"round trip {round_trip_ms:.0f} ms"))
    if loop_lag_ms >= STALL_FAIR_MS:
        words = f"this computer stood still for {loop_lag_ms:.0f} ms"
        grade = _grade(loop_lag_ms, STALL_FAIR_MS, STALL_POOR_MS)
        found.append(Finding(grade, words, f"stalled {loop_lag_ms:.0f} ms"))
    if link.interval_ms is not None:
        words = f"every {link.interval_ms:g} ms"
        found.append(Finding(Grade.GOOD, f"radio {words}", words))
    return sorted(found, key=lambda finding: -finding.grade)


def link_line(glimpse: Glimpse | None, room: int) -> Text:
    """As much of it as has room; the grade always."""
    if glimpse is None:
        return Text("no link", "dim")
    found = findings(glimpse.link, glimpse.round_trip_ms, glimpse.loop_lag_ms)
    if not found:
        return Text("no figures yet", "dim")
    worst = found[0].grade
    line = Text.assemble((f"{MARKS[worst]:<3} ", _style(worst)), (worst.name.lower(), "bold"))
    return _filled(line, found, room)


def _filled(line: Text, found: list[Finding], room: int) -> Text:
    long = sum(len(f"  {finding.long}") for finding in found) + line.cell_len <= room
    for finding in found:
        words = finding.long if long else finding.short
        if line.cell_len + len(f"  {words}") > room:
            break
        line.append("  ").append(words, _style(finding.grade) if finding.grade else "")
    return line


def _grade(figure: float, fair: float, poor: float) -> Grade:
    if figure >= poor:
        return Grade.POOR
    return Grade.FAIR if figure >= fair else Grade.GOOD


def _style(grade: Grade) -> str:
    return {Grade.GOOD: "green", Grade.FAIR: "bold", Grade.POOR: "bold red"}[grade]
