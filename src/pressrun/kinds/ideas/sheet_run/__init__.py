"""Run the rows of a sheet in this process, and write the results back."""
