"""Which commands are checks. Those that are none stand first."""

from __future__ import annotations

import pytest

from diagnose.workflows.tools import bare, check_of


@pytest.mark.parametrize(
    "command",
    [
        "", "rm -f x", "npm ci", "npm install", "npm audit", "npm run docs:build", "npm run start", "npm publish", "yarn", "yarn install", "pip install pytest", "grep -r test .",
        "make clean", "make install", "make docs", "mvn dependency:resolve", "mvn deploy", "go install x", "go test -bench=. ./...", "go mod tidy", "cargo install nextest", "cargo bench",
        "cargo test --no-run", "pylint --version", "pytest --collect-only", "pytest --help", "tox --notest", "coverage xml", "codecov", "docker rm x", "git diff --exit-code",
        "python -m build", "python manage.py migrate", "python -c 'import x'", "./scripts/check-disk-space.sh", "./scripts/wait-for-test-db.sh", "bash setup.sh", "black .", "prettier --write .",
        "pre-commit run --install-hooks", "test -f x", "$CMD test", "terraform plan", "xcodebuild -list", "cypress install", "lein deps", "composer install", "sudo", "env A=1", "timeout 5",
    ],
)  # fmt: skip
def test_no_check(command: str) -> None:
    assert check_of(command.split()) == ""


@pytest.mark.parametrize(
    ("command", "tool"),
    [
        ("pytest -x", "pytest"), ("python -m pytest tests", "pytest"), ("python3.12 -W error -m pytest", "pytest"), ("uv run --extra dev pytest", "pytest"), ("coverage run -m pytest", "coverage"),
        ("npm test", "npm test"), ("npm t", "npm test"), ("npm run lint", "npm lint"), ("npm -w api run test:unit", "npm test:unit"), ("yarn test", "yarn test"), ("pnpm -r test", "pnpm test"),
        ("npx --yes jest", "jest"), ("./node_modules/.bin/eslint .", "eslint"), ("timeout -k 5 60 ./run_tests.sh", "run_tests.sh"), ("sudo -E make check", "make check"), ("make", "make"),
        ("make -j4 test", "make test"), ("./gradlew :app:check", "gradlew :app:check"), ("mvn -B verify", "mvn verify"), ("cargo +nightly clippy -- -D warnings", "cargo clippy"),
        ("go test ./...", "go test"), ("ruff check .", "ruff check"), ("ruff format --check .", "ruff format"), ("black --check .", "black"), ("cargo fmt --all -- --check", "cargo fmt"),
        ("python setup.py test", "setup.py test"), ("python manage.py test", "manage.py test"), ("bash ci/test.sh", "test.sh"), ("xvfb-run -a npm test", "npm test"), ("bundle exec rspec", "rspec"),
        ("hatch run test:cov", "hatch test:cov"), ("env FOO=1 tox -e py", "tox"), ("node --test", "node --test"), ("dotnet test", "dotnet test"), ("bazel test //...", "bazel test"),
        ("xcodebuild -scheme x test", "xcodebuild"), ("cypress run", "cypress"), ("pre-commit run --all-files", "pre-commit run"), ("tests/run_unit.py", "run_unit.py"), ("composer run-script test", "composer test"),
        (r".\build\test.cmd", "test.cmd"), ("mise exec -- pytest", "pytest"), ("rake spec", "rake spec"),
    ],
)  # fmt: skip
def test_check(command: str, tool: str) -> None:
    assert (check_of(command.split()) or "none") in (tool, "pytest" if tool == "coverage" else tool)


def test_a_program_is_known_without_folder_and_extension() -> None:
    assert bare(r"C:\tools\npm.cmd") == "npm"
    assert bare("./mvnw") == "mvnw"
