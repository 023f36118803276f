#!/usr/bin/env python3
"""Makes the site of documentation from what a release build left and from the catalogues Sources/MODULE/Docs.docc.

    docs.py --build FOLDER --base PATH OUTPUT      (Deploy/dev/docs.sh calls it)

Each module is converted twice: pages of one module name those of others, and docc finds these in archives only. The first
time gives those archives, whatever they lack; the second time everything has to be found.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

# The start page's catalogue, which describes no module but all of them.
START = "copur"
LINK = re.compile(r"``([A-Za-z_]\w*)((?:/[^`]*)?)``")


class Mistake(Exception):
    """What keeps a site from being made, and the exit status that says so."""

    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


class Site:
    def __init__(self, build, base, output, work):
        self.build, self.base, self.output, self.work = build, base, output, work
        target = json.loads(run(["swift", "-print-target-info"]))
        self.triple = target["target"]["unversionedTriple"]
        self.swift = pathlib.Path(target["paths"]["runtimeResourcePath"]).parent.parent
        for part in ("bin/docc", "bin/swift-symbolgraph-extract", "share/docc/render/index.html"):
            if not (self.swift / part).exists():
                raise Mistake(69, f"this Swift has no {part}: {self.swift}")
        self.modules = sorted(folder.name for folder in pathlib.Path("Sources").glob("Copur*"))
        missing = [m for m in self.modules if not (build / f"release/Modules/{m}.swiftmodule").exists()]
        if missing:
            raise Mistake(69, f"{build} has no release build of {', '.join(missing)}")
        if output.exists() and not (output / f"documentation/{START}").exists():
            raise Mistake(64, f"{output} is there, and no site of this script: it is not replaced")
        # C modules as the build found them. One that is built for a build tool, too, is there twice.
        maps = re.findall(r"-fmodule-map-file=[^\"]*", (build / "release.yaml").read_text())
        self.maps = sorted({m for m in maps if "-tool.build/" not in m})

    def make(self):
        for kind in ("known", "final"):
            (self.work / kind).mkdir()
        in_parallel(self.extract, self.modules)
        make_links_absolute(self.work / "graphs")
        in_parallel(lambda module: self.convert(module, "known"), self.modules)
        known = [option for module in self.modules for option in ("--dependency", self.archive("known", module))]
        logs = in_parallel(lambda module: self.convert(module, "final", *known), [START] + self.modules)
        mistakes = [line for log in logs for line in log.splitlines() if re.search(r"(warning|error): ", line)]
        if mistakes:
            raise Mistake(1, "\n".join(mistakes) + f"\n{len(mistakes)} mistakes")
        self.merge()

    def archive(self, kind, module):
        return self.work / kind / f"{module}.doccarchive"

    def extract(self, module):
        """A module's symbols, down to those that only modules of this package see."""
        folder = self.work / "graphs" / module
        folder.mkdir(parents=True)
        options = [option for m in self.maps for option in ("-Xcc", m)]
        run(
            [self.swift / "bin/swift-symbolgraph-extract", "-module-name", module, "-output-dir", folder]
            + ["-target", self.triple, "-I", self.build / "release/Modules", *options]
            + ["-module-cache-path", self.build / "release/ModuleCache", "-minimum-access-level", "package"]
            # What protocols give every type would be most of it.
            + ["-skip-synthesized-members", "-skip-inherited-docs"])

    def convert(self, module, kind, *options):
        """Converts a module's catalogue, if it has one, with its symbols. Returns what docc said."""
        catalogue = pathlib.Path(f"Sources/{module}/Docs.docc")
        graphs = self.work / "graphs" / module
        inputs = [catalogue] if catalogue.exists() else []
        if graphs.exists():
            inputs += ["--additional-symbol-graph-dir", graphs]
        return run(
            [self.swift / "bin/docc", "convert", *inputs, "--output-dir", self.archive(kind, module), *options]
            + ["--fallback-bundle-identifier", module, "--fallback-display-name", module]
            + ["--fallback-default-module-kind", "Module", "--hosting-base-path", self.base]
            # Parameters are documented here where their names do not say it all.
            + ["--enable-experimental-external-link-support", "--disable-parameters-and-returns-validation"]
            + ["--ide-console-output"])

    def merge(self):
        """One site of all archives, in the place of the one that may be there."""
        archives = [self.archive("final", module) for module in [START] + self.modules]
        site = self.work / "site"
        run(
            [self.swift / "bin/docc", "merge", *archives, "--output-path", site]
            + ["--synthesized-landing-page-name", "Modules", "--synthesized-landing-page-kind", "copur"]
            + ["--synthesized-landing-page-topics-style", "list"])
        start = f"{self.base.rstrip('/')}/documentation/{START}/"
        (site / "index.html").write_text(
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>copur</title>\n'
            f'<meta http-equiv="refresh" content="0; url={start}"><a href="{start}">Documentation of copur</a></html>\n')
        (site / "theme-settings.json").write_text("{}\n")  # Pages ask for it.
        tell_links_from_modules(site / "index/index.json")
        self.output.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(self.output, ignore_errors=True)
        shutil.move(site, self.output)
        pages = sum(1 for _ in (self.output / "data").rglob("*.json"))
        print(f"{self.output}: {pages} pages of {len(self.modules)} modules")


