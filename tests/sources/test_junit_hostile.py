"""Files that are no JUnit XML, are cut off, lie, or want to do harm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from diagnose.model.incident import JunitReport, LogFile, Missing
from diagnose.sources.junit import elements
from diagnose.sources.junit.report import MOST_TESTS, read_report

if TYPE_CHECKING:
    from pathlib import Path

    from diagnose.model.text import Phrase

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "' + f"&a{n - 1};" * 10 + '">' for n in range(1, 10))
    + "]><testsuites>&a9;</testsuites>"
)
EXTERNAL = (
    '<!DOCTYPE testsuites [<!ENTITY x SYSTEM "file:///etc/passwd">]><testsuites><testsuite name="&x;"/></testsuites>'
)
ONE = '<testcase name="a" classname="C"><failure message="m">t</failure></testcase>'


def words(said: Phrase | None) -> str:
    return "".join(part if isinstance(part, str) else part._text for part in said.parts) if said else ""


def read(folder: Path, data: str | bytes) -> JunitReport | Missing:
    path = folder / "r.xml"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_report(LogFile("r.xml", path))


NONE: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "no element found"),
    "a log": ("FAILED tests/a.py\n", "it is no well-formed XML from line 1 on (syntax error): it is no JUnit XML."),
    "JSON": ('{"a": 1}', "it is no JUnit XML."),
    "binary": (bytes(range(256)) * 8, "it is no JUnit XML."),
    "HTML": ("<html><body><testsuite/></body></html>", "it is an HTML page, not JUnit XML."),
    "HTML with its doctype": ("<!DOCTYPE html><html></html>", "it is an HTML page: it is no JUnit XML."),
    "NUnit": ('<test-run id="2"><test-suite/></test-run>', "it is NUnit's own form, not JUnit XML."),
    "TRX": ('<TestRun xmlns="http://microsoft.com/x"/>', "it is a TRX file of dotnet test, not JUnit XML."),
    "coverage": ('<coverage line-rate="1"/>', "it is a coverage report, not JUnit XML."),
    "something else": ("<pom/>", "its root element is pom, not testsuites or testsuite: it is no JUnit XML."),
    "a document type": ('<!DOCTYPE testsuites SYSTEM "http://x.invalid/a.dtd"><testsuites/>', "it declares a document type (DOCTYPE)"),
    "billion laughs": (LAUGHS, "it declares a document type (DOCTYPE)"),
    "an external entity": (EXTERNAL, "it declares a document type (DOCTYPE)"),
}  # fmt: skip


@pytest.mark.parametrize("name", NONE)
def test_what_is_no_report_is_refused_with_its_reason(tmp_path: Path, name: str) -> None:
    data, why = NONE[name]
    found = read(tmp_path, data)
    assert isinstance(found, Missing)
    assert found.kind == "unreadable"
    assert why in words(found.why)


def test_a_file_that_is_gone_is_missing(tmp_path: Path) -> None:
    found = read_report(LogFile("r.xml", tmp_path / "none.xml"))
    assert isinstance(found, Missing)
    assert words(found.why) == "no such file or directory"


PARTS = {
    "cut off behind a test": (f"<testsuites><testsuite>{ONE}<testcase name='b'", 1, 1, "it is no well-formed XML from line 1 on (unclosed token)"),
    "cut off in a failure": ("<testsuite><testcase name='a' classname='C'><failure message='m'>t", 1, 1, "(no element found)"),
    "cut off in a test that had not failed": ("<testsuite><testcase name='a'><system-out>x", 0, 0, "(no element found)"),
    "a tag that does not fit": (f"<testsuite>{ONE}</wrong>{ONE}", 1, 1, "(mismatched tag)"),
    "an entity of its own": (f"<testsuite>{ONE}<testcase name='&nbsp;'/></testsuite>", 1, 1, "(undefined entity)"),
    "nested deeply": (f"<testsuites>{ONE}" + "<testsuite>" * 5000, 1, 1, "more than 64 deep"),
    "attributes that count more failures": (f'<testsuite tests="3" failures="2" errors="1">{ONE}<testcase name="b"/><testcase name="c"/></testsuite>', 3, 1, "its attributes count 3 failures, its elements 1"),
    "attributes that count more tests": (f'<testsuites><testsuite tests="4" failures="1">{ONE}</testsuite><testsuite tests="1"/></testsuites>', 1, 1, "its attributes count 5 tests, its elements 1"),
}  # fmt: skip


@pytest.mark.parametrize("name", PARTS)
def test_what_was_read_is_kept_and_the_rest_is_said(tmp_path: Path, name: str) -> None:
    data, run, bad, problem = PARTS[name]
    found = read(tmp_path, data)
    assert isinstance(found, JunitReport)
    assert (found.run, found.bad) == (run, bad)
    assert problem in words(found.problem)


WHOLE = {
    "attributes that count less": f'<testsuite tests="0" failures="0">{ONE}</testsuite>'.encode(),
    "numbers that are none": ('<testsuite tests="many" failures="-1" errors="' + "9" * 400 + f'">{ONE}</testsuite>').encode(),
    "raw control characters": ("<testsuite>" + ONE.replace(">t<", ">\x1b[31mred\x00\x08<") + "</testsuite>").encode(),
    "bytes that are not UTF-8": b'<?xml version="1.0" encoding="UTF-8"?><testsuite>' + ONE.replace(">t<", ">\udcff\udcfe<").encode("utf-8", "surrogateescape") + b"</testsuite>",
    "Latin-1": b'<?xml version="1.0" encoding="ISO-8859-1"?><testsuite>' + ONE.replace(">t<", ">é<").encode("latin-1") + b"</testsuite>",
    "UTF-8 that says it is UTF-16": f'<?xml version="1.0" encoding="utf-16"?><testsuite>{ONE}é</testsuite>'.encode(),
    "an encoding that nobody knows": f'<?xml version="1.0" encoding="x-none"?><testsuite>{ONE}</testsuite>'.encode(),
    "an encoding that is no encoding of text": f'<?xml version="1.0" encoding="hex"?><testsuite>{ONE}</testsuite>'.encode(),
    "Shift JIS": b'<?xml version="1.0" encoding="Shift_JIS"?><testsuite>' + ONE.replace(">t<", ">表<").encode("shift_jis") + b"</testsuite>",
    "a byte order mark": b"\xef\xbb\xbf" + f'<?xml version="1.0"?><testsuite>{ONE}</testsuite>'.encode(),
    "prefixes": b'<j:testsuites xmlns:j="urn:x"><j:testsuite><j:testcase name="a"><j:failure message="m"/></j:testcase></j:testsuite></j:testsuites>',
    "a test in a suite in a suite": f"<testsuites><testsuite><testsuite>{ONE}</testsuite></testsuite></testsuites>".encode(),
    "no names at all": b"<testsuite><testcase><failure/></testcase></testsuite>",
}  # fmt: skip


@pytest.mark.parametrize("name", WHOLE)
def test_odd_but_readable(tmp_path: Path, name: str) -> None:
    found = read(tmp_path, WHOLE[name])
    assert isinstance(found, JunitReport)
    assert (found.run, found.bad, found.problem) == (1, 1, None)


def test_lines_are_counted_as_a_log_counts_them(tmp_path: Path) -> None:
    # a lone \r ends a line for an XML parser, not for a log; the failure begins behind a megabyte of system-out
    text = (
        "<testsuite>\r\n<testcase name='x'><system-out>"
        + "a\rb\n" * 400_000
        + "</system-out></testcase>\n"
        + ONE
        + "</testsuite>"
    )
    found = read(tmp_path, text)
    assert isinstance(found, JunitReport)
    assert [(test.at, test.end) for test in found.tests] == [(400_003, 400_003)]


def test_more_failures_than_are_kept_are_counted(tmp_path: Path) -> None:
    found = read(tmp_path, "<testsuite>" + ONE * (MOST_TESTS + 100) + "</testsuite>")
    assert isinstance(found, JunitReport)
    assert (found.run, found.failed, len(found.tests)) == (MOST_TESTS + 100, MOST_TESTS + 100, MOST_TESTS)


def test_texts_are_bounded(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        f"<testsuite><testcase name='{'n' * 100_000}'><failure message='{'m' * 100_000}'>{'t' * 100_000}\ntests/a.py:3: E</failure></testcase></testsuite>",
    )
    assert isinstance(found, JunitReport)
    test = found.tests[0]
    assert len(test.name) <= 2_000
    assert len(test.message) <= 16_000
    assert (test.file, test.line) == ("tests/a.py", 3)


@pytest.mark.parametrize("tag", ["<testcase name='%s'/>", "<!--%s-->"])
def test_a_tag_without_end_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tag: str) -> None:
    monkeypatch.setattr(elements, "MOST_TAG", 1 << 16)
    monkeypatch.setattr(elements, "PIECE", 1 << 12)
    found = read(tmp_path, f"<testsuite>{ONE}" + tag % ("a" * 200_000))
    assert isinstance(found, JunitReport)
    assert "one of its tags is longer than" in words(found.problem)
    assert found.bad == 1


def test_a_file_is_read_to_its_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elements, "MOST_BYTES", 1 << 20)
    found = read(tmp_path, f"<testsuite>{ONE}<system-out>" + "a" * (3 << 20))
    assert isinstance(found, JunitReport)
    assert "larger than 1 MB" in words(found.problem)


SLOW = [
    "\n" * 8_000,
    "at " * 3_000,
    "at a(" * 1_600,
    " at b.c.d" * 1_000,
    'File "' * 1_300,
    "/" * 8_000,
    "a.py:1" * 1_300,
    "in x:" * 1_600,
    "panicked at '" * 600,
]


@pytest.mark.parametrize("text", SLOW, ids=[text[:9] for text in SLOW])
def test_no_text_makes_the_search_for_places_slow(tmp_path: Path, text: str) -> None:
    # the suite's time limit is the judge: each of these took minutes with an expression that tries every start for every end
    found = read(
        tmp_path,
        "<testsuite>" + f"<testcase name='a' classname='C'><failure>{text}</failure></testcase>" * 50 + "</testsuite>",
    )
    assert isinstance(found, JunitReport)
    assert found.failed == 50
