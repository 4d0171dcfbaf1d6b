#!/usr/bin/env python3
"""The bill of materials of the C library: each crate that is compiled into it, with licence and checksum, in the form of CycloneDX 1.5.

    sbom.py FEATURES FILE [TARGET]

FEATURES is one set of the library's (core: none; keys; life; x25519; all). Cargo itself says what is in a build for that target: tools that read
`cargo metadata` name what only tests of the workspace need as well. The same tree makes the same file, bit for bit.
"""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "lock-ffi"


def cargo(*arguments):
    return subprocess.run(["cargo", *arguments], check=True, capture_output=True, text=True, cwd=ROOT).stdout


def choice(features):
    return ["--no-default-features"] + ([] if features == "core" else ["--features", features])


def compiled(features, target, edges):
    """Names and versions of the crates over these edges."""
    tree = cargo(
        "tree", "--locked", "--package", PACKAGE, *choice(features), "--edges", edges, "--prefix", "none", "--format", "{p}", "--target", target
    )
    parts = (line.split()[:2] for line in tree.splitlines())
    return {(name, version.removeprefix("v")) for name, version in parts}


def checksums():
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text(encoding="utf-8"))
    return {(package["name"], package["version"]): package.get("checksum") for package in lock["package"]}


def described(features, target):
    parts = compiled(features, target, "normal")
    # A macro, and what it is made of, runs on the machine that builds, and is in no image.
    linked = compiled(features, target, "normal,no-proc-macro")
    sums = checksums()
    packages = {(package["name"], package["version"]): package for package in json.loads(cargo("metadata", "--locked", "--format-version", "1"))["packages"]}
    ours = packages[next(part for part in parts if part[0] == PACKAGE)]

    def component(part):
        name, version = part
        package, checksum = packages[part], sums[part]
        if not package["license"]:
            sys.exit(f"{name} {version} says no licence: find out under which it may be used")
        if package["source"] and not checksum:
            sys.exit(f"{name} {version} has no checksum in Cargo.lock: what is built cannot be compared")
        purl = f"pkg:cargo/{name}@{version}"
        entry = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl, "licenses": [{"expression": spdx(package["license"])}]}
        entry["scope"] = "required" if part in linked else "excluded"
        if checksum:
            entry["hashes"] = [{"alg": "SHA-256", "content": checksum}]
        return entry

    entries = {part: component(part) for part in sorted(parts)}
    main = entries.pop((PACKAGE, ours["version"]))
    by_name = {}
    for part in parts:
        by_name.setdefault(part[0], []).append(part)

    def needs(part):
        named = {dependency["name"] for dependency in packages[part]["dependencies"] if dependency["kind"] is None}
        return sorted(f"pkg:cargo/{name}@{version}" for wanted in named for name, version in by_name.get(wanted, []))

    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": {**main, "properties": [{"name": "cargo:features", "value": features}, {"name": "cargo:target", "value": target}]},
        },
        "components": list(entries.values()),
        "dependencies": [{"ref": f"pkg:cargo/{name}@{version}", "dependsOn": needs((name, version))} for name, version in sorted(parts)],
    }


def spdx(licence):
    """Older crates write a slash where SPDX has OR."""
    return licence.replace("/", " OR ")


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    features, file = sys.argv[1:3]
    target = sys.argv[3] if len(sys.argv) == 4 else "thumbv7em-none-eabi"
    bill = described(features, target)
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    Path(file).write_text(json.dumps(bill, indent=2) + "\n", encoding="utf-8")
    linked = [part for part in bill["components"] if part["scope"] == "required"]
    licences = sorted({part["licenses"][0]["expression"] for part in linked})
    print(f"{file}: {len(linked)} crates in the library beside itself, {len(bill['components']) - len(linked)} on the machine that builds; {'; '.join(licences)}")


if __name__ == "__main__":
    main()
