#!/usr/bin/env python3
"""Checks where the links of Markdown files and catalogues lead, without a build.

    check-links.py [FOLDER]        the repository's; the working folder if it is not said

Files and their headings, articles, tutorials, pictures and code that a page names are there, and so are files of the
repository that it names in backquotes. A symbol's names are declared in its module; whether it is a public one, docc says
(Deploy/dev/docs.sh). Prints a line a fault, FILE:LINE first. Exit status: 0 none, 1 some, 64 there is nothing to check.
"""
import pathlib
import re
import sys

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
ARTICLE = re.compile(r"<doc:([^>]+)>|\(doc:([^)]+)\)|tutorial: \"doc:([^\"]+)\"")
SYMBOL = re.compile(r"(?<!`)``([^`\s]+)``(?!`)")
RESOURCE = re.compile(r"@(?:Image|Code|Video)\(([^)]*)\)")
NAMED = re.compile(r"(?<!`)`((?:Deploy|Protocols|Sources|Tests|scenarios)/[^\s`]+)`(?!`)")
DECLARED = re.compile(
    r"\b(?:actor|class|enum|func|let|macro|protocol|struct|typealias|var|case)\s+`?([A-Za-z_]\w*)|[,(]\s*([A-Za-z_]\w*)|\b(init)\b")


class Repository:
    def __init__(self, folder):
        self.folder = folder
        self.modules = {path.name for path in (folder / "Sources").iterdir() if path.is_dir()}
        self.declared, self.headings = {}, {}

    def pages(self):
        """Markdown files and tutorials, but for those of builds and environments."""
        for path in sorted(self.folder.rglob("*")):
            hidden = any(part.startswith(".") for part in path.relative_to(self.folder).parts)
            if path.suffix in (".md", ".tutorial") and not hidden and path.is_file():
                yield path

    def names(self, module):
        """What a module's files declare, cases and parameters among it."""
        if module not in self.declared:
            text = "\n".join(file.read_text() for file in (self.folder / "Sources" / module).rglob("*.swift"))
            self.declared[module] = {name for match in DECLARED.findall(text) for name in match if name}
        return self.declared[module]

    def anchors(self, page):
        """A page's headings as a forge writes their anchors."""
        if page not in self.headings:
            titles = re.findall(r"^#+ +(.*)$", page.read_text(), re.MULTILINE)
            self.headings[page] = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
        return self.headings[page]

    def articles(self, module):
        return {file.stem for file in self.catalogue(module).rglob("*") if file.suffix in (".md", ".tutorial")}

    def catalogue(self, module):
        return self.folder / "Sources" / module / "Docs.docc"


def faults(page, repository):
    """The lines of a page that lead nowhere, and why."""
    parts = page.relative_to(repository.folder).parts
    module = parts[1] if "Docs.docc" in parts else None
    fenced = False
    for number, line in enumerate(page.read_text().splitlines(), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        if fenced:
            continue
        for target in LINK.findall(line):
            text = link_fault(target, page, module, repository)
            if text:
                yield number, text
        for name in NAMED.findall(line):
            if not re.search(r"[*…<{$]|[A-Z]{3}", name) and not (repository.folder / name.rstrip("/")).exists():
                yield number, f"there is no file {name}"
        if module is None:
            continue
        for match in ARTICLE.findall(line):
            target = next(name for name in match if name)
            if not is_article(target, module, repository):
                yield number, f"there is no article {target}"
        for symbol in SYMBOL.findall(line):
            absent = absent_name(symbol, module, repository)
            if absent:
                yield number, f"no {absent} is declared: {symbol}"
        for options in RESOURCE.findall(line):
            for file in re.findall(r"(?:source|file|previousFile): \"?([^\s,\")]+)", options):
                if not has_resource(file, repository.catalogue(module)):
                    yield number, f"there is no resource {file}"


def link_fault(target, page, module, repository):
    path, _, anchor = target.partition("#")
    if re.match(r"[a-z]+:", target):
        return None
    if module and path and "/" not in path and has_resource(path, repository.catalogue(module)):
        return None
    file = page.parent / path if path else page
    if not file.exists():
        return f"there is no file {path}"
    if anchor and file.suffix == ".md" and anchor not in repository.anchors(file):
        return f"{path or 'this page'} has no heading {anchor}"
    return None


def has_resource(name, catalogue):
    """A picture may be named without its ending, and stand for several scales and colours."""
    files = [file for file in catalogue.rglob("*") if file.is_file()]
    return any(name in (file.name, file.stem, file.stem.split("~")[0].split("@")[0]) for file in files)


def is_article(target, module, repository):
    parts = target.strip("/").split("/")
    if target.startswith("/"):
        module, parts = parts[0], parts[1:]
        if module not in repository.modules:
            return False
    return not parts or parts[0].partition("#")[0] in repository.articles(module)


def absent_name(symbol, module, repository):
    """The part of a symbol that its module does not declare; None if it declares all."""
    parts = symbol.strip("/").split("/")
    if symbol.startswith("/") or parts[0] == module:
        module, parts = parts[0], parts[1:]
        if module not in repository.modules:
            return module
    names = repository.names(module)
    return next((part for part in parts if re.match(r"\w+", part) and re.match(r"\w+", part)[0] not in names), None)


def main():
    repository = Repository(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve())
    pages, count = list(repository.pages()), 0
    if not pages:
        print(f"no Markdown files found under {repository.folder}", file=sys.stderr)
        return 64
    for page in pages:
        for line, text in faults(page, repository):
            print(f"{page.relative_to(repository.folder)}:{line}: {text}")
            count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
