"""action/install.sh: what is used as it is, what is installed and how, and what of the job it leaves alone. Nothing here asks an index."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from diagnose.version import VERSION

ROOT = Path(__file__).resolve().parents[2]
NEEDED = ("action/install.sh", "action/requirements.txt", "action/uv.txt", "diagnose/version.py")
STUB = "#!/bin/bash\n{body}\n"
UV = """[ "$1" = --version ] && {{ echo uv; exit; }}
printf '%s\\n' "$PWD: $*" >> {record}
[ "$1" = pip ] && exit {code}
mkdir -p "${{@: -1}}/bin"
printf '#!/bin/bash\\necho ci-diagnose {version}\\n' > "${{@: -1}}/bin/ci-diagnose"
/bin/chmod +x "${{@: -1}}/bin/ci-diagnose"
"""


class Machine:
    """A folder that stands for a runner: its own tools on PATH, a copy of the action, RUNNER_TEMP."""

    def __init__(self, folder: Path) -> None:
        self.bin, self.temp, self.record, self.work = (
            folder / "bin",
            folder / "temp",
            folder / "record",
            folder / "work",
        )
        self.output, self.path, self.action = folder / "output", folder / "path", folder / "action with space"
        for each in (self.bin, self.temp, self.work):
            each.mkdir()
        for name in ("bash", "sed", "dirname", "mkdir", "rm", "ln", "env"):
            (self.bin / name).symlink_to(shutil.which(name) or "/none")
        for name in NEEDED:
            (self.action / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.action / name)

    def has(self, name: str, body: str) -> None:
        """Put a command on PATH."""
        (self.bin / name).unlink(missing_ok=True)
        (self.bin / name).write_text(STUB.format(body=body))
        (self.bin / name).chmod(0o755)

    def has_uv(self, code: int = 0) -> None:
        self.has("uv", UV.format(record=self.record, version=VERSION, code=code))

    def has_python(self, version: str = "") -> None:
        """This Python, or one that says no to every question, as an older one does."""
        self.has("python3", "exit 1" if version else f'exec {sys.executable} "$@"')

    def install(self, **more: str) -> tuple[int, str]:
        env = {
            "PATH": str(self.bin),
            "RUNNER_TEMP": str(self.temp),
            "RUNNER_OS": "Linux",
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_PATH": str(self.path),
            **more,
        }
        done = subprocess.run(
            [self.bin / "bash", self.action / "action" / "install.sh"],
            cwd=self.work,
            env=env,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    @property
    def tool(self) -> str:
        lines = dict(line.split("=", 1) for line in self.output.read_text().splitlines())
        assert lines["version"] == VERSION
        return lines["tool"]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize(
    ("says", "install", "used"),
    [
        ("echo ci-diagnose 0.0.1", "auto", False),
        ("echo something else", "auto", False),
        ("exit 3", "auto", False),
        (f"echo ci-diagnose {VERSION}", "always", False),
        (f"echo ci-diagnose {VERSION}", "auto", True),
    ],
)
def test_a_tool_on_path_is_used_when_it_is_of_this_version(
    machine: Machine, says: str, install: str, *, used: bool
) -> None:
    machine.has("ci-diagnose", says)
    machine.has_python()
    machine.has_uv()
    code, said = machine.install(DIAGNOSE_INSTALL=install)
    assert code == 0, said
    assert (machine.tool == str(machine.bin / "ci-diagnose")) is used
    assert machine.record.exists() is not used


def test_what_uv_is_asked_for(machine: Machine) -> None:
    machine.has_python()
    machine.has_uv()
    code, said = machine.install()
    assert code == 0, said
    place = machine.temp / f"ci-diagnose-{VERSION}"
    made, packages, own = machine.record.read_text().splitlines()
    assert made == f"{place}: venv --quiet --no-project --python {machine.bin}/python3 {place}/venv"
    assert (
        packages
        == f"{place}: pip install --quiet --no-deps --require-hashes --only-binary :all: -r {machine.action}/action/requirements.txt"
    )
    assert own == f"{place}: pip install --quiet --no-deps --no-build-isolation --no-index {machine.action}"
    assert machine.tool == f"{place}/venv/bin/ci-diagnose"
    assert list(machine.work.iterdir()) == []


def test_a_second_step_installs_nothing(machine: Machine) -> None:
    machine.has_python()
    machine.has_uv()
    assert machine.install()[0] == 0
    machine.record.unlink()
    assert machine.install()[0] == 0
    assert not machine.record.exists()


def test_what_broke_off_is_made_anew(machine: Machine) -> None:
    machine.has_python()
    machine.has_uv(code=2)
    code, said = machine.install()
    assert (code, said) == (
        1,
        "::error title=ci-diagnose::The packages could not be installed. The log of this step says why; a package index must be reached.\n",
    )
    assert not machine.output.exists()
    machine.has_uv()
    assert machine.install()[0] == 0


def test_path_gets_a_folder_that_holds_the_tool_and_no_python(machine: Machine) -> None:
    machine.has_python()
    machine.has_uv()
    assert machine.install()[0] == 0
    assert not machine.path.exists()
    assert machine.install(DIAGNOSE_ON_PATH="true")[0] == 0
    (added,) = machine.path.read_text().splitlines()
    assert [each.name for each in Path(added).iterdir()] == ["ci-diagnose"]
    assert (Path(added) / "ci-diagnose").resolve() == Path(machine.tool).resolve()


@pytest.mark.parametrize(
    ("prepare", "more", "says"),
    [
        (lambda machine: machine.has_python("3.10"), {}, "Python 3.11 or newer is needed: put actions/setup-python before this step."),
        (lambda _: None, {}, "Python 3.11 or newer is needed: put actions/setup-python before this step."),
        (lambda _: None, {"DIAGNOSE_INSTALL": "never"}, "install takes auto or always."),
        (lambda _: None, {"DIAGNOSE_INSTALL": "::add-mask::e"}, "install takes auto or always."),
        (lambda machine: (machine.action / "diagnose/version.py").write_text("VERSION = 1"), {}, "the folder of the action does not hold the tool: name the action by a commit of its repository."),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_in_one_line(machine: Machine, prepare: object, more: dict[str, str], says: str) -> None:
    prepare(machine)  # type: ignore[operator]  # a function of the table
    assert machine.install(**more) == (1, f"::error title=ci-diagnose::{says}\n")


def test_an_old_python_does_not_matter_to_uv(machine: Machine) -> None:
    machine.has_python("3.10")
    machine.has_uv()
    code, said = machine.install()
    assert code == 0, said
    assert machine.record.read_text().startswith(
        f"{machine.temp}/ci-diagnose-{VERSION}: venv --quiet --no-project --python >=3.11 "
    )


def test_a_python_of_the_image_is_found(machine: Machine) -> None:
    kept = machine.temp / "tools" / "Python" / "3.12.9" / "x64" / "bin"
    kept.mkdir(parents=True)
    machine.has_python()
    shutil.move(machine.bin / "python3", kept / "python3")
    machine.has_uv()
    code, said = machine.install(RUNNER_TOOL_CACHE=str(machine.temp / "tools"))
    assert code == 0, said
    assert f"--python {kept}/python3 " in machine.record.read_text()


def test_the_scripts_can_be_run() -> None:
    assert all(os.access(ROOT / "action" / name, os.X_OK) for name in ("install.sh", "diagnose.sh"))
