"""Did thanking anyone bring them back? Randomise first, then compare by assignment.

`assignment` draws the comparison group, `effects` compares the groups once, `sequence` at every
look, `pooling` over many small plays, `planning` says beforehand what can be seen.
"""
