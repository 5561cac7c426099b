"""PDF packets, signing, the verifier."""
