"""Figures: how fast, how right, and beside whom."""
