"""Tests of the buy-till-you-die models."""
