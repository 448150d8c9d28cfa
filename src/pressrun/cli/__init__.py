"""The command-line interface: commands, tables and the live view. Only this package imports Rich and click."""
