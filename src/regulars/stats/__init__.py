"""Statistics for small numbers of customers: every number the product shows comes from here."""
