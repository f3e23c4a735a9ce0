"""Pages: `leaving` for customers, `outbox`, `server` and `addresses` for staff."""
