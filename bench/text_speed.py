"""How quickly comments are read, with the bundled model and without; writes docs/results/text.md.

    python bench/text_speed.py [COMMENTS]

COMMENTS (10000 unless told otherwise) are read end to end in a process of its own per encoder.
"""

import json
import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "results" / "text.md"


def main() -> None:
    """Measure everything in fresh processes and write the page."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    found = {name: _in_process(name, count) for name in ("import", "bundled", "none")}
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(_page(found, count), "utf-8")
    print(PAGE.read_text("utf-8"))


def _in_process(name: str, count: int) -> dict[str, float]:
    environment = os.environ | {
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
    }
    command = [sys.executable, __file__, "--one", name, str(count)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def one(name: str, count: int) -> dict[str, float]:
    """Measure one encoder, or only the import."""
    sys.path.insert(0, str(ROOT / "src"))
    start, before = time.perf_counter(), _memory()
    import regulars.text

    assert regulars.text
    if name == "import":
        return {"seconds": time.perf_counter() - start, "megabytes": _memory() - before}
    from regulars.text import seeds
    from regulars.text.encoder import chosen_encoder
    from regulars.text.reading import Reader
    from regulars.text.topics import Corrections

    reader = Reader(chosen_encoder(name))
    reader.read("First of all.")
    ready = time.perf_counter() - start
    written = [s for code in seeds.languages() for s in seeds.load(code)]
    step = max(1, len(written) // count)
    texts = [f"{written[n * step % len(written)].text} {n}" for n in range(count)]
    start, worked = time.perf_counter(), time.process_time()
    for at in range(0, count, 100):
        reader.read_many(texts[at : at + 100])
    seconds, worked = time.perf_counter() - start, time.process_time() - worked
    corrections = Corrections()
    for seed in written[:: len(written) // 200][:200]:
        corrections = corrections.assigned(seed.text, seed.language, seed.topics)
    reader.corrected(corrections)
    retrained, worked_again = time.perf_counter(), time.process_time()
    reader.corrected(corrections.assigned("One more", "en", ("staff",)))
    worked_again = time.process_time() - worked_again
    return {
        "worked": worked,
        "retraining_worked": worked_again,
        "ready": ready,
        "seconds": seconds,
        "per_second": count / seconds,
        "per_core_second": count / worked,
        "megabytes": _memory(),
        "retraining": time.perf_counter() - retrained,
        "load": os.getloadavg()[0],
    }


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _page(found: dict[str, dict[str, float]], count: int) -> str:
    with_model, without = found["bundled"], found["none"]
    rows = [
        (
            "comments a second of computing on one core",
            f"{with_model['per_core_second']:.0f}",
            f"{without['per_core_second']:.0f}",
        ),
        (
            "comments a second by the clock",
            f"{with_model['per_second']:.1f}",
            f"{without['per_second']:.0f}",
        ),
        (
            f"{count:,} comments end to end, computing",
            f"{with_model['worked']:.0f} s",
            f"{without['worked']:.0f} s",
        ),
        (
            f"{count:,} comments end to end, by the clock",
            f"{with_model['seconds']:.0f} s",
            f"{without['seconds']:.0f} s",
        ),
        (
            "from start to first reading",
            f"{with_model['ready']:.1f} s",
            f"{without['ready']:.1f} s",
        ),
        ("most memory", f"{with_model['megabytes']:.0f} MB", f"{without['megabytes']:.0f} MB"),
        (
            "learning again after one more of 200 corrections, computing",
            f"{with_model['retraining_worked']:.2f} s",
            f"{without['retraining_worked']:.2f} s",
        ),
        (
            "the same by the clock",
            f"{with_model['retraining']:.2f} s",
            f"{without['retraining']:.2f} s",
        ),
    ]
    table = "\n".join(f"| {a} | {b} | {c} |" for a, b, c in rows)
    return f"""# Reading comments: speed

Measured by `python bench/text_speed.py {count}` on {platform.machine()}, {_processor()},
{os.cpu_count()} cores, one of them used, Python {platform.python_version()}, with a load average of
{with_model["load"]:.1f} (other work was running where it is above 1). The comments are the seed
sentences, each made different; every one is new to the cache. A comment of several clauses
is encoded whole and clause by clause, so it costs about two texts. Figures by the clock are those
of this load.

| | with the bundled model | without a model |
|---|---|---|
{table}

Importing `regulars.text` takes {found["import"]["seconds"] * 1000:.0f} ms and
{found["import"]["megabytes"]:.1f} MB: nothing is loaded before the first comment.

The model is used with one thread and `OMP_WAIT_POLICY=PASSIVE`, both set before its library is
loaded. On a machine under a load of 9, two threads encoded 0.5 texts a second waiting
actively and 20 passively; one thread did 37 a second of computing.
"""


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or "unknown processor"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(one(sys.argv[2], int(sys.argv[3]))))
    else:
        main()
