"""Buy-till-you-die models: how often customers come back, until they silently do not.

`bgnbd`, `mbgnbd` and `paretonbd` fit the visits, `gammagamma` the amounts; `forecast` turns a fit
into what the product shows. Time is in weeks.
"""
