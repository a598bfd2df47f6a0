"""Figures of notebook 01: can the records be trusted? One module a section."""

from retention_lib.sections import sections

__getattr__, __dir__ = sections(__name__)
