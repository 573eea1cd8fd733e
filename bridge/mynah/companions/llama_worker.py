"""The language model's worker: `python -m mynah.companions.llama_worker MODEL`. A reply a token."""

import argparse
import json
import queue
import secrets
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import xllamacpp

from mynah.speech.child import ChildPipe, Reply
from mynah.speech.messages import Message

REUSED_TOKENS: Final = 8
"""When the oldest turns are forgotten, runs of this length and over are moved, not read again:
first words after 90 ms instead of 900."""

SAMPLING: Final = {
    # The model card's. By eye over 22 lines, at 0.5 a third of the answers left the subject.
    "temperature": 0.2,
    "top_p": 0.9,
    "repeat_penalty": 1.1,
    # Small models copy their own last answers word by word. Over 3 x 20 lines 8 % of the sentences
    # had been said before; with this, which looks for runs of over four tokens, 2 %.
    "dry_multiplier": 0.8,
    "dry_allowed_length": 4,
    "dry_penalty_last_n": 512,
    # Stage directions, and what further speakers say, are not for the ear.
    "stop": ["(", "*", "\n"],
    # For models that think aloud; others ignore it.
    "chat_template_kwargs": {"enable_thinking": False},
}


class Talker:
    """A loaded model."""

    def __init__(self, model: Path, threads: int, context_tokens: int, seed: int) -> None:
        self._seed = seed
        parameters = xllamacpp.CommonParams()
        parameters.model.path = str(model)
        parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = threads
        parameters.n_ctx = context_tokens
        parameters.n_parallel = 1
        parameters.n_cache_reuse = REUSED_TOKENS
        # It would keep up to 8 GB of old prompts.
        parameters.cache_ram_mib = 0
        _lock(parameters)
        self._server = xllamacpp.Server(parameters)

    def answer(self, request: Message) -> Iterator[Reply]:
        """Text as it is written; closing the iterator stops the model after the token in hand."""
        body = {
            "messages": json.loads(request.payload),
            "max_tokens": request.fields["tokens"],
            "stream": True,
            "seed": self._seed,
            **SAMPLING,
        }
        chunks: queue.SimpleQueue[dict[str, Any] | BaseException | None] = queue.SimpleQueue()
        stop = threading.Event()
        writer = threading.Thread(target=self._write, args=(body, chunks, stop), daemon=True)
        writer.start()
        try:
            while (chunk := chunks.get()) is not None:
                if isinstance(chunk, BaseException):
                    raise chunk
                yield from _replies(chunk)
        finally:
            stop.set()
            writer.join()

    def _write(
        self,
        body: dict[str, Any],
        chunks: "queue.SimpleQueue[dict[str, Any] | BaseException | None]",
        stop: threading.Event,
    ) -> None:
        """On a thread of its own: llama.cpp calls back, and would not wait for a reader."""

        def take(chunk: Any) -> bool:
            for each in chunk if isinstance(chunk, list) else [chunk]:
                chunks.put(each)
            return stop.is_set()

        try:
            self._server.handle_chat_completions(body, take)
        except BaseException as error:  # noqa: BLE001 - raised again where the answer is read
            chunks.put(error)
        chunks.put(None)


def _lock(parameters: Any) -> None:
    """llama.cpp always opens a port on the loopback address: nobody gets anything through it."""
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.n_threads_http = 1
    parameters.api_keys = [secrets.token_hex()]
    parameters.cors_origins = ""
    parameters.endpoint_slots = False
    parameters.ui = False
    # Prompts hold what the wearer said: nothing is written, wherever it would go.
    parameters.verbosity = -1


def _replies(chunk: dict[str, Any]) -> Iterator[Reply]:
    if "error" in chunk:
        yield {"error": chunk["error"].get("message", "")}, b""
    for choice in chunk.get("choices", []):
        if text := choice["delta"].get("content"):
            yield {"text": text}, b""


def main() -> None:
    """Run until stdin ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--context", type=int, default=2048)
    parser.add_argument("--seed", type=int, default=-1)
    options = parser.parse_args()
    pipe = ChildPipe()
    talker = Talker(options.model, options.threads, options.context, options.seed)
    pipe.serve(talker.answer)


if __name__ == "__main__":
    main()
