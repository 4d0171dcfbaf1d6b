#!/usr/bin/env bash
# What is verified, in one run: models, proofs, searches for attacks, faults, and planted bugs that each check must catch. What each of them shows, and
# does not show, is in docs/verification.md. The last line is `N passed, N failed`.
#
#   ci/verify.sh                  all parts, each as far as a few minutes go
#   ci/verify.sh PART [OPTION..]  one part; with options further than that:
PARTS=(symbolic model bounded fuzz powercut conformance consttime panic mutants seeded supply)
#     symbolic                    Verifpal on the models of the protocol, and on what must break them
#     model [--large | --planted] all that can happen to the real lock, its cloud and a hostile relay within bounds; large ones; bugs that it must find
#     bounded [LEMMA..]           lemmas on counters, parsers and stored records, proved for all values within a bound
#     fuzz [--long SECONDS [TARGET] | --coverage | --planted | --again TARGET FILE]
#                                 bytes of which something does not hold, searched for by what they reach: 10 seconds for each target; longer, into a
#                                 ledger; which lines are reached; bugs that it must find; an input once more
#     powercut                    every byte of every write and erase of lock-store as the end of power, also twice
#     conformance [--planted [BUG..] | --firmware]
#                                 the kit for strangers against the simulator, the library in C and the reference in Python, and two planted bugs; all
#                                 of them; the firmware in C on an emulated chip
#     consttime                   valgrind on what touches secrets: no branch and no address depends on one
#     panic [--all]               no panic, allocation or float routine in what links, the largest set of features on four chips or each on each
#     mutants [--score | --shard K/N | --coverage | --planted]
#                                 twenty small changes of the sources, each of which a test must notice; what the ledger says of all; a part of all, into the
#                                 ledger; the lines that tests run; the same with mutants that no test notices, which must fail
#     seeded [--all]              the planted bugs, six of them by the commit or all of them: then the ledger is written anew
#     supply [--all | --record]   licences and sources of dependencies, the promised compiler, the public API; then also what is built twice, and
#                                 from the oldest dependencies; or the public API is agreed to as it is
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
[[ $# -eq 0 || " ${PARTS[*]} " == *" $1 "* ]] || refuse "there is no part $1: say one of ${PARTS[*]}, or nothing"
# Half of it builds: the product in eight ways, and with bugs and mutants in it.
[[ $# -gt 0 ]] || budget 2000

parts=("${PARTS[@]}")
options=()
if [[ $# -gt 0 ]]; then
    parts=("$1")
    options=("${@:2}")
fi

# Each part is a script that says `passed: WHAT` or `failed: WHAT` of each thing that it looks at.
said=$(mktemp)
trap 'rm -f "$said"' EXIT
count() {
    grep -c "^$1: " "$said" || true
}
for part in "${parts[@]}"; do
    began=$SECONDS
    before=$(wc -l <"$said")
    status=0
    bash "verify/$part/run.sh" "${options[@]}" 2>&1 </dev/null | tee -a "$said" || status=$?
    # One that ends in silence, or with a failure that it does not name, has failed.
    if ! tail -n "+$((before + 1))" "$said" | grep -q "^passed: \|^failed: "; then
        echo "failed: $part says nothing of what it looked at" | tee -a "$said"
    elif [[ $status -ne 0 ]] && ! tail -n "+$((before + 1))" "$said" | grep -q "^failed: "; then
        echo "failed: $part ended with exit code $status" | tee -a "$said"
    fi
    echo "-- $part: $((SECONDS - began)) s"
done

failed=$(count failed)
echo "$(count passed) passed, $failed failed"
[[ $failed -eq 0 ]]
