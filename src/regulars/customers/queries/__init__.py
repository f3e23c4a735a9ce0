"""Customers and what they did, as pages and other packages read them; one module per noun."""
