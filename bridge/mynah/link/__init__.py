"""The way to the ring: a Link carries records, `RingClient` talks through it."""
