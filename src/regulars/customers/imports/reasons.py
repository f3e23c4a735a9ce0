"""Every reason for which a file, a row or a question is refused, in words."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REFUSALS: dict[str, Promise] = {
    "too_big": _("This file is too big. Split it into several files."),
    "bomb": _("This file would unpack to far more than it seems. It was not opened."),
    "entities": _("This file contains instructions that no table needs. It was not read."),
    "encrypted": _("This file is protected by a password. Save it without one."),
    "old_or_encrypted": _("This is an old or a protected Excel file. Save it as .xlsx or .csv."),
    "broken_quotes": _("A quotation mark in this file is never closed."),
    "too_wide": _("This file has more than 500 columns."),
    "too_many_rows": _("This file has more than a million rows. Split it into several files."),
    "empty": _("There is no table in this file."),
    "erased": _("Somebody in this file was erased. Please upload it again without them."),
    "stopped": _("Something went wrong while this file was read or loaded. Nothing of it counts."),
    "forgotten": _("Nobody went on with this file for a week, so it was thrown away."),
    "unreadable": _("This file cannot be read. It should be CSV, Excel (.xlsx) or JSON."),
}

ROWS: dict[str, Promise] = {
    "bad_date": _("This is not a date."),
    "bad_time": _("This is not a time."),
    "long_ago": _("This date lies too far in the past."),
    "no_date": _("The date is missing."),
    "in_the_future": _("This date lies in the future."),
    "bad_number": _("This is not a number."),
    "too_large": _("This number is too large."),
    "no_amount": _("The amount is missing."),
    "bad_currency": _("This is not a currency; it should be three letters, like EUR."),
    "no_document": _("The document number is missing."),
    "too_many_lines": _("Too many rows have this document number."),
    "too_long": _("This is too long."),
    "cancelled": _("This sale was cancelled or not paid."),
    "bad_email": _("This is not an e-mail address."),
    "bad_phone": _("This is not a phone number."),
    "nobody": _("The row names nobody."),
    "several": _("Several customers have this address."),
    "bad_birthday": _("This birthday cannot be read. The customer is loaded without it."),
}

NOT_ASKED: dict[str, Promise] = {
    "no_address": _("they have no e-mail address"),
    "not_stated": _("nothing says that they agreed"),
    "said_no": _("they said no"),
    "listed": _("their address is on the list of addresses not written to"),
}


def row_reason(code: str) -> Promise:
    """Why a row was not loaded."""
    return ROWS.get(code, ROWS["bad_number"])
