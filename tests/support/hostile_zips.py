"""The zips of the hostile inputs, made by the program that comes with them."""

from __future__ import annotations

import importlib.util
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def make_zips(cases: Path, folder: Path) -> Path:
    """Make every zip, and their `manifest.json`, in `folder`; give it back. cases: the folder of the hostile inputs."""
    spec = importlib.util.spec_from_file_location("security_zips", cases / "archives" / "make.py")
    assert spec is not None
    assert spec.loader is not None
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # the maker leaves its manifest for the collector to close
        maker.main(str(folder))
    return folder
