"""The migrations, one module and one SQL file each."""
