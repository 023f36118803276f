"""Plays the documentation's agent: trains, then sends its rows. Arguments: MODULES MODEL CENTER SERVICE-FILE ROWS SECRET"""

import sys
import time

folder, model, center, service, rows, secret = sys.argv[1:]
sys.path.insert(0, folder)

import grpc
from copur_agent import serve, table, train

if model == "torch":
    from torch_model import TorchModel as Model
else:
    from numpy_model import NumpyModel as Model

keys, features = table(rows, "key")
with open(secret, "rb") as file, grpc.insecure_channel(center) as channel:
    trained, version = train(channel, "b", keys, features, file.read(), Model)
print(f"trained {version}", flush=True)
while True:
    try:
        with open(service) as file:
            address = file.read().strip()
        if address:
            break
    except FileNotFoundError:
        pass
    time.sleep(0.05)
with grpc.insecure_channel(address) as channel:
    samples = list(range(len(keys)))
    statuses = serve(channel, "b", version, "live", samples, trained.infer(features))
print(f"sent {sum(status == 1 for status in statuses.values())}", flush=True)
