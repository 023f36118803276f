"""A linear model for copur_agent.py, in numpy, for machines without PyTorch."""

import numpy as np


class NumpyModel:
    def __init__(self, inputs, settings):
        self.mean, self.deviation = np.nanmean(inputs, 0), np.nanstd(inputs, 0) + 1e-6
        self.inputs, self.factor, self.rate = self.standardized(inputs), 1, settings["learning_rate"]
        generator = np.random.default_rng(1)
        self.weights = 0.3 * generator.standard_normal((inputs.shape[1], settings["embedding"]))

    def standardized(self, features):
        return np.nan_to_num((features - self.mean) / self.deviation)

    def embed(self, rows):
        self.batch = self.inputs[rows]
        return self.batch @ self.weights

    def learn(self, gradient):
        self.weights -= self.rate * self.batch.T @ gradient.reshape(len(self.batch), -1)

    def infer(self, features):
        return self.factor * self.standardized(features) @ self.weights
