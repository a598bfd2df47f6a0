"""Sentences of the first screen: the figures, and what to do. One module a section."""

from retention_lib.sections import sections

__getattr__, __dir__ = sections(__name__)
