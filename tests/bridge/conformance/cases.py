"""What every companion of ours must do, whatever it talks to.

A case is a plain async function of a row. It needs no pytest, so that
`python -m tests.bridge.conformance` can run it as well.
"""

import asyncio
import re
from collections.abc import Callable
from contextlib import aclosing
from typing import Final

from mynah.companions.base import Reasoning, Said, Sound, Usage
from tests.bridge.conformance.contract import (
    ANSWER,
    ENDS_S,
    GONE_S,
    HEARD,
    NEXT,
    SAID,
    WAIT_S,
    Adapter,
    Case,
    answer,
    called_off,
    gone,
    spoken,
    talking,
    well_after,
    well_put,
)

UNHEARD: Final = "sleep"
"""A word of what was not heard; the wearer's own words hold it as well."""

CUTS: Final = 24
"""So many of an answer's bytes are tried as its last; `python -m tests.bridge.conformance --every`
tries each.
"""


async def answers(row: Adapter) -> None:
    """An answer comes whole, and in pieces as they are written."""
    async with talking(row) as (companion, _):
        pieces, error = await answer(companion)

        assert error is None, error
        assert spoken(pieces) == ANSWER
        words = [each for each in pieces if isinstance(each, str | Sound)]
        assert len(words) > 1, f"all at once: {words}"


async def tells_what_it_can_do(row: Adapter) -> None:
    """It promises what the table says."""
    async with talking(row) as (companion, _):
        assert companion.capabilities == row.capabilities


async def first_words_come_first(row: Adapter) -> None:
    """They are there while the server still writes."""
    async with (
        talking(row, "stall") as (companion, _),
        aclosing(companion.reply(SAID)) as reply,
    ):
        heard = ""
        while ANSWER.split()[0] not in heard:
            heard = spoken([heard, await anext(reply)])


async def any_cut_of_the_stream_says_the_same(row: Adapter) -> None:
    """A byte at a time."""
    async with talking(row, "trickle") as (companion, _):
        pieces, error = await answer(companion)

        assert error is None, error
        assert spoken(pieces) == ANSWER


async def an_interruption_hangs_up(row: Adapter) -> None:
    """In mid-answer: the server sees it within a second, and the next turn is answered."""
    for way in ("stall", "endless"):
        async with talking(row, way) as (companion, fake):
            reply = companion.reply(SAID)
            while not spoken([await anext(reply)]):
                pass
            await reply.aclose()
            await called_off(companion, HEARD)

            if row.capabilities.cancel != "none":
                assert await gone(fake.requests[0])
            await well_after(companion, fake)


async def an_interruption_before_the_first_word_hangs_up(row: Adapter) -> None:
    """Somebody went on talking while the server was silent."""
    async with talking(row, "hang") as (companion, fake):
        task = asyncio.create_task(answer(companion))
        await fake.asked.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await called_off(companion, "")

        assert task.cancelled()
        if row.capabilities.cancel != "none":
            assert await gone(fake.requests[0])
        await well_after(companion, fake)


async def an_error_in_mid_answer_is_told(row: Adapter) -> None:
    """After the words that came; and nobody is asked again, since they were spoken."""
    async with talking(row, "error") as (companion, fake):
        pieces, error = await answer(companion)

        well_put(error)
        assert ANSWER.startswith(spoken(pieces))
        assert len(fake.requests) == 1
        await well_after(companion, fake)


async def a_stream_that_breaks_off_is_told(row: Adapter) -> None:
    """As above, and the server just went."""
    async with talking(row, "cut") as (companion, fake):
        pieces, error = await answer(companion)

        well_put(error)
        assert ANSWER.startswith(spoken(pieces))
        assert len(fake.requests) == 1
        await well_after(companion, fake)


async def a_stall_is_told(row: Adapter) -> None:
    """A server that falls silent is given up, in mid-answer and before it."""

    async def told(way: str) -> None:
        async with talking(row, way) as (companion, fake):
            begun_s = now_s()
            _, error = await answer(companion)

            well_put(error)
            assert now_s() - begun_s < WAIT_S + GONE_S
            assert await gone(fake.requests[0])
            await well_after(companion, fake)

    now_s = asyncio.get_running_loop().time
    await asyncio.gather(told("stall"), told("hang"))


async def garbage_is_told(row: Adapter) -> None:
    """What is no answer at all is an error, and no word of it is spoken."""
    for way in ("garbage", "binary"):
        async with talking(row, way) as (companion, fake):
            pieces, error = await answer(companion)

            well_put(error)
            assert spoken(pieces) == ""
            await well_after(companion, fake)


async def an_endless_answer_is_stopped(row: Adapter) -> None:
    """And its connection is closed."""
    async with talking(row, "endless") as (companion, fake):
        pieces, error = await answer(companion)

        well_put(error)
        assert spoken(pieces)
        if row.capabilities.cancel != "none":
            assert await gone(fake.requests[0])


