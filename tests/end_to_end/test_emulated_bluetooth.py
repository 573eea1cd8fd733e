"""The whole radio: a script in the real interpreter, Bumble, the modelled air, and plain bleak."""

import asyncio
import struct

import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import BleakError
from bleak_retry_connector import BleakClientWithServiceCache, establish_connection
from bumble.core import UUID
from bumble.device import Peer

from tests.end_to_end.radio_bench import ADDRESS, DOWN, SERVICE, UP, connected, powered, ring

QUEUE = 12


# Bumble's, when a packet and a hang-up cross on their way, as they may on any controller.
CROSSED = "connection 0x0001 not found"


@pytest.fixture(autouse=True)
def _nothing_is_logged(caplog):
    yield
    told = [record for record in caplog.get_records("call") if record.levelname != "DEBUG"]
    assert [record for record in told if record.getMessage() != CROSSED] == []


async def test_the_ring_is_found_by_its_service_and_the_ecosystems_connector_connects(tmp_path):
    heard = asyncio.get_running_loop().create_future()

    def detected(device, data):
        if not heard.done():
            heard.set_result((device, data))

    async with ring(tmp_path) as emulated:
        backend = emulated.air.scanner_backend
        async with BleakScanner(detected, [SERVICE], backend=backend), asyncio.timeout(5):
            device, data = await heard
        client = await establish_connection(
            BleakClientWithServiceCache, device, "ring", backend=emulated.air.client_backend
        )
        await emulated.console.wait_for("interval 24 timeout 42")
        mtu = client.mtu_size
        most = client.services.get_characteristic(DOWN).max_write_without_response_size
        properties = client.services.get_characteristic(DOWN).properties
        await client.disconnect()
        await emulated.console.wait_for("disconnected 0")

    assert device.address == ADDRESS
    assert data.local_name == "ring"  # from the scan response
    assert data.service_uuids == [SERVICE]
    assert data.manufacturer_data == {0xFFFF: b"secret"}
    assert (mtu, most, properties) == (247, 244, ["write-without-response"])
    assert emulated.console.lines[:3] == [
        "connected 0 020000000001",
        "mtu 247",
        "interval 24 timeout 42",
    ]


async def test_a_thousand_notifications_arrive_in_order_though_the_pool_runs_out(tmp_path):
    async with ring(tmp_path, phy=2) as emulated, connected(emulated) as host:
        await host.write(b"C", 1000, 244)
        await host.wait_for(1000)

    assert host.numbers() == list(range(1000))
    assert emulated.count("enomem") > 0
    assert emulated.air.link.deepest <= QUEUE


async def test_eight_kilobytes_a_second_each_way_lose_nothing_and_no_queue_grows(tmp_path):
    frames, size, period_s = 120, 200, 0.025
    async with ring(tmp_path) as emulated, connected(emulated) as host:
        await host.write(b"P", frames, size, int(period_s * 1000))
        started = asyncio.get_running_loop().time()
        for number in range(frames):
            due = started + number * period_s
            await asyncio.sleep(due - asyncio.get_running_loop().time())
            await host.client.write_gatt_char(DOWN, bytes(size), response=False)
        await host.wait_for(frames)
        await host.write(b"R")
        await host.wait_for(frames + 1)

    assert host.numbers() == [*range(frames), 1 + frames + 1]
    assert emulated.count("enomem") == 0
    # 30 ms hold two frames at most; retransmissions may add some.
    assert emulated.air.link.deepest <= QUEUE // 2


async def test_writes_wait_for_the_controller_and_none_is_lost(tmp_path):
    async with ring(tmp_path) as emulated, connected(emulated) as host:
        for _ in range(200):
            await host.client.write_gatt_char(DOWN, bytes(244), response=False)
        await host.write(b"R")
        await host.wait_for(1)

    assert host.numbers() == [201]
    assert emulated.air.link.deepest <= QUEUE


@pytest.mark.parametrize(("mtu", "most"), [(23, 20), (185, 182), (247, 244), (517, 512)])
async def test_a_record_is_as_long_as_the_mtu_allows_and_no_longer(tmp_path, mtu, most):
    async with ring(tmp_path, mtu=mtu, interval_ms=7.5) as emulated, connected(emulated) as host:
        await emulated.console.wait_for(f"mtu {mtu}")
        record = bytes(range(1, most)) if most < 256 else bytes(511)
        await host.client.write_gatt_char(DOWN, b"E" + record, response=False)
        await host.wait_for(1)
        with pytest.raises(BleakError, match=f"^write of {most + 1} bytes, at most {most} "):
            await host.client.write_gatt_char(DOWN, bytes(most + 1), response=False)
        await host.write(b"C", 1, mtu)  # three more than a notification can hold
        await host.wait_for(2)

    assert host.values[0] == record
    assert len(host.values[1]) == mtu - 3
    assert emulated.count("notification_truncated") == 1


