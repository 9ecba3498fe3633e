"""Builders that come with a host: Netlify, Vercel, Cloudflare Pages, Cloud Build, CodeBuild, Amplify, Render."""

from __future__ import annotations

import pytest

from diagnose.logs.steps import failed_steps
from diagnose.rank.outcome import outcome_of
from tests.support.reading import log_of, reading_of, shipped_reading_of

NETLIFY = (
    "9:12:01 AM: build-image version: 0a1b2c3 (noble)\n9:12:01 AM: buildbot version: 1b2c3d4\n"
    "9:12:02 AM: Preparing Git Reference refs/heads/main\n9:12:03 AM: Starting to install dependencies\n9:12:04 AM: added 5 packages\n"
)
VERCEL = "Cloning completed: 3ms\nRestored build cache from previous deployment (Ab1)\nVercel CLI 50.1.0\n"
PAGES = "Cloning repository...\nSuccess: Finished cloning repository files\n"
AGENT = "[Container] 2026/11/20 09:12:02.123456 "
AMPLIFY = "2026-11-20T09:12:01.123Z [INFO]: "
RENDER = "==> Cloning from https://example.org/acme/shop\n==> Using Node.js version 22.16.0 (default)\n"


def framed(frame: str, text: str) -> str:
    return "".join(f"{frame}{line}\n" for line in text.splitlines())


def failed(text: str) -> list[tuple[str, int | None]]:
    return [(step.name, step.code) for step in failed_steps(log_of(text).steps)]


