"""How the services answer HTTP: one way to make an application, one guard in front of each, one server.

A service's `__main__` imports it before all else: structlog takes rich along where there is some, for colours,
which was an eighth of a start, and the logs of services are lines of JSON.
"""

import sys
from typing import Any, cast

if "rich" not in sys.modules:
    cast(dict[str, Any], sys.modules)["rich"] = None
    import structlog as structlog

    del sys.modules["rich"]
