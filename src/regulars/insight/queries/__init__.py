"""Scores and people as pages, mail and programs read them. Nothing here writes."""