async def control_characters_are_not_spoken(row: Adapter) -> None:
    """A terminal takes them for orders."""
    async with talking(row, "controls") as (companion, _):
        pieces, _ = await answer(companion)

        assert spoken(pieces).replace("\n", " ").isprintable()


async def any_byte_may_be_the_last(row: Adapter, cuts: int = CUTS) -> None:
    """Hung up on after N bytes: a part of the answer and an error, or the whole."""
    async with row.fake() as fake:
        companion = row.make(fake)
        for most_bytes in range(0, row.body_bytes, max(1, row.body_bytes // cuts)):
            fake.behave(f"cut@{most_bytes}")
            async with asyncio.timeout(ENDS_S):
                pieces, error = await answer(companion)
            text = spoken(pieces)
            assert ANSWER.startswith(text), (most_bytes, text)
            if text != ANSWER:
                well_put(error)
        await well_after(companion, fake)
        await companion.close()


async def a_server_that_is_busy_is_asked_again(row: Adapter) -> None:
    """Once, when it says that it will be free at once; no word was spoken yet."""
    async with talking(row, "busy") as (companion, fake):
        pieces, error = await answer(companion)

        assert error is None, error
        assert spoken(pieces) == ANSWER
        assert len(fake.requests) == 2


async def thoughts_are_not_spoken(row: Adapter) -> None:
    """They come as Reasoning, or not at all."""
    async with talking(row, "thoughts") as (companion, _):
        pieces, error = await answer(companion)

        assert error is None, error
        assert spoken(pieces) == ANSWER
        if row.capabilities.thinks:
            assert any(isinstance(each, Reasoning) for each in pieces)


async def an_answer_says_what_it_cost(row: Adapter) -> None:
    """In tokens."""
    async with talking(row) as (companion, _):
        pieces, _ = await answer(companion)

        (usage,) = [each for each in pieces if isinstance(each, Usage)]
        assert usage.prompt > 0
        assert usage.answer > 0


async def what_was_not_heard_was_not_said(row: Adapter) -> None:
    """The next turn tells the server what was heard, and not what was written."""
    async with talking(row) as (companion, fake):
        await answer(companion)
        await called_off(companion, HEARD)
        companion.heard(SAID, HEARD)
        await answer(companion, NEXT)
        told = fake.requests[-1].told

        assert HEARD in told, told
        assert told.count(UNHEARD) == told.count(SAID.text), told
        assert NEXT.text in told


async def a_guess_leaves_nothing_behind(row: Adapter) -> None:
    """An answer that is thrown away: the next request is the same as if it had never been."""
    async with talking(row) as (companion, fake):
        await answer(companion, Said("Good", "en"))
        await answer(companion)
        await answer(companion)

        first, again = (re.sub(r"\s+", " ", each.told) for each in fake.requests[1:])
        assert first == again


async def an_answer_that_nobody_reads_is_not_asked_for(row: Adapter) -> None:
    """Nothing is sent before the first piece is wanted."""
    async with talking(row) as (companion, fake):
        await companion.reply(SAID).aclose()

        assert fake.requests == []
        await well_after(companion, fake)


async def closing_twice_is_no_error(row: Adapter) -> None:
    """And a companion that never said a word closes as well."""
    async with talking(row) as (companion, _):
        await companion.close()


def _has(*names: str) -> Callable[[Adapter], bool]:
    return lambda row: row.ways >= set(names)


CASES: Final[tuple[tuple[Case, Callable[[Adapter], bool]], ...]] = (
    (answers, _has("echo")),
    (tells_what_it_can_do, _has()),
    (first_words_come_first, _has("stall")),
    (any_cut_of_the_stream_says_the_same, _has("trickle")),
    (an_interruption_hangs_up, _has("stall", "endless")),
    (an_interruption_before_the_first_word_hangs_up, _has("hang")),
    (an_error_in_mid_answer_is_told, _has("error")),
    (a_stream_that_breaks_off_is_told, _has("cut")),
    (a_stall_is_told, _has("stall", "hang")),
    (garbage_is_told, _has("garbage", "binary")),
    (an_endless_answer_is_stopped, _has("endless")),
    (control_characters_are_not_spoken, _has("controls")),
    (any_byte_may_be_the_last, lambda row: row.body_bytes > 0),
    (a_server_that_is_busy_is_asked_again, _has("busy")),
    (thoughts_are_not_spoken, _has("thoughts")),
    (an_answer_says_what_it_cost, lambda row: row.capabilities.counts),
    (
        what_was_not_heard_was_not_said,
        lambda row: row.capabilities.memory == "client" or row.tells_heard,
    ),
    (a_guess_leaves_nothing_behind, lambda row: row.capabilities.memory == "client"),
    (an_answer_that_nobody_reads_is_not_asked_for, _has("echo")),
    (closing_twice_is_no_error, _has("echo")),
)
"""Every case, and whether a row has to pass it."""


def applicable(row: Adapter) -> list[Case]:
    """The cases that this row has to pass."""
    return [case for case, wanted in CASES if wanted(row)]
