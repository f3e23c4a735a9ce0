"""Loading customers and purchases from files.

`unpack` turns any file into rows (in a process of its own), `columns` says what a column is,
`doubts` finds what can be read in two ways, `checking` makes records and reasons, `staging` writes
them in short transactions, `undoing` takes them back. `batches` holds what a person can do.
"""
