import uuid

from mynah_wire.gatt import (
    AUDIO_MTU,
    BEST_MTU,
    DOWNLINK_UUID,
    LARGEST_MTU,
    SEALED_MTU,
    SERVICE_UUID,
    SMALLEST_MTU,
    UPLINK_UUID,
    record_limit,
)


def test_all_uuids_come_from_one_base_and_differ():
    uuids = [uuid.UUID(text) for text in (SERVICE_UUID, UPLINK_UUID, DOWNLINK_UUID)]

    assert {each.bytes[:10] for each in uuids} == {b"mynah-ring"}
    assert [int.from_bytes(each.bytes[10:]) for each in uuids] == [1, 2, 3]


def test_a_record_fits_one_notification_and_one_link_layer_packet():
    for mtu in range(SMALLEST_MTU, LARGEST_MTU + 1):
        assert 20 <= record_limit(mtu) <= mtu - 3
        assert record_limit(mtu) + 3 + 4 <= 251


def test_the_mtus_are_in_order():
    assert SMALLEST_MTU < SEALED_MTU < AUDIO_MTU < BEST_MTU < LARGEST_MTU
    assert record_limit(AUDIO_MTU) == 182
