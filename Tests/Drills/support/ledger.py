"""An agent's ledger against the journal."""

import hashlib
import json


def ledger(path):
    """(session, sample) → hash of the block, of everything that the fusion center has acknowledged to an agent."""
    found = {}
    for line in path.read_text().splitlines(keepends=True) if path.exists() else []:
        if not line.endswith("\n"):
            # The agent is still at it, or was killed over it: it has not told anybody yet.
            break
        entry = json.loads(line)
        if entry["status"] in ("accepted", "duplicate"):
            for sample, digest in zip(entry["samples"], entry["hashes"]):
                found[entry["session"], sample] = digest
    return found


def lost(journal, ledgers):
    """(agent, session, sample) of every acknowledged block that the journal does not have.

    ledgers -- agent → path
    """
    digests = {key: hashlib.sha256(payload).hexdigest() for key, payload in journal.blocks().items()}
    return [
        (agent, *key)
        for agent, path in ledgers.items() for key, digest in ledger(path).items() if digests.get((*key, agent)) != digest
    ]
