"""`regulars text …`: measuring the reading of comments from the command line."""

import json
from pathlib import Path
from typing import Any

import click


@click.group()
def text() -> None:
    """Reading of comments: measure it on your own labels."""


@text.command("evaluate")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option(
    "--encoder",
    default="bundled",
    show_default=True,
    help="bundled, none (keywords only), st:NAME (sentence-transformers) or a web address.",
)
@click.option("--model", default="", help="The model's name, where the encoder needs one.")
@click.option(
    "--key",
    default="",
    envvar="REGULARS_TEXT_KEY",
    help="The key of the server at a web address; REGULARS_TEXT_KEY holds it unseen.",
)
def evaluate_file(file: Path, as_json: bool, encoder: str, model: str, key: str) -> None:
    """Measure the reading on FILE, a CSV with the columns language, text, topic and sentiment.

    topic is delivery, price, staff, quality or empty; sentiment is positive, negative or empty.
    """
    from regulars.text.encoder import chosen_encoder
    from regulars.text.evaluate import foreign, labelled, measured
    from regulars.text.language import OWN
    from regulars.text.reading import Reader

    try:
        rows = labelled(file, lambda text: click.echo(text, err=True))
        for code in foreign(rows):
            click.echo(f"{code}: not one of {', '.join(OWN)}; read without word lists.", err=True)
        found = measured(rows, Reader(chosen_encoder(encoder, model=model, key=key)))
    except (ValueError, OSError, ImportError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps(found, ensure_ascii=False, indent=2) if as_json else _table(found))


def _table(found: dict[str, dict[str, Any]]) -> str:
    lines = [
        f"{'':15}{'accuracy':>10}{'95 % interval':>18}{'macro-F1':>10}{'abstained':>11}{'n':>6}"
    ]
    for code, parts in found.items():
        for name, part in parts.items():
            if part["n"]:
                lines.append(_line(code, name, part))
                lines += _confusion(part["confusion"]) if name != "language" else []
    return "\n".join(lines)


def _line(code: str, name: str, part: dict[str, Any]) -> str:
    if part["accuracy"] is None:
        return f"{code:4}{name:11}{'all abstained':>10}"
    interval = f"{part['low']:.3f} to {part['high']:.3f}"
    return (
        f"{code:4}{name:11}{part['accuracy']:>10.3f}{interval:>18}"
        f"{part['macro_f1']:>10.3f}{part['abstained']:>11.3f}{part['n']:>6}"
    )


def _confusion(confusion: dict[str, dict[str, int]]) -> list[str]:
    return [
        f"      {true}: " + ", ".join(f"{read} {count}" for read, count in sorted(reads.items()))
        for true, reads in confusion.items()
    ]


if __name__ == "__main__":
    text()
