"""Files: the list of books, the database, run folders, and how they are written so that nothing is lost."""
