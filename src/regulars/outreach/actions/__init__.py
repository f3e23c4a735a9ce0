"""Everything that outreach writes."""
