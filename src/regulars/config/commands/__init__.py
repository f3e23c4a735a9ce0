"""The commands of `regulars`, one module each."""
