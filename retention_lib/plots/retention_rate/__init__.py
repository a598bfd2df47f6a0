"""Figures of notebook 03: do customers come back, and is that good? One module a section."""

from retention_lib.sections import sections

__getattr__, __dir__ = sections(__name__)
