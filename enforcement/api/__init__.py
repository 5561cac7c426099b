"""REST: parse, authorize, call one service or selector, render."""
