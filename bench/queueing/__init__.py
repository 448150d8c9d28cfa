"""What `python -m bench.queue` is made of."""
