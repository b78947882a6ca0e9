"""tsc and ESLint, as `make check` runs them, are seen to find what they are for in the modules of pages."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OWN, SHARED = "public-map/public_map/web/static", "services/web/web/design/static"
CONFIGURATION = ("node_modules", "package.json", "tsconfig.json", "eslint.config.js")

LINTED = {
    "max-lines": "export const x = [\n" + "  1,\n" * 249 + "];\n",
    "max-lines-per-function": "export function f() {\n" + "  f();\n" * 40 + "}\n",
    "no-restricted-properties": 'document.body.innerHTML = "x";\n',
    "no-eval": 'eval("1");\n',
    "no-implied-eval": 'setTimeout("1", 1);\n',
    "no-new-func": 'new Function("1")();\n',
    "no-script-url": 'location.href = "javascript:1";\n',
    "no-restricted-globals": 'alert("x");\n',
    "no-restricted-syntax": "export const load = (/** @type {string} */ name) => import(name);\n",
    "no-warning-comments": "// @ts-ignore\nexport const x = 1;\n",
    "no-console": "console.log(1);\n",
}
BARE = (
    "/** @param {Error} error */\nexport const words = (error) => error.message;\n",
    "/** @param {unknown} e */\nexport const words = (e) => (e instanceof Error ? e.message : String(e));\n",
)
MARKUP = (
    'document.body.insertAdjacentHTML("beforeend", "x");\n',
    'document.body["outerHTML"] = "x";\n',
    'document.write("x");\n',
    'document.createRange().createContextualFragment("x");\n',
    'document.cookie = "x";\n',
)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree with this repository's configuration, one module for each offence, and one that is fine."""
    root = tmp_path_factory.mktemp("pages")
    for name in CONFIGURATION:
        (root / name).symlink_to(ROOT / name)
    files = {f"{OWN}/{rule}.js": text for rule, text in LINTED.items()}
    files |= {f"{SHARED}/markup/{number}.js": text for number, text in enumerate(MARKUP)}
    files |= {f"{OWN}/bare/{number}.js": text for number, text in enumerate(BARE)}
    files |= {
        f"{OWN}/switched-off.js": "/* eslint-disable */\nvar x = 1; // eslint-disable-line\nexport { x };\n",
        f"{SHARED}/texts.js": "/** @param {string} text */\nexport const shown = (text) => text;\n",
        f"{SHARED}/vendor/library.js": "eval('1');\n",
        f"{OWN}/fine.js": 'import { shown } from "./design/texts.js";\n\nshown("x");\n',
        f"{OWN}/parts/fine.js": 'import { shown } from "../design/texts.js";\n\nexport const x = shown("x");\n',
        f"{OWN}/wrong-type.js": 'import { shown } from "./design/texts.js";\n\nshown(1);\n',
        f"{OWN}/untyped.js": "export const f = (x) => x;\n",
        f"{OWN}/missing.js": 'import { x } from "./nothing.js";\n\nexport { x };\n',
        f"{OWN}/maybe-null.js": 'document.getElementById("x").focus();\n',
    }
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    (root / ".pages").mkdir()
    (root / ".pages" / "design").symlink_to(root / SHARED)
    return root


@pytest.fixture(scope="module")
def linted(planted: Path) -> Mapping[str, set[str]]:
    """The rules each module breaks."""
    command = [str(ROOT / "node_modules/.bin/eslint"), "--format", "json"]
    done = subprocess.run(command, cwd=planted, capture_output=True, text=True, timeout=50)
    assert done.returncode == 1, done.stderr
    return {
        str(Path(file["filePath"]).relative_to(planted)): {message["ruleId"] for message in file["messages"]}
        for file in json.loads(done.stdout)
    }


def test_each_rule_finds_what_it_is_for(linted: Mapping[str, set[str]]) -> None:
    for rule in LINTED:
        assert rule in linted[f"{OWN}/{rule}.js"]
    for number, _ in enumerate(MARKUP):
        assert linted[f"{SHARED}/markup/{number}.js"] == {"no-restricted-properties"}
    for number, _ in enumerate(BARE):
        assert linted[f"{OWN}/bare/{number}.js"] == {"no-restricted-syntax"}
    assert "no-var" in linted[f"{OWN}/switched-off.js"]  # no line of the code switches a rule off


def test_what_is_fine_and_what_is_not_ours_is_left_alone(linted: Mapping[str, set[str]]) -> None:
    assert linted[f"{OWN}/fine.js"] == linted[f"{OWN}/parts/fine.js"] == linted[f"{SHARED}/texts.js"] == set()
    assert f"{SHARED}/vendor/library.js" not in linted


def test_types_are_checked_across_modules_as_a_browser_finds_them(planted: Path) -> None:
    done = subprocess.run([ROOT / "node_modules/.bin/tsc"], cwd=planted, capture_output=True, text=True, timeout=50)
    found = {
        (Path(line.partition("(")[0]).name, line.partition("error ")[2].partition(":")[0])
        for line in done.stdout.splitlines()
        if ": error TS" in line
    }
    assert {
        ("wrong-type.js", "TS2345"),
        ("untyped.js", "TS7006"),
        ("missing.js", "TS2307"),
        ("maybe-null.js", "TS2531"),
    } <= found
    assert not {file for file, _ in found} & {"fine.js", "texts.js", "library.js"}
