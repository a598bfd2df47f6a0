"""``python -m retention_lib.cli``: the command without its script."""

from retention_lib.cli import main

main()
