"""A private authority, and the certificates it signs, for brokers and clients of one installation: PEM files."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deploy.private_files import write_private

YEAR = timedelta(days=365)
LONG = 10 * YEAR
"""As long as an authority lasts."""


@dataclass(frozen=True, slots=True)
class Authority:
    """Who signs. `file` is what everybody is given who has to believe it."""

    file: Path
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def sign(
        self, folder: Path, name: str, since: datetime, lasts: timedelta = YEAR, hosts: Iterable[str] = ()
    ) -> tuple[Path, Path]:
        """A certificate for a name, good for this machine and these hosts; gives its file and that of its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = [x509.DNSName(host) for host in ("localhost", *hosts)]
        here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1")), *names])
        builder = _builder(_name(name), self.certificate.subject, key, since, since + lasts)
        signed = builder.add_extension(here, critical=False).sign(self.key, hashes.SHA256())
        certificate, key_file = folder / f"{name}.pem", folder / f"{name}.key"
        certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        write_private(key_file, _text(key))
        return certificate, key_file


def new_authority(folder: Path, since: datetime) -> Authority:
    """A new authority; its certificate is `authority.pem`, its key is in memory alone."""
    key, name = ec.generate_private_key(ec.SECP256R1()), _name("KMZB development authority")
    builder = _builder(name, name, key, since, since + LONG)
    certificate = builder.add_extension(x509.BasicConstraints(True, 0), critical=True).sign(key, hashes.SHA256())
    file = folder / "authority.pem"
    folder.mkdir(parents=True, exist_ok=True)
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return Authority(file, certificate, key)


def key_store(file: Path, certificate: Path, key: Path) -> Path:
    """Both in one file, as Java reads them."""
    write_private(file, key.read_text() + certificate.read_text())
    return file


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, since: datetime, until: datetime
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    return builder.serial_number(x509.random_serial_number()).not_valid_before(since).not_valid_after(until)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _text(key: ec.EllipticCurvePrivateKey) -> str:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
