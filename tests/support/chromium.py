"""A real browser, driven over a pair of pipes: file descriptors 3 and 4, messages of JSON that end with NUL.

Chromium's own protocol (https://chromedevtools.github.io/devtools-protocol/), so that nothing needs to be installed for it.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import time
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PATIENCE: Final = 40.0


def browser() -> str:
    """Where a Chromium is; "" where there is none."""
    return os.environ.get("CHROMIUM") or next((found for name in NAMES if (found := shutil.which(name))), "")


class Chromium:
    """One browser with one page. `heard`: every console message, error and request of the page since it was opened."""

    def __init__(self, program: str, folder: Path) -> None:
        theirs_in, self._to = os.pipe()
        self._from, theirs_out = os.pipe()
        command = [
            program, "--headless", "--no-sandbox", "--remote-debugging-pipe", f"--user-data-dir={folder}", "--disable-gpu", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-extensions", "--hide-scrollbars", "--force-color-profile=srgb", "--disable-dev-shm-usage", "about:blank",
        ]  # fmt: skip
        # a shell moves the pipes to where the browser looks for them; 10 and above would be two digits to a plain one
        high_in, high_out = os.dup(theirs_in), os.dup(theirs_out)
        os.close(theirs_in)
        os.close(theirs_out)
        script = f'exec "$@" 3<&{high_in} 4>&{high_out}'
        shell = shutil.which("bash") or "/bin/sh"
        self._process = subprocess.Popen(
            [shell, "-c", script, "chromium", *command],
            pass_fds=(high_in, high_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(high_in)
        os.close(high_out)
        self._rest = b""
        self._next = 0
        self._session = ""
        self.heard: list[dict[str, Any]] = []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        os.close(self._to)
        os.close(self._from)

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method and return its result; what is told meanwhile is heard."""
        self._next += 1
        message: dict[str, Any] = {"id": self._next, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            got = self._message()
            if got.get("id") == self._next:
                if "error" in got:
                    raise AssertionError(f"{method}: {got['error']}")
                result: dict[str, Any] = got["result"]
                return result
            self.heard.append(got)

    def _message(self) -> dict[str, Any]:
        end = time.monotonic() + PATIENCE
        while b"\0" not in self._rest:
            if not select.select([self._from], [], [], max(0.0, end - time.monotonic()))[0]:
                raise AssertionError("the browser does not answer")
            piece = os.read(self._from, 1 << 16)
            if not piece:
                raise AssertionError("the browser ended")
            self._rest += piece
        raw, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(raw)
        return message

    def look(
        self,
        width: int,
        height: int = 900,
        *,
        dark: bool = False,
        scale: float = 1,
        reduced: bool = False,
        media: str = "screen",
    ) -> None:
        """Set the window and what the reader prefers."""
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=width < 600,
        )
        features = [
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce" if reduced else "no-preference"},
        ]
        self.ask("Emulation.setEmulatedMedia", media=media, features=features)

    def open(self, file: Path, *, place: str = "", script: bool = True) -> None:
        """Open a file, with nothing heard before, and wait until it is loaded."""
        self.ask("Emulation.setScriptExecutionDisabled", value=not script)
        # an empty page first: a change of place alone would load nothing
        for address in ("about:blank", file.as_uri() + (f"#{place}" if place else "")):
            self.heard.clear()
            self.ask("Page.navigate", url=address)
            while not any(one.get("method") == "Page.loadEventFired" for one in self.heard):
                self.heard.append(self._message())

    def value(self, expression: str) -> Any:
        """Return what an expression is in the page."""
        found = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def press(self, key: str, text: str = "") -> None:
        """Press and release a key."""
        codes = {"Enter": 13, "Escape": 27, "Tab": 9, "ArrowDown": 40, "ArrowUp": 38, "Home": 36, "End": 35, " ": 32}
        code = codes.get(key, ord(key[0].upper()))
        said = text or {"Enter": "\r", " ": " "}.get(key, key if len(key) == 1 else "")
        self.ask(
            "Input.dispatchKeyEvent",
            type="keyDown",
            key=key,
            windowsVirtualKeyCode=code,
            **({"text": said} if said else {}),
        )
        self.ask("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def write(self, text: str) -> None:
        """Put text where the focus is, as a paste does, and wait until the page has drawn."""
        self.ask("Input.insertText", text=text)
        self.settle()

    def settle(self) -> None:
        """Wait for two frames."""
        self.value("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")

    def shot(self, file: Path, *, whole: bool = False) -> None:
        """Take a picture, of the window or of the whole page."""
        data = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        file.write_bytes(base64.b64decode(data["data"]))

    def complaints(self) -> list[str]:
        """What the console said, scripts that failed, and what was asked of any network or file besides the page."""
        out = []
        for one in self.heard:
            method, said = one.get("method"), one.get("params", {})
            if method in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"):
                out.append(f"{method}: {json.dumps(said)[:300]}")
            elif method == "Network.requestWillBeSent" and not _own(said):
                out.append(f"request: {said['request']['url']}")
        return out


def _own(request: dict[str, Any]) -> bool:
    """Whether it is the page itself, or a picture that the browser draws its own fields with."""
    address: str = request["request"]["url"]
    return (request.get("type") == "Document" and address.startswith("file:")) or address.startswith(
        "data:image/svg+xml;base64,"
    )
