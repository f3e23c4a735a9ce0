"""What changes feedback and cases, one module per noun."""
