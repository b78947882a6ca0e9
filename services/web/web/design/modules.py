"""What a page's script imports, all of it: named in the page, so that a browser asks for everything at once.

Otherwise it learns of a module's imports when it has the module: three levels are half a second on a slow connection.
"""

import re
from collections.abc import Callable
from posixpath import dirname, join, normpath

# Of the static kind alone, which stand at the beginning of a line; what is imported when it is needed is not asked for.
_IMPORT = re.compile(r"""^(?:import|export)\b[^"'`;=()]*["'](\.{1,2}/[^"']+)["']""", re.MULTILINE)


def imported_modules(name: str, text: Callable[[str], str]) -> list[str]:
    """The modules that `name` imports, and those they import, nearest first; by their names, of which `text` gives what
    they say. Raises LookupError where one is not there.
    """
    found = [name]
    for module in found:  # grows meanwhile
        for address in _IMPORT.findall(text(module)):
            imported = normpath(join(dirname(module), address))
            if imported not in found:
                found.append(imported)
    return found[1:]
