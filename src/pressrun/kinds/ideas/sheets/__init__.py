"""Make the rows of a sheet into videos, and write the results back: Google Sheets, .csv and .xlsx files."""
