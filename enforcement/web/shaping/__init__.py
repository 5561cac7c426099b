"""From rows to what templates show: words, addresses and series. No reads of its own beyond what it is handed."""
