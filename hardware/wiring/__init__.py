"""Wiring of every board, made from its board file: what goes where, as a table and a drawing."""
