"""Whatever a server sends: it is parsed, answered or refused, and never a crash."""

import json
import math

from hypothesis import given, settings
from hypothesis import strategies as st

from mynah.companions.base import Act
from mynah.companions.ring_tools import TOOLS, TOUCHES, RingTools
from mynah.companions.voices import realtime_events, vtuber_messages, xiaozhi_messages
from mynah.companions.voices.mcp_device import McpDevice
from mynah.companions.voices.opus import MOST_PACKET_MS, packet_ms

WORDS = st.sampled_from(
    [
        "type",
        "state",
        "session_id",
        "text",
        "emotion",
        "payload",
        "message",
        "status",
        "command",
        "method",
        "id",
        "params",
        "name",
        "arguments",
        "jsonrpc",
        "result",
        "item",
        "delta",
        "response",
        "usage",
        "error",
        "code",
        "status_details",
        "event_id",
        "input_tokens",
        "input_token_details",
        "cached_tokens",
        "call_id",
        "model_info",
        "emotionMap",
        "display_text",
        "actions",
        "expressions",
        "audio",
        "item_id",
    ]
)
VALUES = st.sampled_from(
    [
        "hello",
        "listen",
        "stt",
        "llm",
        "tts",
        "start",
        "stop",
        "sentence_start",
        "mcp",
        "alert",
        "goodbye",
        "system",
        "reboot",
        "tools/call",
        "tools/list",
        "initialize",
        "self.ring.vibrate",
        "self.ring.light",
        "error",
        "response.done",
        "response.created",
        "response.audio.delta",
        "response.output_item.done",
        "function_call",
        "session.created",
        "audio",
        "set-model-and-conf",
        "AAAA",
    ]
)
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | VALUES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(WORDS | st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=12,
)
MESSAGES = st.dictionaries(WORDS, VALUES | TREES, max_size=6).map(json.dumps)
ANYTHING = MESSAGES | st.text(max_size=50) | st.binary(max_size=50)


@settings(max_examples=60, deadline=None)
@given(ANYTHING)
def test_any_message_is_one_of_xiaozhis_or_odd(message):
    heard = xiaozhi_messages.parse(message)

    assert isinstance(heard, xiaozhi_messages.Heard)
    if isinstance(heard, xiaozhi_messages.Rpc):
        McpDevice(RingTools()).answer(heard.payload)


@settings(max_examples=60, deadline=None)
@given(ANYTHING)
def test_any_message_is_one_of_open_llm_vtubers_or_odd(message):
    assert isinstance(vtuber_messages.parse(message), vtuber_messages.Heard)


@settings(max_examples=60, deadline=None)
@given(ANYTHING)
def test_any_message_is_a_realtime_event_or_odd(message):
    assert isinstance(realtime_events.parse(message), realtime_events.Heard)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(WORDS, VALUES | TREES, max_size=6) | TREES)
def test_any_call_of_the_rings_tools_gets_json_or_nothing(payload):
    answered = McpDevice(RingTools()).answer(payload)

    assert answered.payload is None or json.loads(json.dumps(answered.payload))["jsonrpc"] == "2.0"


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([tool.name for tool in TOOLS]) | st.text(max_size=8),
    TREES
    | st.fixed_dictionaries(
        {"act": st.sampled_from(TOUCHES)},
        optional={"strength": st.floats() | st.integers(), "times": st.floats() | st.integers()},
    ),
)
def test_no_call_moves_the_ring_beyond_its_bounds(name, arguments):
    act = RingTools().call(name, arguments).act

    assert act is None or isinstance(act, Act)
    if act is not None:
        assert 1 <= act.gain <= 255
        assert 1 <= act.repeat <= 5


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_have_a_length_or_none(packet):
    length_ms = packet_ms(packet)

    assert length_ms is None or (0 < length_ms <= MOST_PACKET_MS and math.isfinite(length_ms))
