"""Prints, from what `llvm-cov export` says, how many lines of each crate were reached.

usage: coverage.py SUMMARY
"""

import json
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def crate_of(name):
    """The folder of the crate whose source this is; None for what is not in the repository, or no part of the product."""
    path = Path(name).resolve()
    if not path.is_relative_to(ROOT):
        return None
    parts = path.relative_to(ROOT).parts
    folder, found, _ = "/".join(parts).partition("/src/")
    return folder if found and not folder.startswith("verify/") else None


def main():
    lines = defaultdict(lambda: [0, 0])
    for file in json.load(open(sys.argv[1]))["data"][0]["files"]:
        if crate := crate_of(file["filename"]):
            lines[crate][0] += file["summary"]["lines"]["covered"]
            lines[crate][1] += file["summary"]["lines"]["count"]
    if not lines:
        raise SystemExit("failed: no line of the product was counted")
    print(f"{'crate':<18}{'lines':>8}{'reached':>9}")
    for crate, (reached, count) in sorted(lines.items()):
        print(f"{crate:<18}{count:>8}{100 * reached / count:>8.1f}%")
    reached, count = (sum(column) for column in zip(*lines.values()))
    print(f"passed: the inputs that were kept reach {100 * reached / count:.1f} % of {count} lines")


if __name__ == "__main__":
    main()
