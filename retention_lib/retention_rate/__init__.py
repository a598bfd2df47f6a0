"""Notebook 03: do customers come back, and is that good? One module a section."""
