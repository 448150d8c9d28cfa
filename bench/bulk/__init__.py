"""What `python -m bench.bulk` is made of: one module for each row, with `measure(url, *, short)`."""
