"""Prove that what environment.yml hands to pip installs into an empty virtual environment.

As conda does, the lines of its pip section become a requirements file beside it, which pip
installs with that folder as the working directory.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent


def pip_lines() -> list[str]:
    """Return the lines of environment.yml's pip section."""
    plain = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    sections = [item["pip"] for item in plain["dependencies"] if isinstance(item, dict)]
    return [line for section in sections for line in section]


def install(python: Path) -> None:
    """Install the pip section with this interpreter."""
    handle, name = tempfile.mkstemp(prefix="condaenv.", suffix=".txt", dir=ROOT)
    os.close(handle)
    requirements = Path(name)
    try:
        requirements.write_text("\n".join(pip_lines()) + "\n", encoding="utf-8")
        run(python, "-m", "pip", "install", "--quiet", "-U", "-r", requirements.name)
    finally:
        requirements.unlink()


def run(*command: str | Path) -> None:
    """Run a command in the project's root, and fail if it fails."""
    print("+", *command, flush=True)
    subprocess.run(command, cwd=ROOT, check=True)


def main() -> None:
    """Install into an empty virtual environment and call the command from it."""
    with tempfile.TemporaryDirectory(prefix="environment-") as folder:
        venv.create(folder, with_pip=True)
        scripts = Path(folder) / ("Scripts" if sys.platform == "win32" else "bin")
        install(scripts / "python")
        run(scripts / "python", "-m", "pip", "check")
        run(scripts / "retention", "--help")


if __name__ == "__main__":
    main()
