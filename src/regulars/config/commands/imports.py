"""`regulars import FILE`: load customers or purchases from a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

ENCODINGS = ("utf-8", "utf-16", "cp1250", "cp1251", "cp1252", "cp1257")


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--kind", type=click.Choice(["purchases", "customers"]), default=None)
@click.option("--source", default="", help="The program or shop that the file comes from.")
@click.option(
    "--mapping",
    default="",
    help="What columns mean: “key=1,date=2,total=4” or “total=Amount”; counted from 1.",
)
@click.option("--date-order", type=click.Choice(["dmy", "mdy", "ymd"]), default=None)
@click.option("--decimal", type=click.Choice([".", ","]), default=None)
@click.option("--total-of", type=click.Choice(["line", "document"]), default=None)
@click.option("--currency", default="", help="Where no column tells it; else the business's own.")
@click.option("--encoding", type=click.Choice(ENCODINGS), default=None)
@click.option(
    "--rejected",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help="Where to write the rows that are not loaded, with the reasons.",
)
@click.option(
    "--make-places", is_flag=True, help="Make the places that FILE names and are not known."
)
@click.option("--yes", is_flag=True, help="Load without asking once more.")
def import_(file: Path, **options: Any) -> None:
    """Load customers or purchases from FILE (CSV, Excel or JSON).

    The file is read first and the counts are shown; nothing is guessed: where dates, numbers or
    the encoding can be read in two ways, the command says so and stops. Everything loaded is
    history: nobody is written to. Loading the same file again changes nothing.
    """
    import django

    django.setup()
    from regulars.core.errors import DomainError

    try:
        _run(file, **options)
    except DomainError as error:
        raise click.ClickException(str(error)) from error


def _run(file: Path, *, kind: str | None, source: str, yes: bool, **options: Any) -> None:
    from regulars.customers.imports import batches, undoing

    batch = batches.begin(
        _pieces(file), file_name=file.name, kind=kind or "", source=source, by=None
    )
    try:
        batches.look(batch, asked=_asked(options, source))
        _add_columns(batch, options["mapping"])
        _stop_in_doubt(batch)
        _say_places(batch, make=options["make_places"])
        batches.check(batch, with_forecast=not yes)
        _tell(batch)
        if options["rejected"] is not None:
            _write_rejected(batch, options["rejected"])
        if not yes:
            click.confirm("Load this?", abort=True)
        batches.load(batch)
    except BaseException:
        undoing.sweep(batches.give_up(batch)) if batch.pk else None
        raise
    _tell_loaded(batch)


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(1 << 20):
            yield piece


def _asked(options: dict[str, Any], source: str) -> Any:
    from regulars.customers.imports.columns import Reading

    return Reading(
        source=source,
        order=options["date_order"] or "",
        decimal=options["decimal"] or "",
        total_of=options["total_of"] or "",
        currency=options["currency"].upper(),
        encoding=options["encoding"] or "",
    )


def _add_columns(batch: Any, mapping: str) -> None:
    from regulars.customers.imports import batches
    from regulars.customers.imports.columns import FIELDS

    info = batch.mapping.get("info")
    if not mapping or not info:
        return
    chosen: dict[str, int] = {}
    for pair in mapping.split(","):
        field, _, column = (part.strip() for part in pair.partition("="))
        if field not in FIELDS[batch.kind]:
            known = ", ".join(FIELDS[batch.kind])
            raise click.UsageError(f"There is no field “{field}”. Fields: {known}")
        chosen[field] = _column(column, info["header"])
    reading = batches.reading_of(batch)
    kept = {f: n for f, n in reading.columns.items() if n not in chosen.values()}
    batches.settle(batch, reading.with_(columns=kept | chosen), info=info)


def _column(named: str, header: list[str]) -> int:
    if named in header:
        return header.index(named)
    if named.isdigit() and 1 <= int(named) <= len(header):
        return int(named) - 1
    raise click.UsageError(f"There is no column “{named}”. Columns: {', '.join(header)}")


_OPTIONS = {
    "order": "--date-order",
    "decimal": "--decimal",
    "encoding": "--encoding",
    "total_of": "--total-of",
}


def _stop_in_doubt(batch: Any) -> None:
    from regulars.customers.imports import batches

    for doubt in batch.mapping["doubts"]:
        click.echo(f"This file can be read in several ways; say {_OPTIONS[doubt['about']]}:")
        if doubt["written"]:
            click.echo(f"  written: {' | '.join(doubt['written'])}")
        for choice in doubt["choices"]:
            click.echo(f"  {choice['code']:>8}: {' | '.join(choice['says'])}")
    if batch.mapping["doubts"]:
        raise click.ClickException("Nothing was loaded.")
    lacking = batches.missing(batch)
    if lacking:
        header = ", ".join(batch.mapping["info"]["header"])
        raise click.ClickException(
            f"No column is the {' and the '.join(lacking)}. Say --mapping; columns: {header}"
        )


def _say_places(batch: Any, *, make: bool) -> None:
    """What becomes of places that are not known; those not chosen on the pages are left out."""
    from regulars.customers.imports import batches, places

    if make:
        named = [name for name, _rows, said in places.listed(batch) if not said]
        batches.choose_places(batch, dict.fromkeys(named, places.MAKE))
    listed = places.listed(batch)
    made = [name for name, _rows, said in listed if said == places.MAKE]
    left = [f"{name} ({rows:,})" for name, rows, said in listed if said in ("", places.NONE)]
    if made:
        click.echo(f"Places that are made: {', '.join(made)}")
    if left:
        click.echo(f"Left out, since they are no places here (rows): {', '.join(left)}")
        click.echo("  --make-places makes them.")
    if others := batch.mapping["other_places"]:
        click.echo(f"  And {others:,} more names.")


def _tell(batch: Any) -> None:
    from regulars.customers.imports.reasons import row_reason

    counts = batch.counts
    click.echo(f"{counts['rows']:,} rows, {counts['rejected']:,} of them cannot be loaded.")
    for reason, count in [*sorted(counts["reasons"].items()), *sorted(counts["without"].items())]:
        click.echo(f"  {count:,}: {row_reason(reason)}")
    if "forecast" in counts:
        click.echo(_counted(counts["forecast"]))


def _tell_loaded(batch: Any) -> None:
    click.echo(f"Loaded: {_counted(batch.counts.get('staged', {}))}")


def _counted(counts: dict[str, int]) -> str:
    names = {
        "customers": "new customers",
        "purchases": "new purchases",
        "changed": "changed",
        "known": "known already",
    }
    return ", ".join(f"{counts.get(name, 0):,} {text}" for name, text in names.items())


def _write_rejected(batch: Any, target: Path) -> None:
    from regulars.customers import exports

    with target.open("w", encoding="utf-8-sig", newline="") as file:
        file.writelines(exports.rejected_rows(batch))
