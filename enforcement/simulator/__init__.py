"""The simulator: an invented campaign, its surroundings, and what a platform's warehouse would say of them.

A plain package: it imports nothing else of this project, reads no rows and starts no server.
"""
