"""Where the data files are; the one place that tells an installed wheel from a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_INSTALLED = _PACKAGE / "_data"
_CHECKOUT = _PACKAGE.parent.parent


def schemas_dir() -> Path:
    """The directory that holds `ga/`, `beta/`, `http/` and `scenario.schema.json`."""
    return _root() / "schemas"


def fixtures_dir() -> Path:
    """The directory that holds `scenarios/` and `audio/`."""
    return _root() / "fixtures"


def _root() -> Path:
    # A wheel carries the data inside the package; an editable install or a checkout reads it in place.
    return _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT
