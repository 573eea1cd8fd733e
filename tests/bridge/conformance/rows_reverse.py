"""Lane D: SillyTavern in a browser, asked over the WebSocket of its extension, against a fake."""

from functools import partial

from mynah.serving.fake_tab import ABOUT, FakeTab
from mynah.serving.tavern import SillyTavernCompanion
from tests.bridge.conformance.contract import WAIT_S, Adapter


def tavern(fake):
    return SillyTavernCompanion(fake.tabs)


ROWS = [
    Adapter(
        "sillytavern",
        partial(FakeTab, WAIT_S),
        tavern,
        SillyTavernCompanion.capabilities,
        ways=frozenset(ABOUT),
        tells_heard=True,
    )
]
