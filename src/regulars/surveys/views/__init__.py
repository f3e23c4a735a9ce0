"""What surveys answer to browsers, one module per kind of page."""
