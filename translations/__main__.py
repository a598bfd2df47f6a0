"""``python -m translations catalogue`` or ``pseudo``: see :mod:`translations`."""

from __future__ import annotations

import sys

from retention_lib.client import project_root
from retention_lib.languages import folder
from translations.catalogues import update, write_pseudo, write_template
from translations.extraction import collected

if __name__ == "__main__":
    found = collected(project_root())
    if found.faults:
        sys.exit("\n".join([*found.faults, f"{len(found.faults)} faults; nothing was written."]))
    if sys.argv[1:] == ["catalogue"]:
        print(write_template(found, folder()), *update(found, folder()), sep="\n")
    elif sys.argv[1:] == ["pseudo"]:
        print(write_pseudo(found, folder()))
    else:
        sys.exit("Give `catalogue` or `pseudo`.")
