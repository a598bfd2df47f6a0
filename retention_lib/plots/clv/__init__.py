"""Figures of notebook 04: what is each customer worth? One module a section."""

from retention_lib.sections import sections

__getattr__, __dir__ = sections(__name__)
