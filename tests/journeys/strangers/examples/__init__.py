"""Every example of issue 7, by kind, as a stranger sends it."""

from collections.abc import Sequence

from journeys.strangers.examples.clocks import CLOCKS
from journeys.strangers.examples.commands import COMMANDS
from journeys.strangers.examples.delivery import DELIVERY
from journeys.strangers.examples.doors import DOORS
from journeys.strangers.examples.messages import MESSAGES
from journeys.strangers.examples.requests import REQUESTS
from journeys.strangers.shape import Example

# What takes a while by itself comes first.
EXAMPLES: Sequence[Example] = (*DELIVERY, *MESSAGES, *REQUESTS, *COMMANDS, *CLOCKS, *DOORS)
