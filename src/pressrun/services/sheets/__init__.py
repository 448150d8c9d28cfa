"""Read and write spreadsheets in Google Sheets."""
