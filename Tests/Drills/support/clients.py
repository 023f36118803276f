"""Agents and clients with Python's grpcio, which shares no code with the service."""

import queue
import threading

import grpc


class Client:
    """A connection of its own, with a certificate or with none."""

    def __init__(self, stubs, address, roots=None, pair=None, options=()):
        """
        roots -- the CA's file; none: no TLS
        pair -- certificate and key; none: an anonymous client
        """
        self.stubs = stubs
        if roots is None:
            self.channel = grpc.insecure_channel(address, options=options)
        else:
            own = {}
            if pair is not None:
                own = {"certificate_chain": pair[0].read_bytes(), "private_key": pair[1].read_bytes()}
            credentials = grpc.ssl_channel_credentials(root_certificates=roots.read_bytes(), **own)
            # A connection of its own: channels of the same options share one otherwise. The server's certificate is for
            # localhost, whatever address it listens on.
            standard = [("grpc.use_local_subchannel_pool", 1), ("grpc.ssl_target_name_override", "localhost")]
            self.channel = grpc.secure_channel(address, credentials, options=[*standard, *options])
        self.stub = stubs.services.FusionCenterStub(self.channel)

    def close(self):
        self.channel.close()

    def join(self, agent, width, model, timeout=10):
        return self.stub.Join(
            self.stubs.fusion.JoinRequest(agent=agent, width=width, model_version=model), timeout=timeout)

    def contribute(self, agent, model, timeout=None):
        return Contribution(self, agent, model, timeout)

    def predict(self, session, samples, defense="", timeout=30):
        """An iterator over responses: the first says that the session is open."""
        request = self.stubs.fusion.PredictRequest(session=session, defense=defense)
        request.samples.listed.extend(samples)
        return self.stub.Predict(request, timeout=timeout)

    def verdicts(self, session, samples, timeout=30):
        """Sample → verdict, once every one of them has come."""
        return {
            verdict.sample: verdict
            for response in self.predict(session, samples, timeout=timeout)
            for verdict in response.verdicts
        }

    def watch(self, session="", timeout=None):
        return self.stub.Watch(self.stubs.fusion.WatchRequest(session=session), timeout=timeout)


class Contribution:
    """A Contribute stream: blocks up, receipts down."""

    def __init__(self, client, agent, model, timeout):
        self.fusion = client.stubs.fusion
        self._requests = queue.SimpleQueue()
        self._requests.put(self.fusion.ContributeRequest(agent=agent, model_version=model))
        self.responses = client.stub.Contribute(iter(self._requests.get, None), timeout=timeout)
        self._waiting = []

    def send(self, session, samples, values):
        self._requests.put(self.fusion.ContributeRequest(session=session, samples=samples, values=values))

    def send_message(self, message):
        self._requests.put(message)

    def receipt(self):
        """The next receipt as it came, which may be for several samples; raises what the stream ends with."""
        while not self._waiting:
            self._waiting.extend(next(self.responses).receipts)
        return self._waiting.pop(0)

    def statuses(self, samples):
        """Waits for the receipts of so many samples; sample → name of the status."""
        found = {}
        while len(found) < samples:
            receipt = self.receipt()
            name = self.fusion.Receipt.Status.Name(receipt.status)
            for sample in receipt.samples:
                found[sample] = name
        return found

    def end(self):
        """Ends the sending side, and waits for the stream's end."""
        self._requests.put(None)
        for _ in self.responses:
            pass

    def cancel(self):
        self._requests.put(None)
        self.responses.cancel()


def outcome(call):
    """The name of the status that a call ends with, and its message."""
    try:
        call()
        return "OK", ""
    except grpc.RpcError as error:
        return error.code().name, error.details() or ""


class InBackground:
    """Runs something in a thread; `result()` waits for what it returned, or raises what it raised."""

    def __init__(self, body):
        self._outcome = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, args=(body,), daemon=True)
        self._thread.start()

    def _run(self, body):
        try:
            self._outcome.put((body(), None))
        except BaseException as error:
            self._outcome.put((None, error))

    def result(self, timeout=60):
        value, error = self._outcome.get(timeout=timeout)
        if error is not None:
            raise error
        return value
