"""The pages of feedback: the inbox, cases, and the public form."""
