"""The REST door to the queue: reads requests, asks the queue, writes answers. It knows nothing of the terminal."""
