"""What `bench.render` is made of: the film it renders, the processes it measures, and how pictures are compared."""
