"""The Whisper worker: `python -m mynah.speech.asr_worker MODEL`. Replies for each window.

The first reply for a window is its text; a second one, if there is time and need, a better text.
A request to follow along, while the wearer speaks, is given up as soon as it is cancelled.
"""

import argparse
from pathlib import Path

from mynah.speech.child import ChildPipe
from mynah.speech.growing import GrowingVad
from mynah.speech.listener import Listener
from mynah.speech.smart_turn import SmartTurn


def main() -> None:
    """Run until stdin ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("--language", default="")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--beams", type=int, default=1)
    parser.add_argument("--smart-turn", type=Path)
    options = parser.parse_args()
    pipe = ChildPipe()
    from mynah.speech.whisper import Whisper  # 1.5 s of imports: after the pipe is ours

    whisper = Whisper(options.model, threads=options.threads, beams=options.beams)
    language = _spoken(options.language, whisper.languages, options.model.name)
    end_probability = SmartTurn(options.smart_turn).probability if options.smart_turn else None
    listener = Listener(
        whisper,
        language,
        GrowingVad().probabilities,
        overtaken=lambda: pipe.cancelled,
        end_probability=end_probability,
    )
    listener.warm_up()
    pipe.serve(listener.answer)


def _spoken(language: str, known: frozenset[str], model: str) -> str:
    """The language to hear; "" to detect it."""
    if language and language not in known:
        tongues = "English alone" if known == {"en"} else "en, de, zh and their like"
        raise ValueError(
            f"{model} knows {tongues}, and hearing.language is {language!r}; "
            "set it, or hearing.model"
        )
    return "en" if known == {"en"} else language


if __name__ == "__main__":
    main()
