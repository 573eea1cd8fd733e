"""The sections of the page of results: each makes Markdown of one kind's figures. Pure."""

from collections.abc import Callable, Mapping, Sequence
from math import isinf
from typing import Any, Final

from mynah.reliability.growth import WARM_S, WARM_SHARE

Figures = Mapping[str, Any]

PERCENT: Final = 100
AGAIN: Final = "answered again: the host died before it could note that it had answered"
LEFT_OUT: Final = (
    "Left out, while caches fill: the first {share} % of the soak, and the first {minutes} minutes "
    "of each life of a worker, {ring} of the ring's. Faults end those, and the next begins with "
    "nothing: each life has a line of its own, and all have one slope. Of a minute that look "
    "counts than which a quarter are lower: what a turn takes for a moment is no growth. Of soaks "
    "in which nothing grows, 95 in 100 have all their lines within noise: by Student's t, "
    "neighbours counted for as much as they tell, and what moves judged together, by Šidák. Where "
    "noise would hide a twentieth of what is held, or 60 of a number, it can't be told."
)
CANCELLED: Final = "cancelled by a second tap, which is no speech"
ASTRAY: Final = "of them told all the same: the link went before the ring could say so"
_NAMED: Final = ("disconnect", "host_kill", "power_cut")


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """A table in Markdown."""
    lines = ["| " + " | ".join(head) + " |", "| --- " * len(head) + "|"]
    return lines + ["| " + " | ".join(map(_cell, row)) + " |" for row in rows]


def chaos(figures: Figures) -> list[str]:
    """Of the two worlds, the virtual and the emulated."""
    happened, lost = figures["happened"], figures["lost"]
    rows: list[tuple[str, object]] = [
        ("utterances whose button was released", figures["utterances"]),
        ("disconnects", happened.get("disconnect", 0)),
        ("times the host was killed", happened.get("host_kill", 0)),
        ("times the ring lost its power", happened.get("power_cut", 0)),
        ("arrived once", figures["arrived"]),
        *((f"reported lost: {reason}", count) for reason, count in sorted(lost.items())),
        ("**lost silently**", figures["silent"]),
        ("**arrived twice**", figures["duplicated"]),
        (AGAIN, figures["again"]),
    ]
    if "cancelled" in figures:
        rows.append((CANCELLED, figures["cancelled"]))
        rows.append((ASTRAY, figures["cancelled_told"]))
    if "frames" in figures:
        rows.append(("frames of those that arrived", figures["frames"]))
        rows.append(("of them lost on the air while live", figures["missing_frames"]))
    others = {name: count for name, count in happened.items() if name not in _NAMED}
    rows += [(f"{name.replace('_', ' ')}, times", count) for name, count in sorted(others.items())]
    if "virtual_s" in figures:
        rows.append(("virtual hours", figures["virtual_s"] / 3600))
    return table(("What", "How many"), rows)


def edges(figures: Figures) -> list[str]:
    """The host's end at each edge of one utterance."""
    rows = [(each["edge"], each["tried"], each["lost"], each["again"]) for each in figures["edges"]]
    return table(("Edge", "Tried", "Lost", "Answered again"), rows)


def fuzz(figures: Figures) -> list[str]:
    """Mutated records through the decoders: of each side."""
    rows = [
        (f"the {side}'s", each["engine"], each["records"], each["crashes"], each["hangs"])
        for side, each in figures.items()
    ]
    return table(("Decoders", "Mutated by", "Records", "Crashes", "Hangs"), rows)


def attacks(figures: Figures) -> list[str]:
    """What strangers tried."""
    kinds = figures["kinds"]
    rows = [(kind, each["tried"], each["accepted"]) for kind, each in kinds.items()]
    rows.append(("**all**", *(sum(row[place] for row in rows) for place in (1, 2))))
    told = ", ".join(map(str, figures["told_before_proof"])) or "nothing"
    return [*table(("Attack", "Tried", "Accepted"), rows), "", f"Told before proof: {told}."]


def recovery(figures: Figures) -> list[str]:
    """How soon it works again."""
    rows = [
        (fault, each["times"], *(each[f"{level}_ms"] / 1000 for level in ("p50", "p95", "max")))
        for fault, each in figures["faults"].items()
    ]
    return table(("Fault", "Times", "p50, s", "p95, s", "max, s"), rows)


