"""Mutation testing of the statistics with mutmut: are the tests strict enough to notice a change?

python tools/mutants.py                          every mutant (hours)
python tools/mutants.py --sample 700 --seed 5    a random sample, drawn module by module
python tools/mutants.py --report --seed 5 …      only writes the report of what has been run
python tools/mutants.py --of cautious buying.model --name slow …   of these modules only, into a
                                                 report of its own, stats-mutation-slow

Needs the group `mutation` (mutmut) and a clean checkout; works in mutants/. Writes
docs/results/stats-mutation.md and .json. Why survivors may live is written by hand in
docs/results/stats-mutation.toml.
"""

import argparse
import fnmatch
import json
import random
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "docs" / "results"
MUTANTS = ROOT / "mutants" / "src" / "regulars" / "stats"
SMALLEST = "regulars.stats.weighting.*"
KILLED, SURVIVED, UNTOUCHED = (1, 3), (0,), (5, 33)
UNFINISHED = """
{} of the sample were not run for want of time. mutmut begins with the mutants whose tests are
quickest, so those are the ones that many or slow tests reach; whole modules may be missing below.
"""

sys.path.insert(0, str(ROOT / "src"))

from regulars.stats.intervals import wilson  # noqa: E402  (the path is made above)


def main() -> None:
    parser = argparse.ArgumentParser(description="Mutation testing of the statistics.")
    parser.add_argument("--sample", type=int, help="how many mutants; all without it")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--report", action="store_true", help="run nothing")
    parser.add_argument("--of", nargs="+", default=[], help="modules; all without it")
    parser.add_argument("--name", default="", help="what the report is called besides")
    options = parser.parse_args()
    if not options.report:
        mutmut(SMALLEST)  # makes all mutants and learns which test reaches which function
    chosen = sampled(options.sample, options.seed, options.of)
    if not options.report:
        mutmut(*chosen)
    write_report(chosen, options)


def mutmut(*names: str) -> None:
    subprocess.run(["mutmut", "run", "--max-children", "1", *names], cwd=ROOT, check=True)


def outcomes() -> dict[str, dict[str, int | None]]:
    """Exit code of every mutant by module; None where it has not been run."""
    found = {}
    for path in sorted(MUTANTS.rglob("*.meta")):
        module = ".".join(path.relative_to(MUTANTS).with_suffix("").with_suffix("").parts)
        codes = json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
        if codes:
            found[module] = codes
    return found


def sampled(size: int | None, seed: int, modules: list[str]) -> list[str]:
    """Of each module its share of the sample, at least five, drawn anew in the order of names."""
    by_module = {
        module: sorted(codes)
        for module, codes in outcomes().items()
        if not modules or module in modules
    }
    total = sum(map(len, by_module.values()))
    generator = random.Random(seed)
    chosen: list[str] = []
    for names in by_module.values():
        share = len(names) if size is None else max(5, round(size * len(names) / total))
        chosen += generator.sample(names, min(len(names), share))
    return chosen


def write_report(chosen: list[str], options: argparse.Namespace) -> None:
    wanted, size, seed = set(chosen), options.sample, options.seed
    report = f"stats-mutation{f'-{options.name}' if options.name else ''}"
    rows, survivors, total = [], [], Counter[str]()
    made = 0
    for module, codes in outcomes().items():
        if options.of and module not in options.of:
            continue
        made += len(codes)
        fates = Counter(fate(codes[name]) for name in codes if name in wanted)
        survivors += [name for name in codes if name in wanted and fate(codes[name]) == "survived"]
        rows.append((module, len(codes), fates))
        total += fates
    RESULTS.mkdir(parents=True, exist_ok=True)
    record = {
        "mutants": made,
        "sample": size,
        "seed": seed,
        "outcomes": total,
        "modules": {module: {"mutants": n, **fates} for module, n, fates in rows},
        "survivors": survivors,
    }
    text = json.dumps(record, indent=1)
    (RESULTS / f"{report}.json").write_text(text + "\n", encoding="utf-8")
    page = head(total, made, options) + table(rows) + explained(survivors)
    (RESULTS / f"{report}.md").write_text(page, encoding="utf-8")
    print(dict(total))


def fate(code: int | None) -> str:
    if code is None:
        return "not run"
    if code in SURVIVED or code in UNTOUCHED:
        return "survived"
    return "killed" if code in KILLED else "timed out"


def head(total: Counter[str], made: int, options: argparse.Namespace) -> str:
    size, seed = options.sample, options.seed
    dead, run = total["killed"] + total["timed out"], sum(total.values()) - total["not run"]
    low, high = wilson(dead, run)
    drawn = sum(total.values())
    how = f"a random sample of {drawn:,}" if size else f"all {drawn:,}"
    again = f"python tools/mutants.py{f' --sample {size} --seed {seed}' if size else ''}"
    where = "`regulars.stats`"
    if options.of:
        again += f" --of {' '.join(options.of)} --name {options.name}"
        where = "modules of `regulars.stats` that the larger sample hardly reached"
    return (
        "# Do the tests of the statistics notice changes?\n\n"
        f"mutmut makes {made:,} small changes (mutants) to {where}, one at a time:"
        " another operator,\nnumber, argument or word. A mutant is killed when a test fails or"
        f" never ends.\nThis is {how}, made by `{again}`.\n\n"
        f"**{dead:,} of {run:,} were killed: {100 * dead / run:.1f} %** (95 % interval"
        f" {100 * low:.1f} to {100 * high:.1f} %).\n"
        + (UNFINISHED.format(total["not run"]) if total["not run"] else "")
        + "\n"
    )


def table(rows: list[tuple[str, int, Counter[str]]]) -> str:
    lines = [
        "| module | mutants | run | killed | timed out | survived |",
        "|---|---|---|---|---|---|",
    ]
    for module, n, fates in rows:
        run = sum(fates.values()) - fates["not run"]
        cells = [f"`{module}`", n, run, fates["killed"], fates["timed out"], fates["survived"]]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines) + "\n"


def explained(survivors: list[str]) -> str:
    from mutmut.mutation.diff_apply import find_mutant, get_diff_for_mutant

    path = RESULTS / "stats-mutation.toml"
    reasons = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    lines = ["", reasons["note"]] if "note" in reasons else []
    lines += ["", "## Who survived, and why", ""]
    for name in survivors:
        change = get_diff_for_mutant(name, path=find_mutant(name).path)
        body = [line for line in change.splitlines() if line[:1] in "+-"]
        body = [line for line in body if not line.startswith(("+++", "---"))]
        lines += [f"`{name.removeprefix('regulars.stats.')}`: {reason(name, body, reasons)}", ""]
        lines += ["```diff", *body, "```", ""]
    return "\n".join(lines)


def reason(name: str, change: list[str], reasons: dict[str, dict[str, str]]) -> str:
    """The reason given for this mutant by name, or for all changes of its kind."""
    if name in reasons.get("mutants", {}):
        return reasons["mutants"][name]
    for pattern, words in reasons.get("kinds", {}).items():
        if any(fnmatch.fnmatchcase(line, pattern) for line in change if line.startswith("+")):
            return words
    return "a test is missing."


if __name__ == "__main__":
    main()
