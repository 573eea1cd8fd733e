"""Says back what is typed on the console, for ever."""

import sys

print("ready")
while True:
    print("got", sys.stdin.readline().strip())
