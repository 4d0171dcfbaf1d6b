#!/usr/bin/env python3
"""Says what in a linked image can panic, allocate or compute with floats: nothing but what stands on a list with its reason.

    panics.py TOOLS IMAGE           TOOLS: the prefix of the binutils, arm-none-eabi

The linker keeps what is reachable and nothing else (--gc-sections): where the panic handler is in the image, some function calls it. Which ones, the
branches of the image say: from the handler back through core, and through what the compiler put apart, to the first function of somebody.
"""

import re
import sys
from collections import defaultdict

from chips import output_of

HANDLER = "rust_begin_unwind"
#: On the way from the handler to whoever is to blame: core itself, and pieces that the compiler shares between functions.
BETWEEN = re.compile(r"^(<?core::|<\[.*\] as core::|OUTLINED_FUNCTION_)")

#: Callers that may stay, by a pattern of their name, and why.
ALLOWED = {
    r"^<x25519_dalek::x25519::StaticSecret>::diffie_hellman$":
        "profile X alone: the arithmetic of curve25519-dalek goes through arrays of fixed length by loops over their length",
}

ALLOCATION = re.compile(r"^(__rust_alloc|__rust_realloc|__rg_alloc|__rdl_alloc|malloc|calloc|realloc|free|_malloc_r|_free_r|_sbrk)$")
FLOAT = re.compile(r"^(__aeabi_(f|d|cf|cd|u?[il]2f|u?[il]2d)\w*|__(add|sub|mul|div|neg|eq|ne|lt|le|gt|ge|unord|cmp)[sd]f[23]"
                   r"|__fix(uns)?[sd]f[sdt]i|__float(un)?[sdt]i[sd]f|__extendsfdf2|__truncdfsf2|__pow[sd]f2)$")


def callers_of(tools, image):
    """Function -> the functions that branch to it."""
    callers, current = defaultdict(set), None
    for line in output_of(f"{tools}-objdump", "--disassemble", "--demangle", "--no-show-raw-insn", image).splitlines():
        if head := re.match(r"[0-9a-f]+ <(.*)>:$", line):
            current = head[1]
        elif branch := re.search(r"\t\S+\s.*?\b[0-9a-f]+ <(.*?)(\+0x[0-9a-f]+)?>$", line):
            if branch[1] != current:
                callers[branch[1]].add(current)
    return callers


def to_blame(callers):
    """The functions that reach the panic handler, not counting those between."""
    waiting = [name for name in callers if HANDLER in name]
    seen, blamed = set(waiting), set()
    while waiting:
        for caller in callers[waiting.pop()]:
            if not BETWEEN.search(caller):
                blamed.add(caller)
            elif caller not in seen:
                seen.add(caller)
                waiting.append(caller)
    return blamed


def names_in(tools, image):
    return [line.split()[-1] for line in output_of(f"{tools}-nm", image).splitlines()]


def is_allowed(caller):
    return any(re.search(pattern, caller) for pattern in ALLOWED)


def complaints(names, blamed):
    yield from (f"{name} allocates" for name in names if ALLOCATION.match(name))
    yield from (f"{name} computes with floats" for name in names if FLOAT.match(name))
    if not blamed and any(HANDLER in name for name in names):
        yield "the panic handler is in the image, and no function that calls it was found"
    yield from (f"{caller} can panic" for caller in blamed if not is_allowed(caller))


def look(tools, image):
    """What is wrong with an image, and how many callers in it stand on the list."""
    names, blamed = names_in(tools, image), sorted(to_blame(callers_of(tools, image)))
    return list(complaints(names, blamed)), sum(map(is_allowed, blamed))


def main():
    tools, image = sys.argv[1:]
    found, listed = look(tools, image)
    for line in found:
        print(line)
    print(f"{image}: {len(found)} ways to panic, allocate or compute with floats, beside {listed} that stand on the list")
    raise SystemExit(bool(found))


if __name__ == "__main__":
    main()
