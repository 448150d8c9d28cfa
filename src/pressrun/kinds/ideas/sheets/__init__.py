"""Sheets as sources of rows: Google Sheets, and .csv and .xlsx files. Their results go into columns of their own."""
