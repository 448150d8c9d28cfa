"""Files: the list of books, the database, run folders, durable writes and locks."""
