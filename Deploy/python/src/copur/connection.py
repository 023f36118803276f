"""Channels to a fusion center."""

from __future__ import annotations

import urllib.parse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from copur.errors import CopurError
from copur.program import PathLike


@dataclass(frozen=True)
class Certificates:
    """A party's certificate chain and key, and whom it believes: PEM files, as `copur certs` makes them."""

    ca: PathLike
    certificate: PathLike | None = None
    key: PathLike | None = None

    @classmethod
    def of(cls, folder: PathLike, party: str) -> Certificates:
        """Those of a party in a folder of `copur certs`, such as "agent-acc" or "client-client"."""
        place = Path(folder)
        return cls(place / "ca.pem", place / f"{party}.pem", place / f"{party}.key")

    def credentials(self) -> grpc.ChannelCredentials:
        """What grpcio takes. The files are read now."""
        if (self.certificate is None) != (self.key is None):
            raise CopurError("a certificate and its key are given together")
        return grpc.ssl_channel_credentials(
            root_certificates=Path(self.ca).read_bytes(),
            private_key=None if self.key is None else Path(self.key).read_bytes(),
            certificate_chain=None if self.certificate is None else Path(self.certificate).read_bytes(),
        )


def channel(address: str, certificates: Certificates | None, server_name: str | None = None) -> grpc.Channel:
    """A channel to https://HOST:PORT with certificates, or to http://HOST:PORT without, for development."""
    url = urllib.parse.urlsplit(address)
    try:
        port = url.port
    except ValueError as error:
        raise CopurError(f"an address has a port from 0 to 65535 (actual: {address!r})") from error
    if url.scheme not in ("https", "http") or not url.hostname or port is None or url.path not in ("", "/"):
        raise CopurError(f"an address is https://HOST:PORT, or http:// without certificates (actual: {address!r})")
    if (url.scheme == "https") != (certificates is not None):
        raise CopurError(f"https:// needs certificates, and http:// takes none (actual: {address!r})")
    # Verdicts of thousands of samples come in one message. A lost connection is made again by whoever owns the channel.
    options: list[tuple[str, Any]] = [("grpc.max_receive_message_length", -1), ("grpc.enable_retries", 0)]
    if server_name is not None:
        options.append(("grpc.ssl_target_name_override", server_name))
    host = f"[{url.hostname}]" if ":" in url.hostname else url.hostname
    if certificates is None:
        return grpc.insecure_channel(f"{host}:{port}", options)
    return grpc.secure_channel(f"{host}:{port}", certificates.credentials(), options)
