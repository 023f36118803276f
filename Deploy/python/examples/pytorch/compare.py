"""Compares a service's verdicts on the test rows with what PyTorch says of them: python compare.py http://127.0.0.1:8001."""

import sys

import copur
import numpy as np
from safetensors.numpy import load_file

logits = load_file("examples.safetensors")["fusion.output"]
expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
with copur.FusionCenter(sys.argv[1]) as center:
    verdicts = sorted(center.predict(range(len(expected))), key=lambda verdict: verdict.sample)
served = np.array([verdict.probabilities for verdict in verdicts])
print(len(served), "verdicts; probabilities at most", abs(served - expected).max(), "from PyTorch's")
