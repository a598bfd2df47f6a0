"""Figures, one package a notebook and one module a section: ``plots.growth.plot(frame, speech)``.

A frame goes in, matplotlib axes come out. Words and numbers come from ``study.speech``, titles and
alternative texts from :mod:`retention_lib.words`. :func:`show` ends every cell that draws.
"""

from retention_lib.plots.style import COLOURS, png, show
from retention_lib.sections import sections

__all__ = ["COLOURS", "png", "show"]

__getattr__, __dir__ = sections(__name__)
