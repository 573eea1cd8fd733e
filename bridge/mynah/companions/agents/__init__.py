"""Agents that keep the conversation themselves: sent what is new, once it is said."""
