"""Training over the network with agents in Python, against `copur train --listen`."""

from concurrent.futures import ThreadPoolExecutor

import copur
import numpy as np
import pytest
from conftest import port_in, program, training_center
from copur.training import bits, floats
from copur.v1.training_pb2 import Numbers
from machines import AGENTS, TRAIN_ROWS, measurements

SECRET = bytes(range(32))


class LinearTrainee:
    """A linear extractor that learns by plain steps."""

    def __init__(self, inputs, settings):
        self.means, self.deviations = np.nanmean(inputs, axis=0), np.nanstd(inputs, axis=0)
        self.inputs = self.standardized(inputs)
        numbers = np.random.default_rng(1)
        self.weights = numbers.normal(scale=0.3, size=(inputs.shape[1], settings["embedding"]))

    def standardized(self, rows):
        return np.nan_to_num((rows - self.means) / self.deviations)

    def embed(self, rows):
        self.last = self.inputs[rows]
        return self.last @ self.weights

    def learn(self, gradient):
        self.weights -= 0.05 * self.last.T @ gradient

    def infer(self, features):
        return self.standardized(features) @ self.weights


def columns():
    """Each agent's training rows."""
    rows, places = measurements()[0][:TRAIN_ROWS], np.cumsum([0, *AGENTS.values()])
    return {agent: rows[:, places[i] : places[i + 1]] for i, agent in enumerate(AGENTS)}


@pytest.fixture
def training(workshop, tmp_path):
    """Has agents train with a fusion center, by what makes a model; their extractors, and the bundle."""
    certificates = workshop / "certificates"

    def train(make, **settings):
        def take_part(agent, address):
            # Every agent has its rows in another order, and lacks one.
            order = np.random.default_rng(len(agent)).permutation(TRAIN_ROWS)[1:]
            own = copur.TrainingAgent(
                agent, address, [str(row) for row in order], columns()[agent][order], SECRET, make,
                certificates=copur.Certificates.of(certificates, f"agent-{agent}"),
            )  # fmt: skip
            return own.train()

        tls = [("certificate", "server.pem"), ("key", "server.key"), ("ca", "ca.pem")]
        options = [part for name, file in tls for part in (f"--tls-{name}", certificates / file)]
        with (
            training_center(tmp_path, SECRET, settings, options) as (port, process),
            ThreadPoolExecutor() as threads,
        ):
            address = f"https://localhost:{port}"
            made = dict(zip(AGENTS, threads.map(lambda agent: take_part(agent, address), AGENTS), strict=True))
            assert process.wait(60) == 0
        return made, tmp_path / "bundle"

    return train


def served_accuracy(extractors, bundle):
    """What a service of the bundle says of test rows."""
    rows, truth = measurements()[0][TRAIN_ROWS:], measurements()[1][TRAIN_ROWS:]
    places = np.cumsum([0, *AGENTS.values()])
    blocks = {agent: extractors[agent](rows[:, places[i] : places[i + 1]]) for i, agent in enumerate(AGENTS)}
    with (
        program(["serve", bundle, "--grpc", "127.0.0.1:0", "--insecure"], "copur: listening on") as (line, _),
        copur.FusionCenter(f"http://127.0.0.1:{port_in(line)}") as center,
    ):
        return (center.infer(blocks).label == truth).mean()


@pytest.mark.parametrize("numbers", ["float32", "int16", "int8"])
def test_agents_train_and_serve(training, numbers):
    extractors, bundle = training(LinearTrainee, exchange={} if numbers == "float32" else {"numbers": numbers})
    assert {extractor.model_version for extractor in extractors.values()} == {copur.Bundle(bundle).version}
    assert served_accuracy(extractors, bundle) > 0.9


def test_torch_modules_train_and_serve(training):
    torch = pytest.importorskip("torch")
    from copur.torch import trainee

    torch.manual_seed(0)

    def module(features, width):
        torch.set_num_threads(1)
        return torch.nn.Sequential(torch.nn.Linear(features, 16), torch.nn.Tanh(), torch.nn.Linear(16, width))

    extractors, bundle = training(trainee(module))
    assert served_accuracy(extractors, bundle) > 0.9


def test_keys_that_do_not_fit():
    def agent(keys, rows):
        return copur.TrainingAgent("a", "http://localhost:1", keys, np.zeros((rows, 2)), SECRET, LinearTrainee)

    with pytest.raises(copur.CopurError, match="a key a row"):
        agent(["1"], 2)
    with pytest.raises(copur.CopurError, match="twice or empty: '1'"):
        agent(["1", " 1"], 2)
    with pytest.raises(copur.CopurError, match="twice or empty: ''"):
        agent([" ", "1"], 2)


def test_numbers():
    assert bits(np.array([True, False, False, True] + [False] * 4 + [True])) == b"\x09\x01"
    assert floats(Numbers(int8=b"\x7f\x81", scale=2), 2).tolist() == [2, -2]
    np.testing.assert_allclose(floats(Numbers(int16=b"\xff\x3f", scale=1), 1), 16383 / 32767, rtol=1e-6)
    with pytest.raises(copur.CopurError, match="3 numbers"):
        floats(Numbers(float32=b"\0" * 8), 3)
