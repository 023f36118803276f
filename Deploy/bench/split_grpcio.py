#!/usr/bin/env python3
"""Networked joint training in Python: ten PyTorch agents, a process each, and a fusion center, over gRPC with mutual
TLS.

What a user would write with Python's grpcio (a C++ core): one bidirectional stream an agent, float32 arrays as raw
bytes. The center sends the gradient of the last batch and the rows of the next one in one message, an agent answers
with its embedding of them: one round trip a batch, every batch from all agents. Nothing is stored, so it flatters
the peer.

    python3 -m venv .venv-bench && .venv-bench/bin/pip install grpcio cryptography torch numpy
    .venv-bench/bin/python Deploy/bench/split_grpcio.py DATA --epochs 100 [--delay-agent time=30] [--insecure]

grpcio's asyncio API is what is here: its thread API, tried in all pairings, was not distinguishable from it on a
busy machine (asyncio had the best run). Prints one JSON line: `bytes_per_batch` is what the kernel counted on the
center's TCP connections, both ways, with TLS and HTTP/2; `overhead_percent` is what that is above the numbers alone.
CPU times are without the processes' start.
"""
import asyncio
import datetime
import multiprocessing
import os
import socket
import struct
import time

import numpy as np
import torch

from split_inprocess_pytorch import AGENTS, WIDTH, Fusion, Progress, batches, extractor, load, options, sgd

SERVICE, NAMES = "copur.bench.Training", list(AGENTS)
LIMITS = [("grpc.max_receive_message_length", 1 << 24)]


# Certificates


def certificates():
    """An authority, and a key and a certificate for the center and for each agent, all as PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    now, pem = datetime.datetime.now(datetime.timezone.utc), serialization.Encoding.PEM

    def issue(name, issuer=None):
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        built = (
            x509.CertificateBuilder().subject_name(subject).issuer_name(issuer[1].subject if issuer else subject)
            .public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1)).not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False)
            .add_extension(x509.BasicConstraints(issuer is None, None), True)
            .sign(issuer[0] if issuer else key, hashes.SHA256())
        )
        return key, built

    def packed(pair):
        plain = serialization.NoEncryption()
        return pair[0].private_bytes(pem, serialization.PrivateFormat.PKCS8, plain), pair[1].public_bytes(pem)

    authority = issue("copur bench authority")
    return packed(authority)[1], {name: packed(issue(name, authority)) for name in ["localhost", *NAMES]}


# The center


class Center:
    """Fusion model and batches; knows labels and embeddings, no features."""

    def __init__(self, labels, arguments):
        self.labels, self.fusion = torch.from_numpy(labels), Fusion(arguments.seed)
        self.optimizer = sgd(self.fusion)
        self.batches = batches(len(labels), arguments.seed, arguments.epochs, arguments.seconds)
        self.progress = Progress()

    def opening(self):
        self.epoch, self.rows = next(self.batches)
        return struct.pack("<II", 0, len(self.rows)) + self.rows.tobytes()

    def step(self, messages):
        """From the agents' embeddings of a batch to what each is told next: its gradient, and the next rows."""
        count = len(self.rows)
        blocks = [torch.frombuffer(bytearray(m), dtype=torch.float32).view(count, WIDTH) for m in messages]
        embeddings = torch.cat(blocks, 1).requires_grad_()
        self.optimizer.zero_grad()
        loss = self.fusion.loss(embeddings, self.labels[torch.from_numpy(self.rows.astype(np.int64))])
        loss.backward()
        self.optimizer.step()
        self.progress.add(self.epoch, loss.item(), count)
        self.epoch, self.rows = next(self.batches, (self.epoch, self.rows[:0]))
        head, tail = struct.pack("<II", count, len(self.rows)), self.rows.tobytes()
        return [head + g.contiguous().numpy().tobytes() + tail for g in embeddings.grad.split(WIDTH, 1)]


def tcp_bytes():
    """Bytes sent and received on this process's connections (struct tcp_info: bytes_acked, bytes_received)."""
    total = 0
    for number in os.listdir("/proc/self/fd"):
        try:
            with socket.socket(fileno=os.dup(int(number))) as one:
                info = one.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
                total += sum(struct.unpack_from("<QQ", info, 120)) if one.getpeername() else 0
        except (OSError, ValueError):
            continue
    return total


def named(context, arguments):
    if arguments.insecure:
        return dict(context.invocation_metadata())["agent"]
    return context.auth_context()["x509_common_name"][0].decode()


def bind(server, secrets, arguments):
    import grpc

    if arguments.insecure:
        return server.add_insecure_port("localhost:0")
    authority, pairs = secrets
    return server.add_secure_port("localhost:0", grpc.ssl_server_credentials([pairs["localhost"]], authority, True))


def generic(method):
    import grpc

    handler = grpc.stream_stream_rpc_method_handler(method)
    return (grpc.method_handlers_generic_handler(SERVICE, {"Train": handler}),)


