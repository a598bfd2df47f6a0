"""From transactions to the small weighted tables that every question uses.

Everything is an Ibis expression: :mod:`occasions` makes the one large table, :mod:`counts`
the small frames that intervals and models are computed from, :mod:`customers` one row each.
"""
