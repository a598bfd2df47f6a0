"""How fast is the suite beside what one would use instead? ``python -m benchmarks`` measures it.

Ratios only: both are timed by turns in one process, so that a slow machine slows down both.
"""