@pytest.mark.parametrize(
    ("text", "dialect", "steps"),
    [
        (NETLIFY + "9:12:05 AM: $ npm run build\n9:12:06 AM: bad\n9:12:06 AM:   Command failed with exit code 3: npm run build\n", "netlify", [("npm run build", 3)]),
        (NETLIFY + "9:12:05 AM: Build failed due to a user error: Build script returned non-zero exit code: 2\n9:12:05 AM: Failing build: Failed to build site\n", "netlify", [("install dependencies", 2)]),
        ("9:12:09 AM: Failed during stage 'x': y returned non-zero exit code: 1\n" + NETLIFY + "9:12:09 AM: Failing build: Failed to install dependencies\n", "netlify", [("install dependencies", None)]),
        (NETLIFY + "9:12:05 AM: $ npm run build\n9:12:06 AM: good\n9:12:07 AM: Caching artifacts\n9:12:08 AM: Site is live ✨\n", "netlify", []),
        (framed("[09:12:01.123] ", VERCEL + 'Running "npm run build"\nbad\nError: Command "npm run build" exited with 2'), "vercel", [("npm run build", 2)]),
        (framed("09:12:01.123\t", VERCEL + 'Running "install" command: `pnpm i`...\nbad\nError: Command "pnpm i" exited with 1'), "vercel", [("pnpm i", 1)]),
        (framed("09:12:01.123 | ", VERCEL + 'Running "npm run build"\nbad\nError: Command "npm run build" exited with 2'), "vercel", [("npm run build", 2)]),
        (framed("Building: ", VERCEL + 'Running "next build"\nbad\nError: Command "next build" exited with 1') + 'Error: Command "next build" exited with 1\n', "vercel", [("next build", 1)]),
        (VERCEL + 'Running "npm run build"\nfine\nBuild Completed in /vercel/output [2m]\nDeploying outputs...\nDeployment completed\n', "vercel", []),
        (framed("2026-11-20T09:12:01.12345Z\t", PAGES + "Executing user command: hugo\nbad\nFailed: build command exited with code: 1\nFailed: error occurred while running build command"), "cloudflare-pages", [("hugo", 1)]),
        (framed("09:12:01.123\t", PAGES + "Executing user command: hugo\nbad\nFailed: Error while executing user command. Exited with error code: 4"), "cloudflare-pages", [("hugo", 4)]),
        (framed("09:12:01.123\t", PAGES + "Executing user command: hugo\nfine\nSuccess: Your site was deployed!"), "cloudflare-pages", []),
        ('Starting Step #0\nStep #0: a\nFinished Step #0\nStarting Step #1\nStep #1: bad\nFinished Step #1\nERROR\nERROR: build step 1 "gcr.io/a/b" failed: step exited with non-zero status: 7\n', "cloud-build", [("Step #1", 7)]),
        ('Step #0 - "a": one\nStep #1 - "b": two\nStep #0 - "a": bad\nStep #1 - "b": fine\nERROR: build step 0 "a" failed: step exited with non-zero status: 1\n', "cloud-build", [('Step #0 - "a"', 1)]),
        ("Step #0: a\nStep #0: WARNING: a warning\nPUSH\nDONE\n-----\nSTATUS: SUCCESS\n", "cloud-build", []),
        (f"{AGENT}Entering phase BUILD\n{AGENT}Running command make all\nbad\n{AGENT}Command did not exit successfully make all exit status 2\n{AGENT}Phase complete: BUILD State: FAILED\n{AGENT}Entering phase POST_BUILD\n{AGENT}Phase complete: POST_BUILD State: SUCCEEDED\n", "codebuild", [("make all", 2)]),
        (f"{AGENT}Entering phase BUILD\n{AGENT}Running command set -e\nmake\nbad\n{AGENT}Command did not exit successfully set -e\nmake\n exit status 5\n", "codebuild", [("set -e", 5)]),
        (f"{AGENT}Entering phase BUILD\n{AGENT}Running command make\nerror: none\n{AGENT}Phase complete: BUILD State: SUCCEEDED\n{AGENT}Entering phase POST_BUILD\n{AGENT}Phase complete: POST_BUILD State: SUCCEEDED\n", "codebuild", []),
        (f"{AMPLIFY}# Starting phase: build\n{' ' * 33}# Executing command: pnpm build\n{AMPLIFY}bad\n{AMPLIFY}!!! Build failed\n{AMPLIFY}!!! Error: Command failed with exit code 3\n", "amplify", [("pnpm build", 3)]),
        (RENDER + "==> Running build command 'npm run build'...\nbad\n==> Exited with status 2\n==> Build failed 😞\n", "render", [("npm run build", 2)]),
        (RENDER + "==> Running build command 'npm run build'...\nfine\n==> Build successful 🎉\n==> Deploying...\n==> Your service is live 🎉\n", "render", []),
        ("==> Making package: cart 1.0\n==> Build failed\n", "plain", []),
        ("7:01:02 AM: a diary\n8:01:02 AM: of plain words\n", "plain", []),
    ],
)  # fmt: skip
def test_steps_and_how_they_ended(text: str, dialect: str, steps: list[tuple[str, int | None]]) -> None:
    assert log_of(text).dialect.name == dialect
    assert failed(text) == steps


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (NETLIFY + "9:12:05 AM: $ npm run build\n9:12:08 AM: Site is live ✨\n", "passed"),
        (NETLIFY + "9:12:05 AM: Failing build: Failed to build site\n", "failed"),
        (framed("[09:12:01.123] ", VERCEL + 'Running "a"\nDeploying outputs...\nDeployment completed'), "passed"),
        (framed("09:12:01.123\t", PAGES + "Failed: an internal error occurred"), "failed"),
        ("Step #0: a\nStep #0: ERROR: of no consequence\nDONE\n", "passed"),
        ("Step #0: a\nStep #0: b\nTIMEOUT\n", "failed"),
        (f"{AGENT}Entering phase POST_BUILD\n{AGENT}Phase complete: POST_BUILD State: SUCCEEDED\n", "passed"),
        (RENDER + "==> Your service is live 🎉\n", "passed"),
    ],
)
def test_the_verdict_on_the_whole(text: str, status: str) -> None:
    assert outcome_of(reading_of(text)).status == status


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (NETLIFY + "9:12:05 AM: mise ERROR Tool not installed for shim: bun\n9:12:05 AM: Failing build: Failed to install dependencies\n", 6),
        (framed("Building: ", VERCEL + 'Running "next build"\nFailed to compile.\n./src/cart.tsx:71:15\nType error: Property \'index\' does not exist on type \'Cart\'.\nError: Command "next build" exited with 1'), 7),
        (f"{AMPLIFY}# Executing command: npm ci\n2026-11-20T09:12:02.123Z [WARNING]: npm error code E404\n{' ' * 36}npm error 404 Not Found - GET https://registry.npmjs.org/cartt\n{AMPLIFY}!!! Build failed\n{AMPLIFY}!!! Error: Command failed with exit code 1\n", 3),
    ],
    ids=["netlify", "vercel", "amplify"],
)  # fmt: skip
def test_what_stands_in_a_frame_is_known_by_its_rule(text: str, line: int) -> None:
    best = shipped_reading_of(text).candidates[0]
    assert abs(best.line - line) <= 1
    assert best.match is not None
