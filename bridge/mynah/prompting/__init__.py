"""What a model is told in each turn: a mind made of a card, lore, memories and the last turns."""
