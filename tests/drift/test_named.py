from __future__ import annotations

import pytest

from diagnose.drift.compare import Moved
from diagnose.drift.named import MOST_TEXT, How, named


def moved(name: str, realm: str = "pypi", before: str = "1.26.18", after: str = "2.0.2") -> Moved:
    return Moved(realm, name, before, after)


@pytest.mark.parametrize(
    ("text", "one"),
    [
        ("", moved("urllib3")),
        ("no module is missing", moved("urllib3")),
        ("urllib33 failed; my-urllib3-kit failed", moved("urllib3")),
        ("AssertionError: requests are late; click the button", moved("requests")),
        ("cannot build the test", moved("build", "npm")),
        ("python 2.0.2 is not supported", moved("python", "toolchain")),
        ("the runner's image 2.0.2", moved("the runner's image", "image")),
        ("go ms q", moved("ms", "npm")),
        ("node_modules/react-dom/index.js", moved("dom", "npm")),
        ("node_modules/react-dom/index.js", moved("react", "npm")),
        ("x" * MOST_TEXT + " urllib3", moved("urllib3")),
        ("https://acme.dev/urllib3", moved("urllib3")),
    ],
)
def test_what_the_failure_does_not_name(text: str, one: Moved) -> None:
    assert named(text, one) == ""


@pytest.mark.parametrize(
    ("text", "one", "how"),
    [
        ('File "/usr/lib/python3/site-packages/urllib3/util.py", line 3', moved("urllib3"), "path"),
        (r"C:\Python\Lib\site-packages\ruamel_yaml\main.py", moved("ruamel.yaml"), "path"),
        ("dist-packages/six.py:12", moved("six"), "path"),
        ("at x (/work/node_modules/@acme/kit/index.js:1:1)", moved("@acme/kit", "npm"), "path"),
        ("at x (node_modules/.pnpm/node_modules/chalk/index.js)", moved("chalk", "npm"), "path"),
        ("/usr/local/bundle/gems/rake-13.0.6/lib/rake.rb:1", moved("rake", "gem"), "path"),
        ("/home/runner/go/pkg/mod/golang.org/x/mod@v0.17.0/a.go:1", moved("golang.org/x/mod", "go"), "path"),
        (
            "/root/.cargo/registry/src/github.com-1ecc6299db9ec823/time-0.3.35/src/lib.rs:1",
            moved("time", "cargo"),
            "path",
        ),
        ("vendor/psr/log/src/x.php", moved("psr/log", "composer"), "path"),
        ("ModuleNotFoundError: No module named 'yaml'", moved("PyYAML"), "module"),
        ("ModuleNotFoundError: No module named 'attr.validators'", moved("attrs"), "module"),
        ("ImportError: cannot import name 'x' from 'requests'", moved("requests"), "module"),
        ("E   pydantic.errors.PydanticUserError: x", moved("pydantic"), "module"),
        ("Error: Cannot find module 'chalk'", moved("chalk", "npm"), "module"),
        ("cannot load such file -- nokogiri (LoadError)", moved("nokogiri", "gem"), "module"),
        ("error[E0463]: can't find crate for `serde_json`", moved("serde-json", "cargo"), "module"),
        ("build 2.0.2 needs more", moved("build"), "version"),
        ("removed in NumPy 2.0", moved("numpy", after="2.0.0"), "version"),
        ("python3-click==1.26.18", moved("click"), ""),
        ("click==1.26.18", moved("click"), "version"),
        ("Could not resolve org.acme.deep:kit:2.0.2", moved("org.acme.deep:kit", "maven"), "version"),
        ("kit-2.0.2.jar", moved("org.acme:kit", "maven"), "version"),
        ("at org.acme.deep.Thing.run(Thing.java:1)", moved("org.acme.deep:kit", "maven"), "name"),
        ("no such method in org.acme.deep", moved("org.acme.deep:kit", "maven"), "name"),
        ("urllib3 says no", moved("urllib3"), "name"),
        ("Kit failed", moved("https://github.com/acme/Kit", "swift"), "name"),
    ],
)
def test_how_the_failure_names_it(text: str, one: Moved, how: How) -> None:
    assert named(text, one) == how


def test_no_text_makes_it_slow() -> None:
    hostile = ("No module named " * 2000) + "/site-packages/" * 1000 + "urllib3" * 1000
    for one in (
        moved("urllib3"),
        moved("a" * 200 + "-" * 200 + "b"),
        moved("(((" * 50),
        moved("org.acme:kit", "maven"),
    ):
        assert named(hostile, one) in ("", "path", "module", "version", "name")
