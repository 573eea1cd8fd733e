"""How far the promises hold: chaos in virtual and in real time, a soak, losses, and their page."""
