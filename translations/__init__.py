"""What translators get, and how it is tried: messages collected, a catalogue, a pseudo-language.

For who develops the suite: ``python -m translations catalogue`` and ``python -m translations pseudo``.
"""
