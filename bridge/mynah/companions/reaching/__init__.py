"""What talks to a backend: connections, bounds, errors in one line, settings."""
