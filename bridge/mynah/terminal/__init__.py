"""The terminal as the ring's button: hold the space bar, or click, and talk."""
