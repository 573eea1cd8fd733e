"""POST /v1/audio/transcriptions: a file of sound in, its words out."""

import asyncio
import json
import threading
from http import HTTPStatus
from typing import Any, Final

from mynah.audio import Samples
from mynah.errors import AudioError
from mynah.seeing.exchange import PLAIN, Exchange
from mynah.serving.fields import Fields
from mynah.serving.multipart import Form, FormParser
from mynah.serving.refusals import JSON, RequestError
from mynah.serving.services import Services
from mynah.serving.sound_in import speech_of
from mynah.speech.asr import Transcript

FORMS: Final = ("json", "text", "verbose_json")
"""Subtitles would need the time of every word, which is not known here."""

MOST_NAME: Final = 100


async def transcribe(services: Services, exchange: Exchange) -> None:
    """Hung up on, it stops after the window that is being heard."""
    parser = FormParser(exchange.header("content-type"))
    async for part in exchange.parts():
        parser.push(part)
    form = parser.finish()
    wanted = _wanted(form, services.names.language)
    heard = await services.transcriber.transcribe(await decoded(form))
    match wanted:
        case "text":
            await exchange.answer(HTTPStatus.OK, PLAIN, f"{heard.text}\n".encode())
        case "verbose_json":
            await exchange.answer(HTTPStatus.OK, JSON, json.dumps(_at_length(heard)).encode())
        case _:
            await exchange.answer(HTTPStatus.OK, JSON, json.dumps({"text": heard.text}).encode())


def _wanted(form: Form, language: str) -> str:
    """The form of the answer."""
    fields = Fields(form.fields)
    check_language(fields.text("language", MOST_NAME, ""), language)
    if fields.text("stream", MOST_NAME, "false") not in {"false", "False", "0"}:
        raise RequestError("words can't be streamed: they are known at the end", param="stream")
    return fields.choice("response_format", FORMS, "json")


def check_language(asked: str, known: str) -> None:
    """RequestError if it is another than is heard here: `en-GB` is `en`."""
    plain = asked.lower().replace("_", "-").partition("-")[0]
    if plain and known not in {plain, "auto"}:
        raise RequestError(
            f"{asked!r} is not heard here, but {known!r}; set hearing.language", param="language"
        )


async def decoded(form: Form) -> Samples:
    """The file's sound; RequestError if there is none in it."""
    if not form.file:
        raise RequestError("there is no file in the form", param="file")
    given_up = threading.Event()
    try:
        return await asyncio.to_thread(speech_of, form.file, given_up)
    except AudioError as error:
        raise RequestError(str(error), param="file") from error
    finally:
        given_up.set()


def _at_length(heard: Transcript) -> dict[str, Any]:
    """One segment: more is not known of when was what."""
    segment = {
        "id": 0,
        "seek": 0,
        "start": 0.0,
        "end": heard.seconds,
        "text": heard.text,
        "avg_logprob": heard.average_log_probability,
        "no_speech_prob": heard.no_speech_probability,
    }
    return {
        "task": "transcribe",
        "language": heard.language,
        "duration": heard.seconds,
        "text": heard.text,
        "segments": [segment] if heard.text else [],
    }
