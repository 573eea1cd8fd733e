"""The Wyoming pair as a conversation: its ears and voice, our models, companion and ring."""

from mynah.bench import wyoming_synthesizer, wyoming_transcriber
from mynah.bench.wyoming_server import WyomingServer
from mynah.bench.wyoming_synthesizer import WyomingSynthesizer
from mynah.bench.wyoming_transcriber import WyomingTranscriber
from mynah.companions import open_companion
from mynah.config import Settings
from mynah.needs import find_models
from mynah.stages import Stages


def wyoming_stages(settings: Settings) -> Stages:
    """Turns end as in Home Assistant, after 0.7 s of silence, and nothing is begun before.

    UserError if the servers are not installed.
    """
    models = find_models(settings)
    language = None if settings.hearing.language == "auto" else settings.hearing.language
    hearing = wyoming_transcriber.options(models.hearing, language)
    speaking = wyoming_synthesizer.options(models.voice)
    return Stages(
        WyomingTranscriber(WyomingServer(wyoming_transcriber.MODULE, hearing), language),
        open_companion(settings.companion, settings),
        WyomingSynthesizer(WyomingServer(wyoming_synthesizer.MODULE, speaking)),
        volume=settings.speaking.volume,
        profile=None,
        attempts=0,
    )