async def test_half_a_second_of_silence_disconnects_both_sides_and_the_ring_comes_back(tmp_path):
    gone = asyncio.Event()
    async with ring(tmp_path) as emulated:
        async with connected(emulated, lambda _client: gone.set()) as host:
            emulated.air.outage(0, 0.5)
            async with asyncio.timeout(2):
                await gone.wait()
            assert not host.client.is_connected
            with pytest.raises(BleakError, match="Service Discovery has not been performed"):
                await host.write(b"R")
        await emulated.console.wait_for("disconnected 0")

        async with connected(emulated) as host:
            await host.write(b"E", 1)
            await host.wait_for(1)
    assert host.values == [b"\x01\x00"]


async def test_a_shorter_fade_only_delays(tmp_path):
    async with ring(tmp_path) as emulated, connected(emulated) as host:
        await host.write(b"P", 40, 100, 25)
        emulated.air.outage(0.2, 0.3)
        await host.wait_for(40)
        assert "disconnected 0" not in emulated.console.lines

    assert host.numbers() == list(range(40))


async def test_a_ring_without_power_is_missed_after_the_supervision_timeout_and_may_return(
    tmp_path,
):
    gone = asyncio.Event()
    async with ring(tmp_path) as emulated:
        async with connected(emulated, lambda _client: gone.set()):
            started = asyncio.get_running_loop().time()
            await emulated.interpreter.stop()
            await emulated.air.remove_peripheral(emulated.peripheral)
            async with asyncio.timeout(2):
                await gone.wait()
            took_s = asyncio.get_running_loop().time() - started

        async with powered(tmp_path, "radio_probe.py") as (interpreter, _console):
            await emulated.air.add_peripheral(interpreter.channel, ADDRESS)
            await interpreter.start()
            async with connected(emulated) as host:
                await host.write(b"E", 1)
                await host.wait_for(1)

    assert took_s > 0.4


async def test_a_ring_that_hangs_up_is_gone_at_once(tmp_path):
    gone = asyncio.Event()
    async with (
        ring(tmp_path) as emulated,
        connected(emulated, lambda _client: gone.set()) as host,
        asyncio.timeout(5),
    ):
        await host.write(b"D")
        await gone.wait()
        await emulated.console.wait_for("disconnected 0")

    assert not host.client.is_connected


async def test_who_is_not_there_is_not_found_and_may_be_tried_again(tmp_path):
    async with ring(tmp_path) as emulated:
        emulated.air.silence()
        client = BleakClient(ADDRESS, timeout=0.2, backend=emulated.air.client_backend)
        with pytest.raises(TimeoutError):
            await client.connect()

        emulated.air.restore()
        async with connected(emulated) as host:
            assert host.client.is_connected


@pytest.mark.parametrize("after_s", [0.0, 0.03, 0.1, 0.3])
async def test_a_cancelled_connect_leaves_nothing_half_connected(tmp_path, after_s):
    async with ring(tmp_path) as emulated:
        client = BleakClient(ADDRESS, timeout=5, backend=emulated.air.client_backend)
        attempt = asyncio.create_task(client.connect())
        await asyncio.sleep(after_s)
        attempt.cancel()
        with pytest.raises(asyncio.CancelledError):
            await attempt

        async with connected(emulated) as host:
            await host.write(b"E", 1)
            await host.wait_for(1)


async def test_a_stranger_may_connect_but_not_write_to_what_only_notifies(tmp_path):
    async with ring(tmp_path) as emulated:
        stranger = await emulated.air.new_central("stranger")
        connection = await stranger.connect(f"{ADDRESS}/P")
        peer = Peer(connection)
        await peer.request_mtu(100)
        await peer.discover_all()
        (up,) = peer.get_characteristics_by_uuid(UUID(UP))
        (down,) = peer.get_characteristics_by_uuid(UUID(DOWN))
        heard = asyncio.Queue()
        await up.subscribe(heard.put_nowait)
        await up.write_value(b"R")
        await down.write_value(b"R")
        async with asyncio.timeout(5):
            answer = await heard.get()
        await connection.disconnect()
        await emulated.console.wait_for("disconnected 0")

    assert answer == struct.pack("<I", 1)
    assert "mtu 100" in emulated.console.lines


async def test_the_air_leaves_no_task_behind(tmp_path):
    before = asyncio.all_tasks()
    async with ring(tmp_path) as emulated:
        client = BleakClient(ADDRESS, timeout=5, backend=emulated.air.client_backend)
        await client.connect()
        await client.start_notify(UP, lambda _characteristic, _value: None)
        await client.write_gatt_char(DOWN, b"C" + struct.pack("<HH", 1000, 244), response=False)
        # The connection is open, and the queues are full, when everything is taken away.
        await asyncio.sleep(0.1)

    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before
    assert not client.is_connected
