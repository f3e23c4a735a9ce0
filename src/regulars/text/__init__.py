"""Understanding of short comments in five languages."""
