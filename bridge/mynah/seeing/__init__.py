"""Seeing what happens: log, metrics, health, crash reports, captures. Figures, never words."""