def serve(labels, secrets, arguments, ports, result, cpu):
    import grpc

    torch.set_num_threads(1)
    center, contexts = Center(labels, arguments), {}

    async def run():
        everyone, over = asyncio.Event(), asyncio.Event()

        async def train(_messages, context):
            contexts[named(context, arguments)] = context
            if len(contexts) == len(NAMES):
                everyone.set()
            await over.wait()

        async def exchange(name, message):
            await contexts[name].write(message)
            return await contexts[name].read()

        server = grpc.aio.server(options=LIMITS)
        server.add_generic_rpc_handlers(generic(train))
        port = bind(server, secrets, arguments)
        await server.start()
        ports.put(port)
        await everyone.wait()
        before = start(center)
        messages = [center.opening()] * len(NAMES)
        while len(center.rows):
            messages = center.step(await asyncio.gather(*map(exchange, NAMES, messages)))
        await asyncio.gather(*map(exchange, NAMES, messages))
        result.put(center.progress.line(**report(center, before, arguments, cpu)))
        over.set()
        await server.stop(1)

    asyncio.run(run())


def start(center):
    center.progress.start = time.monotonic()
    return tcp_bytes(), time.process_time()


def report(center, before, arguments, cpu):
    total, own, steps = tcp_bytes() - before[0], time.process_time() - before[1], center.progress.batches
    needed = len(center.labels) * (center.progress.epoch + 1) * len(NAMES) * WIDTH * 4 * 2
    return {
        "engine": "grpcio, " + ("plain" if arguments.insecure else "mutual TLS"),
        "bytes_per_batch": round(total / steps), "overhead_percent": round(100 * total / needed - 100, 2),
        "center_cpu_ms_per_batch": round(1000 * own / steps, 3),
        "agents_cpu_ms_per_batch": round(1000 * sum(cpu) / steps, 3),
        "delays_ms": arguments.delays,
    }


# An agent


class Agent:
    """An extractor and its rows; knows no labels."""

    def __init__(self, name, features, arguments, cpu):
        self.cpu, self.index, self.start = cpu, NAMES.index(name), None
        self.features = torch.from_numpy(features)
        self.extractor = extractor(name, features.shape[1], arguments.seed)
        self.optimizer, self.embeddings = sgd(self.extractor), None
        self.delay = arguments.delays.get(name, 0) / 1000

    def answer(self, message):
        """Learns from the gradient of the last batch; the embedding of the next one, nothing if there is none."""
        self.start = self.start or time.process_time()
        last, count = struct.unpack_from("<II", message)
        if last:
            gradient = torch.frombuffer(bytearray(message), dtype=torch.float32, count=last * WIDTH, offset=8)
            self.optimizer.zero_grad()
            self.embeddings.backward(gradient.view(last, WIDTH))
            self.optimizer.step()
        rows = np.frombuffer(message, np.uint32, count, 8 + 4 * last * WIDTH)
        self.embeddings = self.extractor(self.features[torch.from_numpy(rows.astype(np.int64))])
        self.cpu[self.index] = time.process_time() - self.start
        return self.embeddings.detach().numpy().tobytes() if count else b""


def connected(make, secure, name, port, secrets, arguments):
    import grpc

    if arguments.insecure:
        return make(f"localhost:{port}", options=LIMITS), (("agent", name),)
    key, certificate = secrets[1][name]
    return secure(f"localhost:{port}", grpc.ssl_channel_credentials(secrets[0], key, certificate), options=LIMITS), None


def join(name, features, port, secrets, arguments, cpu):
    import grpc

    torch.set_num_threads(1)
    agent = Agent(name, features, arguments, cpu)

    async def run():
        channel, metadata = connected(
            grpc.aio.insecure_channel, grpc.aio.secure_channel, name, port, secrets, arguments)
        call = channel.stream_stream(f"/{SERVICE}/Train")(metadata=metadata)
        while (message := await call.read()) is not grpc.aio.EOF:
            if agent.delay:
                await asyncio.sleep(agent.delay)
            await call.write(agent.answer(message))

    asyncio.run(run())


def main():
    parser = options(__doc__)
    parser.add_argument("--delay-agent", action="append", default=[], metavar="NAME=MS", help="wait before each answer")
    parser.add_argument("--insecure", action="store_true", help="no TLS")
    arguments = parser.parse_args()
    arguments.delays = {n: float(v) for n, v in (d.split("=") for d in arguments.delay_agent)}
    if unknown := set(arguments.delays) - set(NAMES):
        parser.error(f"no such agent: {', '.join(unknown)}")
    features, labels = load(arguments.data, arguments.user)
    secrets = (None, {n: None for n in NAMES}) if arguments.insecure else certificates()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["numpy", "torch", "split_inprocess_pytorch"])
    ports, result, cpu = context.Queue(), context.Queue(), context.Array("d", len(NAMES), lock=False)
    server = context.Process(target=serve, args=(labels, secrets, arguments, ports, result, cpu))
    server.start()
    port = ports.get(timeout=120)
    agents = [
        context.Process(target=join, args=(n, features[n], port, (secrets[0], {n: secrets[1][n]}), arguments, cpu))
        for n in NAMES
    ]
    for one in agents:
        one.start()
    try:
        print(result.get(timeout=3600))
    finally:
        for one in [*agents, server]:
            one.join(timeout=2)
            one.terminate()


if __name__ == "__main__":
    main()
