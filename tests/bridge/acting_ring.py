"""A ring that is told of acts, and keeps them."""

from mynah_wire.uplink import Ready


class FakeSession:
    def __init__(self, capabilities):
        self.ready = None
        if capabilities is not None:
            self.ready = Ready(bytes(8), 1, 1, capabilities, 2, 2000, 0, b"a board")


class FakeRing:
    def __init__(self, capabilities):
        """None: it has not told yet what it can do."""
        self.session = FakeSession(capabilities)
        self.told = []

    def tell(self, message):
        self.told.append(message)
