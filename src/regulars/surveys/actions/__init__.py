"""Every write about surveys, one module per noun. Callers import the module."""
