"""A self-test as one page of Markdown, to read, or to paste into an issue."""

import re
from typing import Final

from rich.filesize import decimal

from mynah.errors import printable
from mynah.maker.selftest_report import Figure, Report, Result, Verdict

MARKS: Final = {
    Verdict.RUNNING: "…",
    Verdict.PASSED: "✓",
    Verdict.FAILED: "✗",
    Verdict.MISSING: "–",
    Verdict.NOT_ASKED: "·",
}

NONE: Final = "this board has none"

_UNITS: Final = {
    "kb_s": "kB/s",
    "dbfs": "dBFS",
    "db": "dB",
    "percent": "%",
    "ppm": "ppm",
    "mhz": "MHz",
    "hz": "Hz",
    "us": "µs",
    "ms": "ms",
    "bytes": "bytes",
    "millivolts": "mV",
}
_OF_SIZE: Final = re.compile(r"(down|up)_(\d+)_(kb_s|lost)")
_EXACT_BYTES: Final = 10_000
_LITERAL: Final = str.maketrans({each: f"\\{each}" for each in "\\`*[]<>|&!~"})
_EMULATED: Final = "Emulated: times are this computer's, sound and sensors are models; no chip's."


def figures_of(result: Result) -> str:
    """In words, without what the link's own table has."""
    named = [
        _figure(name, value)
        for name, value in result.figures.items()
        if not _OF_SIZE.fullmatch(name)
    ]
    return ", ".join([*named, *_rates(result)])


def page(report: Report, *, with_id: bool = False) -> str:
    """All of it; no key, and no id unless it is wanted."""
    lines = [
        f"# Self-test of a ring: {_literal(report.board)}",
        "",
        _EMULATED if report.emulated else "",
    ]
    lines += [*_head(report, with_id=with_id), "", "| | test | found |", "| --- | --- | --- |"]
    lines += [_row(result) for result in report.results]
    lines += _failures(report)
    lines += _sizes(report)
    lines += ["", f"✓ passed, ✗ failed, – {NONE}, · not asked"]
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


def _head(report: Report, *, with_id: bool) -> list[str]:
    system = next((result for result in report.results if result.test == "system"), None)
    told = {} if system is None else system.figures
    head = {
        "chip": told.get("chip", ""),
        "clock": f"{told['mhz']} MHz" if "mhz" in told else "",
        "MicroPython": told.get("micropython", ""),
        "firmware": f"build {report.build}",
        "link": report.link,
        "date": report.date,
        "device": report.device_id if with_id else "",
    }
    return ["", *(f"- {name}: {_literal(value)}" for name, value in head.items() if value)]


def _row(result: Result) -> str:
    found = figures_of(result)
    note = result.note or (NONE if result.verdict is Verdict.MISSING else "")
    told = _literal("; ".join(filter(None, (note, found))))
    return f"| {MARKS[result.verdict]} | {result.test} | {told} |"


def _failures(report: Report) -> list[str]:
    lines = [
        f"- {result.test}: {_literal(result.note)}. {result.next_step}" for result in report.failed
    ]
    told = [f"- the ring says: {_literal(line)}" for line in report.faults]
    return ["", "## What to do", "", *lines, *told] if lines or told else []


def _sizes(report: Report) -> list[str]:
    radio = next((result.figures for result in report.results if result.test == "radio"), {})
    sizes = sorted({int(named[2]) for name in radio if (named := _OF_SIZE.fullmatch(name))})
    if not sizes:
        return []
    rows = [
        f"| {size} | "
        + " | ".join(
            str(radio.get(f"{way}_{size}_{what}", ""))
            for way in ("down", "up")
            for what in ("kb_s", "lost")
        )
        + " |"
        for size in sizes
    ]
    head = "| bytes a record | to the ring, kB/s | lost | from the ring, kB/s | lost |"
    return ["", "## The link", "", head, "| --: | --: | --: | --: | --: |", *rows]


def _rates(result: Result) -> list[str]:
    """Throughput at each size in a word: "down 20/63/81/85 kB/s"."""
    ways: dict[str, list[str]] = {}
    for name, value in result.figures.items():
        named = _OF_SIZE.fullmatch(name)
        if named is not None and named[3] == "kb_s" and not isinstance(value, str):
            ways.setdefault(named[1], []).append(f"{value:.0f}")
    return [f"{way} {'/'.join(rates)} kB/s" for way, rates in ways.items()]


def _literal(words: object) -> str:
    """Shown as they are wherever the page is pasted: a ring's words make no link, image or HTML."""
    return printable(str(words)).translate(_LITERAL)


def _bytes(value: Figure) -> str:
    """As many as they are, or in the largest unit that there is one of."""
    if isinstance(value, str) or value < _EXACT_BYTES:
        return f"{value} bytes"
    return str(decimal(int(value)))


def _figure(name: str, value: Figure) -> str:
    for ending, unit in _UNITS.items():
        if name == ending or name.endswith(f"_{ending}"):
            words = name.removesuffix(ending).replace("_", " ").strip()
            told = f"{value} {unit}" if ending != "bytes" else _bytes(value)
            return f"{words} {told}".strip()
    return f"{name.replace('_', ' ')} {value}"
