"""Backups: made while everything runs, checked when they are brought back."""