def loss(figures: Figures) -> list[str]:
    """Words beside the clean run."""
    rows = [
        (
            f"{PERCENT * each['share']:g} %",
            each["lost"],
            each["frames"],
            f"{PERCENT * each['wer']:.1f} %",
            each["worst_samples"],
        )
        for each in figures["shares"]
    ]
    heads = ("Records lost", "Frames lost", "Of", "Words wrong", "Damaged samples a lost frame")
    heard = f"{figures['clips']} clips, {figures['words']} words, {figures['model']}."
    return [heard, "", *table(heads, rows)]


def soak(figures: Figures) -> list[str]:
    """An hour and more in real time."""
    growth = [
        (
            each["what"],
            f"{each['first']:g}",
            f"{each['last']:g}",
            f"{each['per_hour']:+.1f}",
            f"{each['noise_per_hour']:.1f}",
            _noise(each),
        )
        for each in figures["growth"]
    ]
    heads = ("What", "First", "Last", "An hour", "Noise", "Within noise of zero")
    turns = (
        f"{figures['hours']:.2f} hours, {figures['spoken']} utterances, {figures['turns']} turns "
        "told, violations: "
    )
    counted = [("turns", kind, count) for kind, count in sorted(figures["kinds"].items())]
    counted += [("faults", name, count) for name, count in sorted(figures["faults"].items())]
    counted += [("told", error, count) for error, count in sorted(figures["errors"].items())]
    return [
        f"{turns}**{figures['violations']}**.",
        "",
        *table(heads, growth),
        "",
        LEFT_OUT.format(
            share=round(PERCENT * figures.get("warm_share", WARM_SHARE)),
            minutes=round(figures.get("warm_s", WARM_S) / 60),
            ring=round(figures.get("ring_warm_s", 0) / 60) or "none",
        ),
        "",
        *table(("", "Which", "How many"), counted),
    ]


def egress(figures: Figures) -> list[str]:
    """Whom the bridge tried to reach."""
    rows = [
        (each["run"], each["to"], each["packets"], "yes" if each["companion"] else "**no**")
        for each in figures["connections"]
    ]
    ran = ", ".join(f"{each['run']} ({_yes(each['worked'])})" for each in figures["runs"])
    heads = ("Conversation", "To", "Packets that open", "The companion that was configured")
    others = f"Conversations, and whether they worked: {ran}. Others reached: {figures['others']}."
    return [others, "", *table(heads, rows)]


def rings(figures: Figures) -> list[str]:
    """Two at once, beside one alone."""
    rows = [
        (name, each["clips"], each["failed"], each["v2v_p50_ms"], each["v2v_p95_ms"])
        for name, each in figures.items()
        if isinstance(each, Mapping)
    ]
    heads = ("Ring", "Clips", "Without a reply", "Voice to voice, p50, ms", "p95, ms")
    return table(heads, rows)


SECTIONS: Final[Mapping[str, tuple[str, Callable[[Figures], list[str]]]]] = {
    "chaos": ("Chaos in virtual time", chaos),
    "edges": ("Killed at every edge of an utterance", edges),
    "stack": ("The same with a real MicroPython and a real Bluetooth stack", chaos),
    "fuzz": ("Fuzz", fuzz),
    "attacks": ("Attacks", attacks),
    "recovery": ("Recovery", recovery),
    "loss": ("Records lost above the link layer", loss),
    "soak": ("Soak, in real time, with models", soak),
    "egress": ("No egress", egress),
    "rings": ("Two rings on one bridge", rings),
}
"""By kind: the heading, and what makes the rest of it."""


def _yes(worked: object) -> str:
    return "yes" if worked else "no"


def _noise(each: Figures) -> str:
    if isinf(each["noise_per_hour"]):
        return "**too few samples**"
    if not each["within_noise"]:
        return "**no**"
    return "yes" if each["seen"] else "**can't be told**"


def _cell(value: object) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    if value is None:
        return ""
    return f"{value:.2f}" if isinstance(value, float) else str(value)
