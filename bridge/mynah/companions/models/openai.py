"""The companion `openai`: any server that speaks OpenAI's chat completions."""

from mynah.companions.models.model import ModelCompanion
from mynah.companions.models.openai_trouble import Trouble
from mynah.companions.models.openai_wire import OpenAIWire
from mynah.companions.models.presets import quirks_of_host, wants_key
from mynah.companions.reaching.openai_http import api_key
from mynah.config import OpenAI


class OpenAICompanion(ModelCompanion):
    """Made from the section [openai]; a vendor whose host is known gets what it wants."""

    def __init__(self, settings: OpenAI) -> None:
        quirks = quirks_of_host(settings.base_url)
        trouble = Trouble(settings.base_url, settings.model, settings.wait_s)
        key = api_key(settings)
        super().__init__(settings, key, OpenAIWire(), quirks, trouble)
        self.keyless = not key and wants_key(settings.base_url)
