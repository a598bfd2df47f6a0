"""Sentences of notebook 05: where should the next effort go? One module a section."""

from retention_lib.sections import sections

__getattr__, __dir__ = sections(__name__)
