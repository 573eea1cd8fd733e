"""Goes wrong."""

print("so far so good")
raise ValueError("the firmware's own mistake")
