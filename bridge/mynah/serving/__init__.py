"""The bridge as a server: its ears, voice and companion for other programs of this computer."""
