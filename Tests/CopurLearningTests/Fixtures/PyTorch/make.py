"""Makes the files beside it, with PyTorch 2.15, onnx 1.23, onnxscript and safetensors 0.8: python make.py

A network with every layer that is taken over, in ONNX by both of PyTorch's exporters, in safetensors, and in halves; and what
it gives to some pictures, whose values lie with the channels last.
"""

import torch
from safetensors.torch import save_file
from torch import nn

torch.manual_seed(5)
model = nn.Sequential(
    nn.Conv2d(2, 3, 3, stride=2, padding=1), nn.BatchNorm2d(3), nn.LeakyReLU(0.2), nn.MaxPool2d(2), nn.Flatten(),
    nn.BatchNorm1d(12), nn.Linear(12, 6), nn.Sigmoid(), nn.Dropout(0.5), nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 4),
    nn.Tanh(), nn.Linear(4, 3),
)  # fmt: skip
pictures = torch.randn(64, 2, 10, 8)
for _ in range(20):
    # So that running moments are not 0 and 1.
    model(pictures + torch.randn(1))
model.eval()
few = pictures[:6]
with torch.no_grad():
    examples = {"input": few.permute(0, 2, 3, 1).reshape(6, -1).contiguous(), "output": model(few)}
save_file(examples, "examples.safetensors")
save_file(model.state_dict(), "picture.safetensors")
save_file({name: array.half() for name, array in model.state_dict().items()}, "halves.safetensors")
torch.onnx.export(model, (few[:1],), "picture.onnx", dynamo=True)
torch.onnx.export(model, (few[:1],), "traced.onnx", dynamo=False, do_constant_folding=False)
pool = nn.Sequential(
    nn.Conv2d(1, 2, 2), nn.ReLU(), nn.AvgPool2d(2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2, 2), nn.Softplus()
)
pool.eval()
with torch.no_grad():
    save_file({"input": pictures[:3, :1, :5, :5].reshape(3, -1).contiguous(),
               "output": pool(pictures[:3, :1, :5, :5])}, "pool-examples.safetensors")  # fmt: skip
torch.onnx.export(pool, (pictures[:1, :1, :5, :5],), "pool.onnx", dynamo=False)
