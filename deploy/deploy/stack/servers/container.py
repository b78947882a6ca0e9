"""What the broker of docker-compose.yml is told and shown, written once into the volumes it mounts.

    python -m deploy.stack.servers.container FOLDER AUTHORITY HOST

The password of `operators` comes from KMZB_KAFKA_PASSWORD. Templates are those of the private broker.
"""

import os
import shutil
import sys
from datetime import timedelta
from pathlib import Path

from chassis.clock import now

from deploy.access.certificates import LONG, key_store, new_authority
from deploy.private_files import write_private
from deploy.stack.servers.kafka import Secured, broker_settings

DATA = Path("/var/lib/kafka/data")
PORT, CONTROLLER_PORT = 9092, 9093
EVERYWHERE = "0.0.0.0"


def write(folder: Path, authority: Path, host: str, password: str) -> Path:
    """Give the broker its certificate, unless it has one, and its settings; `authority` gets what clients believe.

    Gives the settings' file.
    """
    store, signer = folder / "broker.store", folder / "authority.pem"
    if not store.exists():
        since = now() - timedelta(minutes=1)
        key_store(store, *new_authority(folder, since).sign(folder, "broker", since, LONG, [host]))
    shutil.copyfile(signer, authority / "authority.pem")
    secured, settings = Secured(store, signer, password), folder / "server.properties"
    write_private(settings, broker_settings(DATA, PORT, CONTROLLER_PORT, secured, listen=EVERYWHERE, host=host))
    ours = {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.jaas.config": "org.apache.kafka.common.security.scram.ScramLoginModule required"
        f' username="operators" password="{password}";',
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(signer),
    }
    write_private(folder / "operators.properties", "".join(f"{name}={value}\n" for name, value in ours.items()))
    return settings


def main() -> None:
    """As docker-compose.yml calls it."""
    if len(sys.argv) != 4 or not (password := os.environ.get("KMZB_KAFKA_PASSWORD")):
        sys.exit(__doc__)
    print(f"{write(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], password)} is written")


if __name__ == "__main__":
    main()
