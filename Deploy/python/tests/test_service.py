"""Agents and clients of a real service, over mutual TLS."""

import threading
import time

import copur
import numpy as np
import pytest
from machines import AGENTS, TRAIN_ROWS, measurements

SAMPLES = 40


def rows_of(agent):
    names = list(AGENTS)
    start = sum(AGENTS[name] for name in names[: names.index(agent)])
    return np.round(measurements()[0], 4)[TRAIN_ROWS : TRAIN_ROWS + SAMPLES, start : start + AGENTS[agent]]


@pytest.fixture
def agent(workshop):
    def make(name, address, **options):
        bundle = copur.Bundle(workshop / "bundle")
        certificates = copur.Certificates.of(workshop / "certificates", f"agent-{options.pop('who', name)}")
        options = {"extract": bundle.extractor(name), "backoff": 0.1, **options}
        return copur.Agent(name, address, workshop / "bundle", certificates=certificates, **options)

    return make


@pytest.fixture
def client(workshop):
    return lambda address, who="client-client": copur.FusionCenter(
        address, certificates=copur.Certificates.of(workshop / "certificates", who)
    )


def test_agents_verdicts_watch_and_inference_agree(service, agent, client, workshop):
    with service() as (address, _), client(address) as center, client(address, "viewer-viewer") as viewer:
        watched = viewer.watch(session="live", count=SAMPLES)
        asked = center.predict(range(SAMPLES))

        def play(name):
            with agent(name, address) as own:
                receipts[name] = own.send(range(SAMPLES), rows_of(name))

        receipts = {}
        threads = [threading.Thread(target=play, args=[name]) for name in AGENTS]
        for thread in threads:
            thread.start()
        verdicts = sorted(asked, key=lambda verdict: verdict.sample)
        for thread in threads:
            thread.join()
        assert all(receipt.status == "ACCEPTED" and receipt.is_part for each in receipts.values() for receipt in each)
        assert [receipt.sample for receipt in receipts["heat"]] == list(range(SAMPLES))
        truth = measurements()[1][TRAIN_ROWS : TRAIN_ROWS + SAMPLES]
        labels = np.array([verdict.label for verdict in verdicts])
        assert (labels == truth).mean() > 0.9
        assert all(verdict.contributed == tuple(AGENTS) and verdict.missing == () for verdict in verdicts)
        assert sorted(verdict.sample for verdict in watched) == list(range(SAMPLES))

        bundle = copur.Bundle(workshop / "bundle")
        blocks = {name: bundle.extractor(name)(rows_of(name)) for name in AGENTS}
        inference = center.infer(blocks)
        assert inference.label.tolist() == labels.tolist()
        np.testing.assert_allclose(
            inference.outputs["probabilities"], [verdict.probabilities for verdict in verdicts], atol=1e-6
        )
        del blocks["sound"]
        assert center.infer(blocks, outputs=["label"]).parameters["missing"] == "sound"

        frame = copur.frame(verdicts)
        assert len(frame) == SAMPLES
        assert {"label", "probability_1", "residual_sound"} <= set(frame)


def test_the_extractor_is_the_programs(workshop, service, agent, client):
    """Residuals of clean rows are small, which they would not be if embeddings were others than the model's."""
    bundle = copur.Bundle(workshop / "bundle")
    with service() as (address, _), client(address) as center:
        answer = center.infer({name: bundle.extractor(name)(rows_of(name)) for name in AGENTS})
        assert answer.outputs["suspect"].mean() < 0.05


def test_silence_and_conflict(service, agent, client):
    with (
        service("--quorum", "1", "--session-wait", "0s", "--deadline", "30s") as (address, _),
        client(address) as center,
        agent("heat", address) as heat,
        agent("sound", address) as sound,
        agent("vibration", address) as vibration,
    ):
        asked = center.predict([0])
        assert heat.silent([0])[0].status == "ACCEPTED"
        assert sound.send([0], rows_of("sound")[:1])[0].status == "ACCEPTED"
        (other,) = sound.send([0], rows_of("sound")[1:2])
        assert (other.status, other.is_part) == ("CONFLICT", False)
        assert other.reason
        vibration.send([0], rows_of("vibration")[:1])
        (verdict,) = asked
        assert verdict.missing == ("heat",)


def test_an_agent_goes_on_with_a_service_that_is_started_again(service, agent):
    with service() as (address, first):
        port = int(address.rpartition(":")[2])
        with agent("heat", address) as heat:
            assert heat.send([0], rows_of("heat")[:1])[0].is_part
            first.kill()
            first.wait()
            waiting = heat.submit(range(1, SAMPLES), rows_of("heat")[1:])
            time.sleep(0.5)
            assert not any(future.done() for future in waiting)
            with service(port=port):
                assert all(future.result(20).status == "ACCEPTED" for future in waiting)


def test_what_is_refused(service, agent, client, workshop):
    with service() as (address, _):
        with pytest.raises(copur.ServiceError) as caught, agent("heat", address, who="sound") as heat:
            heat.send([0], rows_of("heat")[:1])
        assert caught.value.status == "PERMISSION_DENIED"
        with pytest.raises(copur.CopurError, match="4 numbers a sample"), agent("heat", address) as heat:
            heat.send([0, 1], rows_of("heat")[:1])
        with client(address) as center:
            with pytest.raises(copur.ServiceError, match="magic"):
                center.predict([0], defense="magic")
            with pytest.raises(copur.ServiceError) as caught:
                center.infer({"nobody": np.zeros((1, 4))})
            assert caught.value.status == "INVALID_ARGUMENT"
    for wrong in ("center:8001", "https://center", "ftp://center:1", "https://center:99999"):
        with pytest.raises(copur.CopurError, match="an address"):
            copur.FusionCenter(wrong)
    with pytest.raises(copur.CopurError, match="needs certificates"):
        copur.FusionCenter("https://localhost:1")
    with pytest.raises(copur.CopurError, match="is no bundle"):
        copur.Bundle(workshop)


def test_an_agent_that_fails_says_so_to_all_who_wait(service, agent):
    with service() as (address, process):
        process.kill()
        process.wait()
        heat = agent("heat", address).__enter__()
        waiting = heat.submit([0], rows_of("heat")[:1])
        heat.__exit__(RuntimeError, RuntimeError("own"), None)
        with pytest.raises(copur.CopurError, match="stopped before"):
            waiting[0].result(1)
        with pytest.raises(copur.CopurError):
            heat.send([1], rows_of("heat")[1:2])
