"""The conversation at every log-in: this computer's own service manager keeps it going."""
