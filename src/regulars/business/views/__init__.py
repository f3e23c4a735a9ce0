"""The pages of the business's own settings, one module per noun."""
