"""Mynah: the open companion that you wear and keep."""
