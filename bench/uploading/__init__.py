"""What `bench.upload_once` is made of: the faults it tries, and one trial of each."""
