"""How many rows a query reads, by PostgreSQL's own count."""

from typing import Any

from chassis.postgres import Connection


class Analysing:
    """A connection that counts the rows its queries read, those that do not match included; `read` is the last's."""

    def __init__(self, connection: Connection) -> None:
        self._connection, self.read, self.read_in_all = connection, 0, 0

    def execute(self, query: str, values: Any = None, **more: Any) -> Any:
        explained = self._connection.execute(f"explain (analyze, format json) {query}".encode(), values, **more)
        [row] = explained.fetchall()
        self.read = rows_read(row["QUERY PLAN"][0]["Plan"])
        self.read_in_all += self.read
        return self._connection.execute(query.encode(), values, **more)


def rows_read(node: dict[str, Any]) -> int:
    """The rows a plan's leaves give, and those they look at in vain."""
    below = sum(rows_read(child) for child in node.get("Plans", []))
    return int(below + node.get("Rows Removed by Filter", 0) + (0 if below else node["Actual Rows"]))
