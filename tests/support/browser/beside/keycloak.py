"""Keycloak, the reference identity provider, as a private process with the realm of `deploy/keycloak`."""

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from secrets import token_urlsafe

import httpx
from support.wait import eventually

VERSION = "26.4.7"
SHA256 = "dd9834c023460be856f731423d86228c23b5d002194a2064642bec0cc6573eaa"
REALM = Path(__file__).resolve().parents[4] / "deploy" / "keycloak" / "realm.json"
READY_SECONDS = 400
"""The first start puts its programs together, which takes minutes where the machine does much else."""


class Keycloak:
    """A running one. `realm` is the address of its realm `kmzb`: tokens name it as their issuer."""

    def __init__(self, address: str, administrator: tuple[str, str]) -> None:
        self.address, self.realm = address, f"{address}/realms/kmzb"
        self._administrator = administrator
        self._client = httpx.Client(base_url=address, trust_env=False, timeout=60)

    @property
    def settings(self) -> dict[str, str]:
        """What casework is told, so that it believes this one."""
        return {
            "KMZB_CASEWORK_ISSUER": self.realm,
            "KMZB_CASEWORK_JWKS_URL": f"{self.realm}/protocol/openid-connect/certs",
            "KMZB_CASEWORK_DISCOVERY_URL": f"{self.realm}/.well-known/openid-configuration",
        }

    def close(self) -> None:
        """Ask it nothing more."""
        self._client.close()

    def ready(self) -> bool:
        """Whether it answers."""
        try:
            return self._client.get("/realms/master").is_success
        except httpx.TransportError:
            return False

    def make_realm(self, casework_url: str) -> None:
        """Import the realm, for a desk at this address."""
        realm = json.loads(REALM.read_text(encoding="utf-8").replace("${KMZB_CASEWORK_URL}", casework_url))
        self._send("/admin/realms", realm)

    def make_officer(self, name: str, password: str, attributes: Mapping[str, str]) -> None:
        """Somebody who can sign in; without a role, somebody who is no officer."""
        user = {
            "username": name,
            "email": f"{name}@police.example",
            "enabled": True,
            "credentials": [{"type": "password", "value": password, "temporary": False}],
            "attributes": {key: [value] for key, value in attributes.items()},
        }
        self._send("/admin/realms/kmzb/users", user)

    def _send(self, path: str, body: object) -> None:
        name, password = self._administrator
        form = {"grant_type": "password", "client_id": "admin-cli", "username": name, "password": password}
        token = self._client.post("/realms/master/protocol/openid-connect/token", data=form).raise_for_status()
        headers = {"Authorization": f"Bearer {token.json()['access_token']}"}
        self._client.post(path, json=body, headers=headers).raise_for_status()


@contextmanager
def running_keycloak(root: Path) -> Iterator[Keycloak]:
    """One on a free port of loopback, with nothing in it; stopped at the end. Its log is in `root`."""
    home, administrator = _installed(), ("administrator", token_urlsafe())
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    argv = [str(home / "bin" / "kc.sh"), "start-dev", "--db=dev-mem", "--cache=local", "--http-host=127.0.0.1"]
    first = {"KC_BOOTSTRAP_ADMIN_USERNAME": administrator[0], "KC_BOOTSTRAP_ADMIN_PASSWORD": administrator[1]}
    log = root / "keycloak.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [*argv, f"--http-port={port}", "--http-management-port=0"],
            env={**os.environ, **first},
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    started = Keycloak(f"http://127.0.0.1:{port}", administrator)
    try:
        eventually(lambda: started.ready() or process.poll() is not None, READY_SECONDS, what=f"Keycloak, {log}")
        assert process.poll() is None, log.read_text()[-2000:]
        yield started
    finally:
        started.close()
        process.terminate()
        process.wait(30)


def _installed() -> Path:
    """Where it is, fetched with Maven when it is not there yet: 159 MB."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kmzb"
    home = cache / f"keycloak-{VERSION}"
    if not home.exists():
        new = cache / f"keycloak-{VERSION}.{os.getpid()}"
        artifact = f"-Dartifact=org.keycloak:keycloak-quarkus-dist:{VERSION}:zip"
        subprocess.run(["mvn", "-q", "-B", "-C", "dependency:copy", artifact, f"-DoutputDirectory={new}"], check=True)
        (packed,) = new.glob("*.zip")
        assert sha256(packed.read_bytes()).hexdigest() == SHA256
        shutil.unpack_archive(packed, new)
        (new / home.name / "bin" / "kc.sh").chmod(0o755)  # an archive's modes are not unpacked
        (new / home.name).rename(home)
        shutil.rmtree(new)
    return home
