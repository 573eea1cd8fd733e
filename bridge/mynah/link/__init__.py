"""The way to the ring: `open_link(uri)` makes a Link, `RingClient` talks through it."""
