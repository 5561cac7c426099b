"""From frozen inputs to the sections of a packet: what is said, in which words, from which source."""
