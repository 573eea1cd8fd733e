"""What the ring does, as pure cores: no I/O, no clock, no asyncio.

ring.py holds them together; the shells in mynah_parts feed it and carry out what it returns.
"""
