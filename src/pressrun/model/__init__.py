"""Frozen data: what the program talks about. Nothing here reads, writes or starts anything."""
