"""POST /v1/audio/speech: words in, sound out as it is made; or through the ring instead."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import numpy as np

from mynah.audio import SPEECH_HZ, Samples
from mynah.seeing.exchange import Exchange
from mynah.serving.fields import Fields
from mynah.serving.refusals import RequestError
from mynah.serving.services import Services
from mynah.serving.sound_out import FASTEST, FORMS, SLOWEST, encoder
from mynah.serving.through_ring import Handed
from mynah.speech.sentences import ClauseSplitter

MOST_CHARACTERS: Final = 4096
"""As OpenAI has it: five minutes."""

MOST_NAME: Final = 100

FLOOR_S: Final = 60.0
"""How long the ring may be busy with somebody else before its words are given up."""

_SILENCE: Final = np.zeros(SPEECH_HZ // 10, np.int16)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be said, and how."""

    text: str
    form: str
    speed: float


def wanted(fields: Fields) -> Wanted:
    """RequestError if it can't be done. There is one voice: any name gets it."""
    fields.text("model", MOST_NAME, "")
    voice = fields.get("voice")
    if not isinstance(voice, str | dict | None) or len(str(voice)) > MOST_NAME:
        raise RequestError("voice has to be a name", param="voice")
    if fields.text("stream_format", MOST_NAME, "audio") != "audio":
        raise RequestError("stream_format can only be audio", param="stream_format")
    return Wanted(
        fields.text("input", MOST_CHARACTERS),
        fields.choice("response_format", list(FORMS), "mp3"),
        fields.number("speed", SLOWEST, FASTEST, 1.0),
    )


async def speak(services: Services, exchange: Exchange) -> None:
    """Hung up on, it stops after the clause that is being made."""
    asked = wanted(Fields.parsed(await exchange.body()))
    match exchange.query.get("play", ""):
        case "":
            await _answer(exchange, asked, _sound(services, asked.text))
        case "ring":
            await _hand_over(services, asked.text)
            await _answer(exchange, asked, _silence())
        case _:
            raise RequestError("play can only be ring", param="play")


async def _hand_over(services: Services, text: str) -> None:
    begin = services.begin()
    if begin is None:
        raise RequestError(
            "no ring is in a conversation; put it within reach, or leave out play=ring",
            HTTPStatus.SERVICE_UNAVAILABLE,
        )
    handed = Handed(clauses(text))
    begin(handed)
    try:
        async with asyncio.timeout(FLOOR_S):
            taken = await handed.taken()
    except TimeoutError:
        taken = False
    finally:
        handed.give_up()
    if not taken:
        raise RequestError(
            "the ring does not speak just now: somebody has the floor, or it is to be quiet; "
            "ask again later",
            HTTPStatus.CONFLICT,
        )


async def _answer(exchange: Exchange, asked: Wanted, sound: AsyncGenerator[Samples, None]) -> None:
    """The head goes out with the first sound: until then an error can still be told."""
    coder = await asyncio.to_thread(encoder, asked.form, asked.speed)
    async with aclosing(sound):
        async for samples in sound:
            part = await asyncio.to_thread(coder.push, samples)
            if not exchange.begun:
                await exchange.begin(FORMS[asked.form].content_type)
            await exchange.send(part)
    if not exchange.begun:
        raise RequestError("there is nothing in it that can be spoken", param="input")
    await exchange.send(await asyncio.to_thread(coder.finish))
    await exchange.end()


async def _sound(services: Services, text: str) -> AsyncGenerator[Samples, None]:
    """Clause by clause, between which a conversation's own words go first."""
    voice = services.synthesizer.reply()
    for clause in clauses(text):
        async with aclosing(voice.speak(clause)) as pieces:
            async for samples in pieces:
                yield samples


async def _silence() -> AsyncGenerator[Samples, None]:
    """What a player gets that asked for sound and had the ring play it: a tenth of a second."""
    yield _SILENCE


def clauses(text: str) -> list[str]:
    """What can be said of a text."""
    splitter = ClauseSplitter()
    return [*splitter.push(text), *splitter.flush()]
