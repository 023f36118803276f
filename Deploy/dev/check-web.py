#!/usr/bin/env python3
"""Checks the files that are embedded in the program for browsers and clients: HTML, SVG, CSS, JavaScript and JSON.

    check-web.py FOLDER…

Markup has balanced tags and no id twice, style sheets have balanced brackets, scripts a syntax that node accepts (where
node is not installed, balanced brackets, and a line says so), JSON is JSON, and nothing is loaded from elsewhere. Prints
a line a fault, FILE:LINE first. Exit status: 0 none, 1 some, 64 there is nothing to check.
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser

VOID = {
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
}
# Attributes whose value a browser asks for, or goes to.
ADDRESSES = {"action", "data", "formaction", "href", "poster", "src", "srcset", "xlink:href"}
ELSEWHERE = re.compile(r"""(?:\b[a-z][a-z0-9+.-]*:)?//[^\s/"'`]""", re.IGNORECASE)
COMMENT = r"(?s:/\*.*?\*/)|//[^\n]*"
NODE = shutil.which("node") or shutil.which("nodejs")
PAIRS = {")": "(", "]": "[", "}": "{"}


class Markup(HTMLParser):
    """Notes faults of a page: tags that do not match, ids that are there twice, addresses elsewhere."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.faults = [], set(), []

    def fault(self, text):
        self.faults.append((self.getpos()[0], text))

    def handle_starttag(self, tag, attributes):
        self.attributes(attributes)
        if tag not in VOID:
            self.open.append((tag, self.getpos()[0]))

    def handle_startendtag(self, tag, attributes):
        self.attributes(attributes)
        if tag not in VOID and not any(name == "svg" for name, _ in self.open) and tag != "svg":
            self.fault(f"<{tag}/> closes nothing in HTML")

    def handle_endtag(self, tag):
        if not self.open or self.open[-1][0] != tag:
            inner = f"<{self.open[-1][0]}> of line {self.open[-1][1]}" if self.open else "nothing"
            self.fault(f"</{tag}> where {inner} is open")
        if any(name == tag for name, _ in self.open):
            while self.open.pop()[0] != tag:
                pass

    def attributes(self, attributes):
        for name, value in attributes:
            if name == "id":
                if value in self.ids:
                    self.fault(f'id="{value}" is there twice')
                self.ids.add(value)
            if name in ADDRESSES and re.match(r"\s*(?:[a-z][a-z0-9+.-]*:|//)", value or "", re.IGNORECASE):
                self.fault(f'{name}="{value}" is elsewhere')


def markup(text):
    parser = Markup()
    parser.feed(text)
    parser.close()
    return parser.faults + [(line, f"<{tag}> is not closed") for tag, line in parser.open]


def brackets(text, rest):
    """Faults of brackets, outside what the pattern `rest` matches: comments, strings."""
    blank = re.sub(rest, lambda match: re.sub(r"[^\n]", " ", match.group()), text)
    faults, stack, line = [], [], 1
    for character in blank:
        if character == "\n":
            line += 1
        elif character in PAIRS.values():
            stack.append((character, line))
        elif character in PAIRS:
            if not stack or stack.pop()[0] != PAIRS[character]:
                return faults + [(line, f"{character} closes nothing that is open")]
    return faults + [(at, f"{character} is not closed") for character, at in stack]


def elsewhere(text, pattern, what):
    return [
        (number, f"{what}: {match.group()}")
        for number, line in enumerate(text.split("\n"), 1)
        for match in re.finditer(pattern, line, re.IGNORECASE)
    ]


def style(text):
    plain = re.sub(r"/\*.*?\*/", lambda match: re.sub(r"[^\n]", " ", match.group()), text, flags=re.DOTALL)
    return (
        brackets(text, r"""(?s)/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""")
        + elsewhere(plain, r"@import\b|\burl\(|\bimage-set\(|\bsrc\(", "a style sheet loads nothing")
    )


def script(text):
    """Faults of addresses in strings; a pattern between slashes that has quotes in it is taken for one."""
    strings = r""""(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`"""
    faults = [] if NODE else brackets(text, COMMENT + "|" + strings)
    for match in re.finditer(COMMENT + "|(?P<string>" + strings + ")", text):
        if (string := match.group("string")) and ELSEWHERE.match(string[1:]):
            faults.append((text.count("\n", 0, match.start()) + 1, f"{string} is elsewhere"))
    return faults


def data(text):
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return [(error.lineno, f"not JSON: {error.msg}")]
    return []


CHECKS = {".html": markup, ".svg": markup, ".css": style, ".js": script, ".json": data}


def check(file):
    text = file.read_text(encoding="utf-8")
    if file.suffix not in CHECKS:
        return [(1, f"a resource is one of {', '.join(sorted(CHECKS))}")]
    faults = CHECKS[file.suffix](text)
    if not text.endswith("\n"):
        faults.append((text.count("\n") + 1, "the last line does not end"))
    if file.suffix == ".js" and NODE:
        run = subprocess.run([NODE, "--check", str(file)], capture_output=True, text=True, check=False)
        if run.returncode != 0:
            lines = run.stderr.split("\n")
            line = re.search(r":(\d+)$", lines[0])
            reason = next((line for line in lines if "Error" in line), "node does not accept it")
            faults.append((int(line.group(1)) if line else 1, reason))
    return faults


def main():
    files = sorted(file for folder in sys.argv[1:] for file in pathlib.Path(folder).rglob("*") if file.is_file())
    if not files:
        print(f"no files found in: {' '.join(sys.argv[1:]) or 'no folder named'}")
        return 64
    if not NODE and any(file.suffix == ".js" for file in files):
        print("node is not installed: the syntax of scripts is not checked, only their brackets")
    failed = False
    for file in files:
        for line, text in sorted(check(file)):
            print(f"{file}:{line}: {text}")
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
