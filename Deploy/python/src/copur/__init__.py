"""Robust collaborative inference from Python.

Agents that send embeddings and train extractors, defences, attacks and extractors of one's own, runs as data frames, and
a client of the service.
"""

from copur.agent import Agent, Receipt
from copur.blocks import Blocks, EmbeddedAgent, Problem
from copur.bundle import Bundle
from copur.center import FusionCenter, Inference
from copur.connection import Certificates
from copur.errors import CopurError, ExitCode, ProgramError, ServiceError
from copur.plugin import Attack, Decisions, Defense, Extractor, Oracle, Proposal, Situation
from copur.run import Run, run
from copur.training import TrainedExtractor, Trainee, TrainingAgent
from copur.verdict import Verdict, frame

__all__ = [
    "Agent",
    "Attack",
    "Blocks",
    "Bundle",
    "Certificates",
    "CopurError",
    "Decisions",
    "Defense",
    "EmbeddedAgent",
    "ExitCode",
    "Extractor",
    "FusionCenter",
    "Inference",
    "Oracle",
    "Problem",
    "ProgramError",
    "Proposal",
    "Receipt",
    "Run",
    "ServiceError",
    "Situation",
    "TrainedExtractor",
    "Trainee",
    "TrainingAgent",
    "Verdict",
    "frame",
    "run",
]
