"""A bundle's folder: who its agents are, and the numbers in it."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from copur.blocks import Floats
from copur.errors import CopurError
from copur.program import PathLike


class Bundle:
    """What `copur train` wrote, or the folder with an agent's own model that a training over the network left."""

    def __init__(self, folder: PathLike) -> None:
        """Raises CopurError if there is none."""
        self.folder = Path(folder)
        candidates = [self.folder / "bundle.json", self.folder / "agent.json"]
        path = next((path for path in candidates if path.is_file()), None)
        if path is None:
            raise CopurError(f"{self.folder} is no bundle: there is no bundle.json in it, nor an agent's agent.json")
        try:
            self.manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            # An agent's folder has one agent and one extractor, without a list.
            own = self.manifest if path.name == "agent.json" else None
            self.version = str(self.manifest["modelVersion"])
            self.widths: dict[str, int] = (
                {str(entry["name"]): int(entry["embedding"]) for entry in self.manifest["agents"]}
                if own is None
                else {str(own["agent"]): int(own["embedding"])}
            )
            self._parts: dict[str, dict[str, Any]] = {
                part["name"]: part for part in (self.manifest["parts"] if own is None else [own["extractor"]])
            }
        except (ValueError, KeyError, TypeError) as error:
            raise CopurError(f"{path} is no description of a model: {error!r}") from None
        self._is_agent = own is not None

    @property
    def agents(self) -> list[str]:
        """The agents, in the model's order."""
        return list(self.widths)

    def width(self, agent: str) -> int:
        """How wide an agent's embedding is."""
        if agent not in self.widths:
            raise CopurError(f"{self.folder} has the agents {', '.join(self.widths)} (actual: {agent})")
        return self.widths[agent]

    def tensors(self) -> dict[str, npt.NDArray[np.float32]]:
        """The numbers of every part, by their names in weights.safetensors."""
        path = self.folder / "weights.safetensors"
        data = path.read_bytes()
        try:
            (length,) = struct.unpack("<Q", data[:8])
            start = 8 + length
            tensors = {}
            for name, entry in json.loads(data[8:start]).items():
                if name == "__metadata__":
                    continue
                if entry["dtype"] != "F32":
                    raise ValueError(f"{name} is {entry['dtype']}")
                first, last = entry["data_offsets"]
                tensors[name] = np.frombuffer(data[start + first : start + last], "<f4").reshape(entry["shape"])
            return tensors
        except (ValueError, KeyError, TypeError, struct.error) as error:
            raise CopurError(f"{path} is no file of safetensors with numbers of 32 bits: {error}") from None

    def extractor(self, agent: str) -> Callable[[npt.ArrayLike], Floats]:
        """An agent's extractor of dense layers, from rows of its raw features to embeddings; NaN is no reading."""
        self.width(agent)
        name = "extractor" if self._is_agent else f"extractor.{agent}"
        part = self._parts.get(name)
        if part is None or part["kind"] != "network-extractor":
            raise CopurError(f"{self.folder} has no network as the extractor of {agent}")
        tensors = self.tensors()
        layers = []
        for layer in part["settings"]["architecture"]["layers"]:
            if layer["kind"] != "dense":
                raise CopurError(f"extractors are read if their layers are dense (actual: {layer['kind']})")
            place = f"{name}.{layer['name']}"
            activation = layer["settings"]["activation"]
            if "leakyReLU" in activation:
                slope = float(activation["leakyReLU"]["slope"])
            else:
                slope = {"identity": 1.0, "relu": 0.0}[next(iter(activation))]
            layers.append((tensors[f"{place}.weight"], tensors[f"{place}.bias"], np.float32(slope)))
        means, deviations = tensors[f"{name}.means"], tensors[f"{name}.standard_deviations"]

        def extract(rows: npt.ArrayLike) -> Floats:
            values = (np.asarray(rows, np.float32) - means) / deviations
            values[np.isnan(values)] = 0
            for weight, bias, slope in layers:
                values = values @ weight + bias
                values = np.where(values > 0, values, slope * values)
            return np.asarray(values, np.float32)

        return extract
