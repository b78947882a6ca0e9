"""Types of what people send in bodies and queries."""

from datetime import datetime
from typing import Annotated

from contracts.instants import parse_instant
from pydantic import BeforeValidator, Field

Instant = Annotated[datetime, BeforeValidator(parse_instant), Field(description="RFC 3339 with zone, 2000 to 2099")]
