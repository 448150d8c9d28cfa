"""Ideas: rows of a request or a sheet, each made into a video."""
