"""The console's own pages, one module per page."""
