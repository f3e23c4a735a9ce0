"""Turns customers into regulars."""
