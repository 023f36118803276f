"""Agents with extractors in PyTorch: trained where their data is, then served; verdicts as a frame.

Give it the address of `copur train --listen` and the file with the agents' secret, and, once the bundle is written, a
line with the address of `copur serve`.
"""

import sys
from concurrent.futures import ThreadPoolExecutor

import copur
import numpy as np
import torch
from copur.torch import trainee
from machines import AGENTS, TRAIN_ROWS, measurements

training_center, secret = sys.argv[1:]
rows, _ = measurements()
places = np.cumsum([0, *AGENTS.values()])
own = {agent: rows[:, places[i] : places[i + 1]] for i, agent in enumerate(AGENTS)}


def module(features, width):
    return torch.nn.Sequential(torch.nn.Linear(features, 16), torch.nn.Tanh(), torch.nn.Linear(16, width))


def learn(agent):
    with open(secret, "rb") as file:
        keys = [str(row) for row in range(TRAIN_ROWS)]
        features = own[agent][:TRAIN_ROWS]
        part = copur.TrainingAgent(agent, training_center, keys, features, file.read(), trainee(module))
    return part.train()


def send(agent):
    extractor = extractors[agent]
    options = {"width": extractor.width, "extract": extractor}
    with copur.Agent(agent, center, extractor.model_version, **options) as part:
        return part.send(range(100), own[agent][TRAIN_ROWS : TRAIN_ROWS + 100])


# Networks as small as these are faster on one thread each, which PyTorch has to be told in every one.
with ThreadPoolExecutor(initializer=torch.set_num_threads, initargs=[1]) as threads:
    extractors = dict(zip(AGENTS, threads.map(learn, AGENTS), strict=True))
    print("trained", flush=True)
    center = sys.stdin.readline().strip()
    with copur.FusionCenter(center) as client:
        asked = client.predict(range(100))
        receipts = list(threads.map(send, AGENTS))
        frame = copur.frame(asked).set_index("sample").sort_index()
print(frame[["label", "certified_agents", "suspects"]].head().to_string())
print(f"{sum(receipt.is_part for each in receipts for receipt in each)} blocks")
