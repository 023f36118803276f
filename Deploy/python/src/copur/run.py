"""Runs of scenarios: launched by `copur run`, read as data frames."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from copur.errors import CopurError
from copur.listener import Listener
from copur.plugin import Attack, Defense, Extractor, Plugin
from copur.program import PathLike, invoke
from copur.tables import data_frame, read_csv

if TYPE_CHECKING:
    import pandas as pd

# Columns of results.jsonl with a value an agent, which are in Run.agents.
PER_AGENT = ["residuals", "false_alarms"]


class Run:
    """A run's folder, as `copur run --out` writes it; of a run that was interrupted, too."""

    def __init__(self, folder: PathLike) -> None:
        """Raises CopurError if no run is there."""
        self.folder = Path(folder)
        if not (self.folder / "run.json").is_file():
            raise CopurError(f"{self.folder} holds no run: there is no run.json in it")

    @property
    def record(self) -> dict[str, Any]:
        """What was run, on what, by which program: run.json."""
        record: dict[str, Any] = json.loads((self.folder / "run.json").read_text(encoding="utf-8"))
        return record

    @property
    def is_finished(self) -> bool:
        """Whether every measurement was done."""
        return "finished" in self.record

    @property
    def report(self) -> Path:
        """The page for people."""
        return self.folder / "report.html"

    @property
    def results(self) -> pd.DataFrame:
        """A row for each seed, attack and defence, with the columns of results.csv; lists of names are tuples."""
        return self._frame(self._lines("results.jsonl"), PER_AGENT)

    @property
    def agents(self) -> pd.DataFrame:
        """A row for each seed, attack, defence and agent: its residual's quartiles, its rate of false alarms."""
        rows: dict[tuple[object, ...], dict[str, object]] = {}
        for row in self._lines("results.jsonl"):
            place = {key: row[key] for key in ("seed", "attack", "defense")}
            for column in PER_AGENT:
                for entry in row.get(column) or []:
                    key = (*place.values(), entry["agent"])
                    agent = rows.setdefault(key, {**place, "agent": entry["agent"]})
                    if "rate" in entry:
                        agent["false_alarm_rate"] = entry["rate"]
                    else:
                        quartiles = zip(("lower_quartile", "median", "upper_quartile"), entry["quartiles"], strict=True)
                        agent.update({f"residual_{name}": value for name, value in quartiles})
        return data_frame(list(rows.values()))

    @property
    def certificates(self) -> pd.DataFrame:
        """A row for each seed, defence and whom its certificates are against; none where nothing is certified."""
        return self._frame(self._lines("certificates.jsonl"), [])

    @property
    def losses(self) -> pd.DataFrame:
        """A row for each seed, training and epoch: the mean loss of a stage, as far as it is known."""
        return data_frame(
            [
                {"seed": bundle["seed"], "defenses": tuple(bundle.get("defenses") or ()), "stage": curve["stage"],
                 "epoch": epoch, "loss": loss}
                for bundle in self.record["bundles"]
                for curve in bundle.get("curves") or []
                for epoch, loss in curve["points"]
            ]
        )  # fmt: skip

    @property
    def predictions(self) -> pd.DataFrame:
        """A row a sample, of a run that kept them (predictions=True). No verdict is <NA>."""
        path = self.folder / "predictions.csv"
        if not path.is_file():
            raise CopurError(f"{self.folder} holds no predictions: run with predictions=True")
        return read_csv(path, ["attack", "defense"], ["prediction", "certified_agents"])

    def table(self, value: str = "accuracy") -> pd.DataFrame:
        """Attacks down and defences across, in the run's order: a column of results, its mean over the seeds."""
        results = self.results
        if value not in results:
            raise CopurError(f"results have these columns: {', '.join(map(str, results))} (actual: {value})")
        table = results.pivot_table(index="attack", columns="defense", values=value, aggfunc="mean", sort=False)
        return table.reindex(index=results["attack"].unique(), columns=results["defense"].unique())

    def _lines(self, name: str) -> list[dict[str, Any]]:
        path = self.folder / name
        if not path.is_file():
            return []
        rows = []
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith("\n"):
                    # The run was interrupted here, and measures this again.
                    break
                try:
                    rows.append(json.loads(line))
                except ValueError as error:
                    raise CopurError(f"{path}, line {number}: {error}") from None
        return rows

    @staticmethod
    def _frame(rows: list[dict[str, Any]], without: Sequence[str]) -> pd.DataFrame:
        def plain(value: object) -> object:
            return tuple(value) if isinstance(value, list) else value

        return data_frame([{key: plain(row[key]) for key in row if key not in without} for row in rows])


