"""What a fusion center says of a round."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from copur.blocks import Floats
from copur.tables import data_frame
from copur.v1.fusion_pb2 import GateOutcome
from copur.v1.fusion_pb2 import Verdict as Message

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Verdict:
    """A closed round: the decision, who was heard, and who is suspect."""

    session: str
    sample: int
    model_version: str
    defense: str
    # The predicted class, from 0; None if the round closed with fewer blocks than its quorum.
    label: int | None
    # The probability of each class; None without a decision.
    probabilities: Floats | None
    contributed: tuple[str, ...]
    missing: tuple[str, ...]
    # None if the defence does not say.
    suspects: tuple[str, ...] | None
    # How far each agent's block is from the purified one; empty where the defence purifies nothing.
    residuals: dict[str, float]
    # Whether the solver converged, and its objective; None if the defence has none.
    converged: bool | None
    objective: float | None
    # "passed", "withheld", "overruled"; None if the defence has no gate.
    gate: str | None
    # The largest q for which the label stands whatever any q agents do; None if the service does not say.
    certified_agents: int | None
    # Why there is no decision; empty if there is one.
    reason: str

    @classmethod
    def of(cls, message: Message) -> Verdict:
        """A verdict as the service sends it."""
        decision = message.decision if message.HasField("decision") else None
        says_suspects = any(agent.HasField("suspect") for agent in message.agents)
        gate = GateOutcome.Name(decision.gate).removeprefix("GATE_OUTCOME_").lower() if decision else "unspecified"
        return cls(
            session=message.session,
            sample=message.sample,
            model_version=message.model_version,
            defense=message.defense,
            label=decision.label if decision else None,
            probabilities=np.array(decision.probabilities, np.float32) if decision else None,
            contributed=tuple(agent.agent for agent in message.agents if agent.contributed),
            missing=tuple(agent.agent for agent in message.agents if not agent.contributed),
            suspects=tuple(agent.agent for agent in message.agents if agent.suspect) if says_suspects else None,
            residuals={agent.agent: agent.residual for agent in message.agents if agent.HasField("residual")},
            converged=decision.converged if decision and decision.HasField("converged") else None,
            objective=decision.objective if decision and decision.HasField("objective") else None,
            gate=None if gate == "unspecified" else gate,
            certified_agents=(
                decision.certified_agents if decision and decision.HasField("certified_agents") else None
            ),
            reason=message.no_decision_reason,
        )


def frame(verdicts: Iterable[Verdict]) -> pd.DataFrame:
    """Verdicts as a data frame, a row each, probabilities and residuals in columns of their own."""
    rows = []
    for verdict in verdicts:
        row: dict[str, object] = {
            name: value for name, value in vars(verdict).items() if name not in ("probabilities", "residuals")
        }
        if verdict.probabilities is not None:
            row |= {f"probability_{label}": float(value) for label, value in enumerate(verdict.probabilities)}
        row |= {f"residual_{agent}": value for agent, value in verdict.residuals.items()}
        rows.append(row)
    made = data_frame(rows)
    for name in ("label", "certified_agents"):
        if name in made:
            made[name] = made[name].astype("Int64")
    return made
