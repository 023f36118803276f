"""A bundle's folder: who its agents are, and the numbers in it."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from copur.errors import CopurError
from copur.program import PathLike


class Bundle:
    """What `copur train` wrote, or an agent's part of it."""

    def __init__(self, folder: PathLike) -> None:
        """Raises CopurError if there is none."""
        self.folder = Path(folder)
        path = self.folder / "bundle.json"
        if not path.is_file():
            raise CopurError(f"{self.folder} is no bundle: there is no bundle.json in it")
        try:
            self.manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise CopurError(f"{path}: {error}") from None

    @property
    def version(self) -> str:
        """What an agent names as the version of its model."""
        return str(self.manifest["modelVersion"])

    def tensors(self) -> dict[str, npt.NDArray[np.float32]]:
        """The numbers of every part, by their names in weights.safetensors."""
        path = self.folder / "weights.safetensors"
        data = path.read_bytes()
        try:
            (length,) = struct.unpack("<Q", data[:8])
            entries = json.loads(data[8 : 8 + length])
            start = 8 + length
            return {
                name: np.frombuffer(data[start + first : start + last], "<f4").reshape(entry["shape"])
                for name, entry in entries.items()
                if name != "__metadata__"
                for first, last in [entry["data_offsets"]]
            }
        except (ValueError, KeyError, TypeError, struct.error) as error:
            raise CopurError(f"{path} is no file of safetensors with numbers of 32 bits: {error}") from None