def run(
    scenario: PathLike | Mapping[str, Any],
    *,
    in_process: bool = False,
    out: PathLike | None = None,
    overwrite: bool = False,
    predictions: bool = True,
    seeds: int | None = None,
    data: PathLike | None = None,
    cache: PathLike | None = None,
    program: PathLike | None = None,
    options: Iterable[str] = (),
) -> Run:
    """Runs a scenario and waits for its end.

    A scenario is a file, or a mapping with the same keys. In a mapping a defence may be an object of a class of
    Defense, by itself or as `kind` of a mapping with other keys, an attack has an object of a class of Attack as its
    `kind`, and the `extractor` of a training may be an object of a class of Extractor; they answer in threads of this
    process. Without `out` the results are in a temporary folder that is not removed. `options` are further ones of
    `copur run`. Raises ProgramError with the program's exit code and message.
    """
    folder = Path(tempfile.mkdtemp(prefix="copur-run-") if out is None else out).absolute()
    with contextlib.ExitStack() as stack:
        if isinstance(scenario, Mapping):
            text = json.dumps(answered(scenario, folder, stack), indent=1, ensure_ascii=False) + "\n"
            path = os.path.join(stack.enter_context(tempfile.TemporaryDirectory(prefix="copur-")), "scenario.yaml")
            Path(path).write_text(text, encoding="utf-8")
        else:
            path = os.fspath(scenario)
        arguments: list[PathLike] = ["run", path, "--out", folder, "--json"]
        for option, flag in [("--in-process", in_process), ("--overwrite", overwrite), ("--predictions", predictions)]:
            if flag:
                arguments.append(option)
        for option, value in [("--seeds", seeds), ("--data", data), ("--cache", cache)]:
            if value is not None:
                arguments += [option, str(value)]
        invoke([*arguments, *options], program)
    return Run(folder)


def answered(scenario: Mapping[str, Any], folder: Path, stack: contextlib.ExitStack) -> dict[str, Any]:
    """The scenario with an address in the place of each object, which answers there until the stack's end.

    Addresses follow from the folder, so that a run that was interrupted goes on when it is given again.
    """
    names = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    made = Path(tempfile.gettempdir()) / f"copur-{os.getuid()}-{names}"
    count = 0

    def entry(value: Any, base: type[Plugin]) -> Any:
        nonlocal count
        plugin = value.get("kind") if isinstance(value, Mapping) else value
        if isinstance(value, Mapping) and isinstance(value.get("all"), list):
            return {**value, "all": [entry(part, base) for part in value["all"]]}
        if not isinstance(plugin, Plugin):
            if isinstance(plugin, type) and issubclass(plugin, Plugin):
                raise CopurError(f"a scenario has an object, {plugin.__name__}(), and no class")
            return value
        if not isinstance(plugin, base):
            raise CopurError(f"{plugin.label} stands among what is {base.role}, and is {plugin.role}")
        if count == 0:
            made.mkdir(mode=0o700, exist_ok=True)
            stack.callback(remove, made)
        count += 1
        listener = stack.enter_context(Listener(plugin, f"unix:{made}/{count}"))
        others = {key: other for key, other in value.items() if key != "kind"} if isinstance(value, Mapping) else {}
        # An extractor has no name in results: all defences have the same.
        name = {} if base is Extractor else {"name": plugin.label}
        return {**name, **plugin.settings(), **others, "kind": "external", "address": listener.address}

    def trained(training: Any) -> Any:
        if not isinstance(training, Mapping):
            return training
        changed = dict(training)
        if "extractor" in training:
            changed["extractor"] = entry(training["extractor"], Extractor)
        if isinstance(training.get("alternatives"), (list, tuple)):
            changed["alternatives"] = [trained(value) for value in training["alternatives"]]
        return changed

    changed = dict(scenario)
    if "training" in scenario:
        changed["training"] = trained(scenario["training"])
    for key, base in (("defenses", Defense), ("attacks", Attack)):
        if isinstance(scenario.get(key), (list, tuple)):
            changed[key] = [entry(value, base) for value in scenario[key]]
    return changed


def remove(folder: Path) -> None:
    """Removes a folder that is empty."""
    with contextlib.suppress(OSError):
        folder.rmdir()
