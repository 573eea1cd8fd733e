"""Where Bumble's controller is not enough."""

from types import SimpleNamespace

from bumble import hci

from mynah.emulator.link import RadioLink, new_device
from mynah.emulator.radio import RadioSettings

OURS, PEERS = "02:00:00:00:00:01", hci.Address("02:00:00:00:00:02")
HUNG_UP, LOST = 0x16, 0x08


async def test_a_link_that_is_lost_in_the_moment_in_which_it_is_hung_up_ends_once():
    _, controller = new_device("ring", OURS, RadioLink(RadioSettings()))
    told = []
    controller.send_hci_packet = told.append
    connection = SimpleNamespace(handle=1, peer_address=PEERS)
    controller.le_connections[PEERS] = connection

    controller.on_le_disconnected(connection, HUNG_UP)
    controller.on_le_disconnected(connection, LOST)

    assert [(event.connection_handle, event.reason) for event in told] == [(1, HUNG_UP)]
