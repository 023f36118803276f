"""Data frames; pandas is loaded by the first one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from copur.errors import CopurError

if TYPE_CHECKING:
    import pandas as pd


def check_pandas() -> None:
    """Raises CopurError where there is no pandas."""
    try:
        import pandas  # noqa: F401
    except ImportError as error:
        raise CopurError("data frames need pandas: pip install 'copur[frames]'") from error


def data_frame(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """A row for each mapping, with all of their keys as columns."""
    check_pandas()
    import pandas as pd

    return pd.DataFrame(rows)


def read_csv(path: Path, texts: Sequence[str], optional_integers: Sequence[str]) -> pd.DataFrame:
    """A CSV file in which nothing but an integer may be left out; that is <NA> then."""
    check_pandas()
    import pandas as pd

    types = {**dict.fromkeys(texts, "str"), **dict.fromkeys(optional_integers, "Int64")}
    empty = {name: [""] for name in optional_integers}
    return pd.read_csv(path, dtype=types, keep_default_na=False, na_values=empty)