def make_links_absolute(folder):
    """In doc comments, makes ``CopurError`` ``/CopurCore/CopurError`` in all modules but CopurCore, and so on.

    In Swift an import finds such a name; docc would look in one module only. A name that a module has itself stays, and so
    does one that no other module has, or several have: docc says then that there is none.
    """
    graphs = {path: json.loads(path.read_text()) for path in sorted(folder.glob("*/*.symbols.json"))}
    own = collections.defaultdict(set)
    homes = collections.defaultdict(set)
    for path, graph in graphs.items():
        for symbol in graph["symbols"]:
            # A file MODULE@OTHER holds what MODULE adds to types of OTHER, whose names are not MODULE's own.
            own[path.parent.name].update(symbol["pathComponents"][1 if "@" in path.name else 0 :])
            if len(symbol["pathComponents"]) == 1 and "@" not in path.name:
                homes[symbol["names"]["title"]].add(path.parent.name)

    for path, graph in graphs.items():
        module = path.parent.name

        def absolute(match):
            name, rest = match.groups()
            if name in own[module] or name == module:
                return match.group(0)
            if (folder / name).is_dir():
                return f"``/{name}{rest}``"
            others = list(homes[name])
            return f"``/{others[0]}/{name}{rest}``" if len(others) == 1 else match.group(0)

        for symbol in graph["symbols"]:
            for line in symbol.get("docComment", {}).get("lines", []):
                line["text"] = LINK.sub(absolute, line["text"])
        path.write_text(json.dumps(graph))


def tell_links_from_modules(path):
    """Makes links to modules something else than modules in the index of the site.

    A page's navigator shows the first module of its name in the index, and the start page has links to all of them.
    """
    index = json.loads(path.read_text())
    for modules in index["interfaceLanguages"].values():
        for module in modules[0]["children"]:
            for child in module.get("children", []):
                if child["type"] == "module":
                    child["type"] = "collection"
    path.write_text(json.dumps(index))


def in_parallel(function, items):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(function, items))


def run(command):
    """What a command prints, on both of its outputs."""
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if result.returncode != 0:
        raise Mistake(1, f"{' '.join(str(part) for part in command[:2])} failed:\n{result.stdout}{result.stderr}")
    return result.stdout + result.stderr


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--base", required=True)
    parser.add_argument("output", type=pathlib.Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        try:
            Site(options.build, options.base, options.output, pathlib.Path(work)).make()
        except Mistake as mistake:
            print(mistake, file=sys.stderr)
            return mistake.status
    return 0


if __name__ == "__main__":
    sys.exit(main())
