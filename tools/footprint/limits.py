"""What the figures are to be within, and the budget that they must not grow beyond."""

import json
from pathlib import Path

BUDGET = Path(__file__).parent / "budget.json"
#: What a figure may grow by before the check fails, in per cent.
SLACK = 2

KB = 1024
FLASH = {"core": 16 * KB, "keys": 28 * KB, "x25519": 48 * KB, "all": 48 * KB, "all but x25519": 48 * KB}
RAM = 10 * KB
STACK, STACK_OF_X25519 = 2 * KB, 4 * KB
INSTRUCTIONS = {
    ("thumbv7em-none-eabi", "hello to actuate"): 80_000,
    ("thumbv6m-none-eabi", "hello to actuate"): 200_000,
    ("thumbv7em-none-eabi", "seal"): 5_000,
    ("thumbv7em-none-eabi", "open"): 5_000,
}


def of_row(row):
    """The limits of a row: figure -> limit. A session alone has none, nor has a peer."""
    if not row["is_limited"]:
        return {}
    stack = STACK_OF_X25519 if row["set"] in ("x25519", "all") else STACK
    limits = {"flash": FLASH.get(row["set"]), "ram": RAM, "stack": stack}
    limits |= {name: limit for (target, name), limit in INSTRUCTIONS.items() if target == row["target"]}
    return {name: limit for name, limit in limits.items() if limit is not None}


def verdict(row, name, figure):
    limit = of_row(row).get(name)
    if limit is None or figure is None:
        return ""
    return f"{'within' if figure <= limit else 'beyond'} {limit:,}"


def figures_of(row):
    """All figures of a row that were measured here, by name."""
    figures = {name: row[name] for name in ("flash", "ram", "stack") if row.get(name) is not None}
    return figures | row.get("instructions", {}) | {f"stack, {name}": stack for name, stack in row.get("stacks", {}).items()}


def key(row):
    return f"{row['target']}, {row['set']}"


def grown(rows):
    """A line for each figure that is beyond its budget or has none."""
    budget = json.loads(BUDGET.read_text(encoding="utf-8"))
    complaints = []
    for row in rows:
        allowed = budget.get(key(row), {})
        for name, figure in figures_of(row).items():
            if name not in allowed:
                complaints.append(f"{key(row)}: {name} has no budget: look at it, then --record")
            elif figure * 100 > allowed[name] * (100 + SLACK):
                complaints.append(f"{key(row)}: {name} is {figure:,}, and its budget is {allowed[name]:,} and {SLACK} % more")
    return complaints


def record(rows):
    """These figures are the budget from now on; one that was not measured now stays."""
    budget = json.loads(BUDGET.read_text(encoding="utf-8"))
    for row in rows:
        budget[key(row)] = budget.get(key(row), {}) | figures_of(row)
    BUDGET.write_text(json.dumps(budget, indent=2) + "\n", encoding="utf-8")
