"""Who is asking: what row-level security decides by, and whom the audit names, for one transaction."""

from chassis.postgres import Connection

from casework.domain.officers import Officer


def set_identity(connection: Connection, officer: Officer) -> None:
    """Say who is asking, for this transaction only. Without it an officers' connection sees nothing."""
    connection.execute(
        "select set_config('kmzb.role', %s, true), set_config('kmzb.garrison', %s, true),"
        " set_config('kmzb.unit', %s, true), set_config('kmzb.subject', %s, true)",
        (officer.role, officer.garrison or "", officer.unit or "", officer.subject),
    )
