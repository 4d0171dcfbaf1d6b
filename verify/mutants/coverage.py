"""Prints the share of lines that run, by crate, from what `llvm-cov export --format=lcov` wrote. With --missing the other lines as well."""

import sys
from collections import defaultdict
from pathlib import Path

from listing import CRATES, REPOSITORY

GOAL = 95


def lines_of(report):
    """How often each line ran, by file: most of all copies of generic code."""
    files, lines = defaultdict(dict), None
    for line in Path(report).read_text().splitlines():
        if line.startswith("SF:"):
            lines = files[Path(line[3:])]
        elif line.startswith("DA:"):
            number, count = (int(part) for part in line[3:].split(",")[:2])
            lines[number] = max(lines.get(number, 0), count)
    return files


def first_of_tests(path):
    """Where the tests of a file begin: they come last."""
    text = path.read_text().splitlines()
    return next((number for number, line in enumerate(text, 1) if line.startswith("#[cfg(test)]") and number < len(text) and text[number].startswith("mod tests")), len(text) + 1)


def main():
    files = lines_of(sys.argv[1])
    failed = False
    print("| crate | lines | run | share |\n| --- | ---: | ---: | ---: |")
    for crate in CRATES:
        counts, missing = [], []
        for path in sorted(files):
            if path.is_relative_to(REPOSITORY / crate / "src") and not path.stem.endswith("tests") and path.stem != "public_vectors":
                end = first_of_tests(path)
                own = {number: count for number, count in files[path].items() if number < end}
                counts += own.values()
                missing += [f"{path.relative_to(REPOSITORY)}:{number}" for number in sorted(own) if own[number] == 0]
        run = sum(count > 0 for count in counts)
        share = 100 * run / max(1, len(counts))
        print(f"| {crate} | {len(counts)} | {run} | {share:.1f} % |")
        print(f"{'passed' if share >= GOAL else 'failed'}: the tests run {share:.1f} % of the lines of {crate}, {GOAL} % are asked for")
        failed |= share < GOAL
        if "--missing" in sys.argv:
            print("\n".join(missing))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
