"""What casework refuses, naming a field, its pages say in the officer's language: all of its own words are known."""

import ast
import json
import shutil
import subprocess
from pathlib import Path

from web.texts import phrases
from web.texts.browser import browser_catalogue

import casework

PACKAGE = Path(casework.__file__).parent
TEXTS = Path(phrases.__file__).parents[1] / "design" / "static" / "texts.js"
OF_PROGRAMS = {"Idempotency-Key", "next", "order"}
"""Fields no page lets anybody fill in."""
PROGRAM = """
const { module, catalogue, details } = JSON.parse(process.argv[1]);
globalThis.document = { documentElement: { lang: "pl" }, getElementById: () => ({ textContent: catalogue }) };
const { refusal } = await import(module);
console.log(JSON.stringify(details.map((detail) => refusal(detail))));
"""


def words(node: ast.expr) -> str:
    """What is written in the source, with 7 for each value that is put in."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)
    assert isinstance(node, ast.Constant), ast.unparse(node)
    return str(node.value)


def refusals() -> list[str]:
    """The words of each `Refused(field, words)` in casework."""
    calls = [
        node.args
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refused"
    ]
    return [
        words(said) for field, said in calls if not (isinstance(field, ast.Constant) and field.value in OF_PROGRAMS)
    ]


def test_each_refusal_of_casework_is_said_in_the_page_s_language(tmp_path: Path) -> None:
    details = refusals()
    assert len(details) > 20
    (tmp_path / "design").mkdir()
    shutil.copy(TEXTS, tmp_path / "design")
    shutil.copy(PACKAGE / "web" / "static" / "refusals.js", tmp_path / "refusals.mjs")
    given = {
        "module": (tmp_path / "refusals.mjs").as_uri(),
        "catalogue": browser_catalogue("casework", "pl").decode(),
        "details": details,
    }
    command = ["node", "--input-type=module", "--eval", PROGRAM, json.dumps(given)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert [detail for detail, shown in zip(details, said, strict=True) if shown == detail] == []
