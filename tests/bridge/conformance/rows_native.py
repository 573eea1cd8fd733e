"""Lane C: backends that hear and speak themselves, against fakes."""

from mynah.companions.base import Capabilities
from mynah.companions.fakes.realtime import FakeRealtime
from mynah.companions.fakes.vtuber import FakeVTuber
from mynah.companions.fakes.xiaozhi import FakeXiaozhi
from mynah.companions.voices.realtime import RealtimeCompanion
from mynah.companions.voices.vtuber import VTuberCompanion
from mynah.companions.voices.xiaozhi import XiaozhiCompanion
from tests.bridge.conformance.contract import ALL, SECRET, WAIT_S, Adapter

SPEAKS = Capabilities(
    memory="server",
    cancel="call",
    speaks=True,
    feels=True,
    tools=True,
    touched=True,
    proactive=True,
)
"""What xiaozhi is by default: our ears, its voice."""

TRUNCATES = Capabilities(
    memory="server", cancel="truncate", speaks=True, tools=True, counts=True, touched=True
)
"""What a Realtime server is by default."""

SHOWS = Capabilities(memory="server", cancel="truncate", speaks=True, feels=True, touched=True)
"""What Open-LLM-VTuber is by default."""

WAYS = ALL - {"thoughts", "busy"}
"""They think unheard, and refuse nobody for being busy."""


def xiaozhi(fake):
    # With an address of its own it leaves none on the disk.
    own = {"device_id": "02:00:00:00:00:01", "token": SECRET}
    return XiaozhiCompanion(url=fake.address, wait_s=WAIT_S, **own)


def realtime(server):
    """One whose fake is told apart from the others by what it is told of the session."""

    def make(fake):
        return RealtimeCompanion(server=server, url=fake.address, api_key=SECRET, wait_s=WAIT_S)

    return make


def vtuber(fake):
    return VTuberCompanion(url=fake.address, wait_s=WAIT_S)


ROWS = [
    Adapter("xiaozhi", FakeXiaozhi, xiaozhi, SPEAKS, WAYS, body_bytes=1600, tells_heard=True),
    Adapter(
        "realtime", FakeRealtime, realtime("localai"), TRUNCATES, WAYS, 12_000, tells_heard=True
    ),
    Adapter("realtime (beta)", FakeRealtime, realtime("stepfun"), TRUNCATES, WAYS),
    Adapter("open_llm_vtuber", FakeVTuber, vtuber, SHOWS, WAYS, body_bytes=8000, tells_heard=True),
]
