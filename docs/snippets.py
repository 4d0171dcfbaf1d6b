#!/usr/bin/env python3
"""Code in the documents that is taken from a program that compiles and runs, so that it cannot rot.

    docs/snippets.py            fetches it anew
    docs/snippets.py --check    fails where it would write something else

In a document:

    <!-- snippet examples/firmware-c/flash.c: static int32_t flash_program( | const lk_flash flash_log -->
    ```c
    ```

A part begins at the one line that begins so, indentation aside. It ends at the brace that closes it, `}` or `};` of the same indentation; where the line
ends with a semicolon, it is that line; with `+2` behind the text, it is that line and the next two. Parts are separated by an empty line.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"(<!-- snippet (?P<file>\S+): (?P<parts>.+?) -->\n```\w*\n)(?P<code>.*?)(?P<end>^```$)", re.MULTILINE | re.DOTALL)


class Unfit(Exception):
    """What a document asks for is not there; the text says what."""


def end_of(lines, start, more):
    """The index behind the last line of a part."""
    if more is not None:
        return start + 1 + more
    if lines[start].endswith(";"):
        return start + 1
    indentation = lines[start][: len(lines[start]) - len(lines[start].lstrip())]
    closing = (indentation + "}", indentation + "};")
    for index in range(start + 1, len(lines)):
        if lines[index] in closing:
            return index + 1
    raise Unfit(f"nothing closes {lines[start]!r}")


def part(file, lines, wanted):
    text, plus, more = wanted.strip().rpartition(" +")
    if not plus or not more.isdigit():
        text, more = wanted.strip(), None
    found = [index for index, line in enumerate(lines) if line.lstrip().startswith(text)]
    if len(found) != 1:
        raise Unfit(f"{file}: {len(found)} lines begin with {text!r}, and not one")
    start = found[0]
    taken = lines[start : end_of(lines, start, None if more is None else int(more))]
    indentation = len(taken[0]) - len(taken[0].lstrip())
    return "\n".join(line[indentation:] for line in taken) + "\n"


def fetch(block):
    lines = (ROOT / block["file"]).read_text(encoding="utf-8").splitlines()
    code = "\n".join(part(block["file"], lines, wanted) for wanted in block["parts"].split(" | "))
    return block[1] + code + block["end"]


def main():
    checks = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not checks:
        sys.exit(__doc__)
    count, old = 0, []
    for document in sorted((ROOT / "docs").glob("*.md")):
        text = document.read_text(encoding="utf-8")
        try:
            fresh = BLOCK.sub(fetch, text)
        except Unfit as why:
            sys.exit(f"{document.name}: {why}")
        if text.count("<!-- snippet ") != len(BLOCK.findall(text)):
            sys.exit(f"{document.name}: a marker of a snippet has no block of code right behind it")
        count += len(BLOCK.findall(text))
        if fresh != text:
            old.append(document.name)
            if not checks:
                document.write_text(fresh, encoding="utf-8")
    if count == 0:
        sys.exit("no document takes any code: the markers are written otherwise")
    if checks and old:
        sys.exit(f"{', '.join(old)}: the code is not what the sources say: run docs/snippets.py")
    print(f"{count} snippets are what the sources say")


if __name__ == "__main__":
    main()
