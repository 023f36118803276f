#!/usr/bin/env python3
"""Writes manual pages from what the argument parser knows: copur.1, and copur-COMMAND.1 for each command.

    copur --experimental-dump-help | Deploy/package/manual.py VERSION DATE FOLDER
"""

import json
import pathlib
import re
import sys

EXIT_CODES = [
    (0, "It is done."),
    (64, "The command line is wrong."),
    (65, "A file's or a bundle's content is damaged."),
    (66, "A file that is needed is missing."),
    (69, "A process or a port is not to be had."),
    (70, "An error of the program's own."),
    (73, "A file cannot be written."),
    (74, "Reading or writing failed half-way."),
    (76, "The other side broke the protocol."),
    (77, "Not allowed."),
    (78, "A scenario or a setting is wrong."),
]


def text(string):
    """A string as roff's text: nothing in it is a request or an escape."""
    string = string.replace("\\", "\\[rs]").replace("-", "\\-").replace("'", "\\[aq]").replace("`", "\\[ga]")
    string = string.replace("^", "\\[ha]").replace("~", "\\[ti]")
    return re.sub(r"^\.", r"\\\&.", string, flags=re.M)


def paragraphs(discussion):
    """A discussion: indented lines are commands or tables, which keep their form."""
    lines = []
    for block in discussion.strip().split("\n\n"):
        literal = False
        lines.append(".PP")
        for line in block.split("\n"):
            if line.startswith("  ") != literal:
                literal = not literal
                lines += [".RS 4", ".nf"] if literal else [".fi", ".RE"]
            lines.append(text(line.strip() if not literal else line[2:]))
        if literal:
            lines += [".fi", ".RE"]
    return lines


def spelled(argument):
    """An argument as it is written in the list of options."""
    names = argument.get("names", [])
    if argument["kind"] == "positional":
        return r"\fI%s\fR" % text(argument["valueName"])
    written = ", ".join(
        r"\fB%s\fR" % text(("--" if name["kind"] == "long" else "-") + name["name"])
        for name in sorted(names, key=lambda name: name["kind"] == "long"))
    return written if argument["kind"] == "flag" else r"%s \fI%s\fR" % (written, text(argument["valueName"]))


def arguments(command):
    return [
        argument for argument in command.get("arguments", [])
        if argument["shouldDisplay"] and argument.get("valueName") not in ("help", "version")
    ]


def option_list(command):
    lines = []
    for argument in arguments(command):
        lines += [".TP", spelled(argument)]
        words = [argument.get("abstract", "").strip()]
        if argument.get("allValues"):
            words.append("One of %s." % ", ".join(argument["allValues"]))
        if argument.get("defaultValue") and argument["kind"] == "option":
            words.append("(default: %s)" % argument["defaultValue"])
        lines.append(text(" ".join(word for word in words if word)) or r"\&")
    return lines


def synopsis(name, command):
    words = [r"\fB%s\fR" % text(name)]
    if command.get("subcommands"):
        words.append(r"\fIsubcommand\fR")
    if any(argument["kind"] != "positional" for argument in arguments(command)):
        words.append(r"[\fIoptions\fR]")
    for argument in arguments(command):
        if argument["kind"] == "positional":
            word = spelled(argument) + (" ..." if argument["isRepeating"] else "")
            words.append("[%s]" % word if argument["isOptional"] else word)
    return [" ".join(words)]


def visible(command):
    return [sub for sub in command.get("subcommands", []) if sub["commandName"] != "help" and sub["shouldDisplay"]]


def body(name, command, heading):
    """A command's description, options and, one after the other, subcommands."""
    lines = []
    if command.get("discussion"):
        lines += [heading("Description")] + paragraphs(command["discussion"])
    if arguments(command):
        lines += [heading("Options")] + option_list(command)
    for sub in visible(command):
        full = "%s %s" % (name, sub["commandName"])
        lines += [".SH %s" % text(full.upper()), text(sub["abstract"]), ".PP"] + synopsis(full, sub)
        lines += body(full, sub, lambda title: ".SS %s" % title)
    return lines


def page(title, version, date, lines):
    return "\n".join(['.TH "%s" "1" "%s" "copur %s" "User Commands"' % (text(title.upper()), date, version)] + lines) + "\n"


def main():
    version, date, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    root = json.load(sys.stdin)["command"]
    commands = visible(root)
    codes = [".SH EXIT STATUS"]
    for code, meaning in EXIT_CODES:
        codes += [".TP", r"\fB%d\fR" % code, text(meaning)]

    lines = [".SH NAME", r"copur \- " + text(root["abstract"].split(":")[0].lower()), ".SH SYNOPSIS",
             r"\fBcopur\fR \fIcommand\fR [\fIoptions\fR]", ".SH DESCRIPTION", text(root["abstract"])]
    lines += paragraphs(root.get("discussion", "")) + [".SH COMMANDS"]
    for command in commands:
        lines += [".TP", r"\fBcopur\-%s\fR(1)" % text(command["commandName"]), text(command["abstract"])]
    lines += codes + [".SH FILES",
                      ".TP", "/etc/copur/copur.yaml", "Settings of the service; see copur\\-config(1).",
                      ".TP", "/var/lib/copur", "The service's model and journal.",
                      ".TP", "/usr/share/copur", "Scenarios, the schema of scenarios, and the protocols."]
    (folder / "copur.1").write_text(page("copur", version, date, lines))

    for command in commands:
        name = "copur %s" % command["commandName"]
        file = name.replace(" ", "-")
        lines = [".SH NAME", r"%s \- %s" % (text(file), text(command["abstract"].rstrip(".")))]
        lines += [".SH SYNOPSIS"] + synopsis(name, command)
        lines += body(name, command, lambda title: ".SH %s" % title.upper())
        lines += codes + [".SH SEE ALSO", r"\fBcopur\fR(1)"]
        (folder / (file + ".1")).write_text(page(file, version, date, lines))


if __name__ == "__main__":
    main()
