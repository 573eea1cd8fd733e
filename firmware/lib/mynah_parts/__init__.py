"""Where metal is touched: alone in importing what a chip or MicroPython itself provides."""
