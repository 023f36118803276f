#!/usr/bin/env python3
"""Networked joint training by torch.distributed on loopback: the fastest that PyTorch offers between processes.

The same training as `split_grpcio.py`, ten agents and a center, a process each, but without TLS, names or
certificates, in a fixed world that ends when one process does. `--transport gloo` gathers embeddings and scatters
gradients, `rpc` calls the agents over TensorPipe. Agents draw the order of the rows from the seed, so that no row
numbers travel. (Pairs of isend and irecv over gloo were slower than its collectives.)

    python3 -m venv .venv-bench && .venv-bench/bin/pip install torch numpy
    .venv-bench/bin/python Deploy/bench/split_torchrpc.py DATA --epochs 100 [--transport rpc] [--delay-agent time=30]

Prints one JSON line. `bytes_per_batch` is what the kernel counted on the center's TCP connections, both ways;
TensorPipe goes through shared memory on one machine, which is not counted, and its first calls are slow: use 100
epochs.
"""
import multiprocessing
import os
import socket
import time

import numpy as np
import torch
import torch.distributed as dist
from torch.distributed import rpc

from split_grpcio import tcp_bytes
from split_inprocess_pytorch import AGENTS, WIDTH, Fusion, Progress, batches, extractor, load, options, sgd

NAMES = list(AGENTS)


class Center:
    def __init__(self, labels, arguments):
        self.labels, self.fusion, self.progress = torch.from_numpy(labels), Fusion(arguments.seed), Progress()
        self.optimizer = sgd(self.fusion)

    def step(self, epoch, rows, blocks):
        """From the agents' embeddings to the gradient of each."""
        embeddings = torch.cat(blocks, 1).requires_grad_()
        self.optimizer.zero_grad()
        loss = self.fusion.loss(embeddings, self.labels[index(rows)])
        loss.backward()
        self.optimizer.step()
        self.progress.add(epoch, loss.item(), len(rows))
        return [g.contiguous() for g in embeddings.grad.split(WIDTH, 1)]


class Agent:
    def __init__(self, name, features, arguments):
        self.features, self.extractor = torch.from_numpy(features), extractor(name, features.shape[1], arguments.seed)
        self.optimizer, self.delay = sgd(self.extractor), arguments.delays.get(name, 0) / 1000
        self.rows = batches(len(features), arguments.seed, arguments.epochs)

    def embed(self, rows):
        time.sleep(self.delay)
        self.embeddings = self.extractor(self.features[index(rows)])
        return self.embeddings.detach()

    def learn(self, gradient):
        self.optimizer.zero_grad()
        self.embeddings.backward(gradient)
        self.optimizer.step()

    def answer(self, gradient):
        """Learns from the last batch's gradient, if there is one, and embeds the next batch, if there is one."""
        if gradient is not None:
            self.learn(gradient)
        _, rows = next(self.rows, (0, None))
        return None if rows is None else self.embed(rows)


def index(rows):
    return torch.from_numpy(rows.astype(np.int64))


# Collectives: rank 0 is the center.


def collective_center(center, arguments):
    for epoch, rows in batches(len(center.labels), arguments.seed, arguments.epochs):
        blocks = [torch.empty(len(rows), WIDTH) for _ in range(len(NAMES) + 1)]
        dist.gather(blocks[0], blocks, 0)
        gradients = center.step(epoch, rows, blocks[1:])
        dist.scatter(torch.empty(len(rows), WIDTH), [torch.zeros(len(rows), WIDTH), *gradients], 0)


def collective_agent(agent, arguments):
    for _, rows in batches(len(agent.features), arguments.seed, arguments.epochs):
        dist.gather(agent.embed(rows), None, 0)
        gradient = torch.empty(len(rows), WIDTH)
        dist.scatter(gradient, None, 0)
        agent.learn(gradient)


def grouped(rank, port, arguments, share, result, cpu):
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"tcp://127.0.0.1:{port}", rank=rank, world_size=len(NAMES) + 1)
    member = Center(share, arguments) if rank == 0 else Agent(NAMES[rank - 1], share, arguments)
    dist.barrier()
    start = time.process_time()
    if rank == 0:
        measured(member, cpu, lambda: collective_center(member, arguments), result)
    else:
        collective_agent(member, arguments)
        cpu[rank] = time.process_time() - start
    dist.barrier()
    dist.destroy_process_group()


# Remote calls: the center calls, agents answer.

served = None


def answer(gradient):
    return served.answer(gradient)


def called(rank, port, arguments, share, result, cpu):
    global served
    torch.set_num_threads(1)
    served = Agent(NAMES[rank - 1], share, arguments) if rank else None
    backend = rpc.TensorPipeRpcBackendOptions(init_method=f"tcp://127.0.0.1:{port}", num_worker_threads=2)
    name = "center" if rank == 0 else NAMES[rank - 1]
    rpc.init_rpc(name, rank=rank, world_size=len(NAMES) + 1, rpc_backend_options=backend)

    def train():
        gradients = [None] * len(NAMES)
        for epoch, rows in batches(len(share), arguments.seed, arguments.epochs):
            calls = [rpc.rpc_async(n, answer, (g,)) for n, g in zip(NAMES, gradients)]
            gradients = center.step(epoch, rows, [c.wait() for c in calls])
        [c.wait() for c in [rpc.rpc_async(n, answer, (g,)) for n, g in zip(NAMES, gradients)]]

    if rank == 0:
        center = Center(share, arguments)
        measured(center, cpu, train, result)
    start = time.process_time()
    rpc.shutdown()
    if rank:
        cpu[rank] = time.process_time() - start


def measured(center, cpu, train, result):
    before, center.progress.start = (time.process_time(), tcp_bytes()), time.monotonic()
    train()
    cpu[0] = time.process_time() - before[0]
    center.progress.wall = time.monotonic() - center.progress.start
    result.put((center.progress, tcp_bytes() - before[1]))


def main():
    parser = options(__doc__)
    parser.add_argument("--delay-agent", action="append", default=[], metavar="NAME=MS", help="wait before each answer")
    parser.add_argument("--transport", choices=["gloo", "rpc"], default="gloo")
    arguments = parser.parse_args()
    if arguments.seconds is not None:
        parser.error("the world is fixed: say --epochs")
    arguments.delays = {n: float(v) for n, v in (d.split("=") for d in arguments.delay_agent)}
    features, labels = load(arguments.data, arguments.user)
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    os.environ.setdefault("TP_SOCKET_IFNAME", "lo")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["numpy", "torch", "split_inprocess_pytorch"])
    result, cpu = context.Queue(), context.Array("d", len(NAMES) + 1, lock=False)
    member = called if arguments.transport == "rpc" else grouped
    shares = [labels, *(features[n] for n in NAMES)]
    members = [context.Process(target=member, args=(r, port, arguments, s, result, cpu)) for r, s in enumerate(shares)]
    for one in members:
        one.start()
    try:
        progress, moved = result.get(timeout=3600)
        for one in members:
            one.join(timeout=20)
        steps = progress.batches
        print(progress.line(
            f"torch.distributed {arguments.transport}, plain", bytes_per_batch=round(moved / steps),
            center_cpu_ms_per_batch=round(1000 * cpu[0] / steps, 3),
            agents_cpu_ms_per_batch=round(1000 * sum(cpu[1:]) / steps, 3), delays_ms=arguments.delays))
    finally:
        for one in members:
            one.terminate()


if __name__ == "__main__":
    main()
