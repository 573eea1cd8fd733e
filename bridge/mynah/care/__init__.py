"""What a companion owes its wearer: help in need, an honest goodbye, rest, and that it is an AI."""
