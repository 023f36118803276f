"""Robust collaborative inference from Python.

Agents that send embeddings and train extractors, defences and attacks of one's own, runs as data frames, and a client of
the service.
"""

from copur.blocks import Blocks, Problem
from copur.errors import CopurError, ExitCode, ProgramError, ServiceError
from copur.plugin import Attack, Decisions, Defense, Oracle, Proposal, Situation
from copur.run import Run, run

__all__ = [
    "Attack",
    "Blocks",
    "CopurError",
    "Decisions",
    "Defense",
    "ExitCode",
    "Oracle",
    "Problem",
    "ProgramError",
    "Proposal",
    "Run",
    "ServiceError",
    "Situation",
    "run",
]
