"""A program for the Python of the release before: it sets its system up as its operators would, again changes nothing.

On stdin stands where the system is; on stdout what each of its services is told.
"""

import json
import sys
from pathlib import Path

from deploy.stack.infrastructure import Stack
from deploy.stack.system import System

from deploy.stack import services

if __name__ == "__main__":
    where = json.load(sys.stdin)
    stack = Stack(Path(where["root"]), namespace=where["namespace"], durable=False, environ=where["servers"])
    system = System(stack, settings=where["settings"], first_port=None)
    system.set_up()
    json.dump({name: services.environment(name, system.addresses) for name in services.SERVICES}, sys.stdout)
