"""Page views: parse, authorize, call one service or selector, render."""
