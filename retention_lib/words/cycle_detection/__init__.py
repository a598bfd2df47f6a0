"""Sentences of notebook 02: how often do customers really buy? One module a section."""

from retention_lib.sections import sections

__getattr__, __dir__ = sections(__name__)
