"""An honest agent in a process of its own: sends a block, waits for its receipt, and again.

Prints a JSON line every tenth of a second: the latencies since the line before, in seconds, and what failed.
"""

import argparse
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))


def main():
    parser = argparse.ArgumentParser()
    for name in ("stubs", "address", "agent", "model", "session"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--width", type=int, required=True)
    parser.add_argument("--rate", type=float, required=True, help="blocks a second")
    parser.add_argument("--roots", type=pathlib.Path)
    parser.add_argument("--pair", type=pathlib.Path, nargs=2)
    options = parser.parse_args()

    import importlib
    import types

    sys.path.insert(0, options.stubs)
    stubs = types.SimpleNamespace(
        fusion=importlib.import_module("copur.v1.fusion_pb2"),
        services=importlib.import_module("copur.v1.fusion_pb2_grpc"))
    from support.clients import Client

    stream = None
    latencies, failures, sample = [], [], 0
    told = due = time.monotonic()
    while True:
        try:
            if stream is None:
                client = Client(stubs, options.address, options.roots, options.pair)
                stream = client.contribute(options.agent, options.model)
            start = time.monotonic()
            stream.send(options.session, [sample], [0.5] * options.width)
            receipt = stream.receipt()
            latencies.append(time.monotonic() - start)
            if receipt.status != stubs.fusion.Receipt.ACCEPTED:
                failures.append(f"sample {sample}: {stubs.fusion.Receipt.Status.Name(receipt.status)}")
        except Exception as error:
            failures.append(f"sample {sample}: {error}".splitlines()[0])
            stream = None
            time.sleep(0.1)
        sample += 1
        now = time.monotonic()
        if now - told >= 0.1:
            print(json.dumps({"latencies": latencies, "failures": failures}), flush=True)
            latencies, failures, told = [], [], now
        due = max(due + 1 / options.rate, now)
        time.sleep(due - now)


if __name__ == "__main__":
    main()
