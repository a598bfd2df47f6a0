"""Sentences from results, one package a notebook and one module a section: ``words.growth.title``.

Functions named ``meaning`` return Markdown in which every value is escaped; titles,
captions, alternative texts, table cells and headlines are plain text.
"""

from retention_lib.sections import sections
from retention_lib.words.display import say

__all__ = ["say"]

__getattr__, __dir__ = sections(__name__)
