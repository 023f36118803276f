"""Three agents' networks of three layers and a fusion model in PyTorch, trained together.

Writes model.safetensors and heat.onnx, and what the networks give to the test rows: examples.safetensors.
"""

import torch
from data import AGENTS, TRAIN_ROWS, measurements
from safetensors.torch import save_file
from torch import nn


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.extractors = nn.ModuleDict()
        for agent, width in AGENTS.items():
            self.extractors[agent] = nn.Sequential(
                nn.Linear(width, 12), nn.ReLU(), nn.Linear(12, 12), nn.Tanh(), nn.Linear(12, 4)
            )
        self.fusion = nn.Sequential(nn.Linear(4 * len(AGENTS), 8), nn.ReLU(), nn.Linear(8, 2))

    def embed(self, rows):
        return {agent: self.extractors[agent](part) for agent, part in blocks(rows).items()}

    def forward(self, rows):
        return self.fusion(torch.cat(list(self.embed(rows).values()), dim=1))


def blocks(rows):
    return dict(zip(AGENTS, rows.split(list(AGENTS.values()), dim=1), strict=True))


torch.manual_seed(3)
table, worn = measurements()
model, rows, labels = Model(), torch.tensor(table, dtype=torch.float32), torch.tensor(worn, dtype=torch.int64)
optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
for _ in range(200):
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(rows[:TRAIN_ROWS]), labels[:TRAIN_ROWS]).backward()
    optimizer.step()

model.eval()
save_file(model.state_dict(), "model.safetensors")
torch.onnx.export(model.extractors["heat"], (torch.zeros(1, AGENTS["heat"]),), "heat.onnx", external_data=False)
with torch.no_grad():
    test = rows[TRAIN_ROWS:]
    inputs, outputs = blocks(test), model.embed(test)
    inputs["fusion"] = torch.cat(list(outputs.values()), dim=1)
    outputs["fusion"] = model(test)
arrays = {f"{name}.input": array for name, array in inputs.items()}
arrays |= {f"{name}.output": array for name, array in outputs.items()}
save_file({name: array.contiguous() for name, array in arrays.items()}, "examples.safetensors")
