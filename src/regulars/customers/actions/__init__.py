"""Every write about customers, one module per noun. Callers import the module."""
