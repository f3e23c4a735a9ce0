"""What goes to the log, and into the error of a job, which managers read."""

from __future__ import annotations

import logging
import sys
import traceback

import pytest
from django.db import IntegrityError, connection, transaction

from regulars.accounts.models import Staff
from regulars.business.models import Business
from regulars.core.logs import LineFormatter, masked
from regulars.core.models import Job
from regulars.core.queue import task, worker

REFUSED = (
    'null value in column "name" of relation "customers_customer" violates not-null constraint\n'
    "DETAIL:  Failing row contains (7, Anna, anna@example.com, likes\nlattes, null).\n"
    'CONTEXT:  COPY customers_customer, line 1: "Anna"\n'
    "HINT:  Give it a value.\n"
)


def formatted(error: BaseException) -> str:
    """The error as the log shows it."""
    try:
        raise error
    except type(error):
        record = logging.LogRecord(
            "regulars", logging.ERROR, "x.py", 1, "failed: %s", (error,), sys.exc_info()
        )
    return LineFormatter().format(record)


def test_the_row_that_a_database_refused_is_hidden() -> None:
    assert masked(REFUSED) == (
        'null value in column "name" of relation "customers_customer" violates not-null '
        "constraint\\nDETAIL: [hidden]\\nCONTEXT: [hidden]\\nHINT:  Give it a value."
    )
    assert "anna" not in masked(repr(REFUSED)).lower()


def test_a_traceback_shows_where_but_no_row() -> None:
    try:
        raise IntegrityError(REFUSED)
    except IntegrityError as cause:
        error = RuntimeError("the import broke")
        error.__cause__ = cause

    shown = formatted(error)

    assert "Anna" not in shown
    assert "lattes" not in shown
    assert shown.count("DETAIL: [hidden]") == 1
    assert "The above exception was the direct cause" in shown
    assert "RuntimeError: the import broke" in shown


@pytest.mark.django_db
def test_a_value_that_is_taken_already_is_hidden(business: Business) -> None:
    address = "@".join(("anna", "example.com"))  # a traceback shows the lines of this file
    Staff.objects.create_user(address, "x" * 12, name="Anna")

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Staff.objects.create_user(address, "y" * 12, name="Anna")

    told = "".join(traceback.format_exception(refused.value))
    assert (address in told) == (connection.vendor == "postgresql")  # control
    assert address not in formatted(refused.value)


@task()
def breaks_on_a_row() -> None:
    """A job that the database refuses a row of."""
    raise IntegrityError(REFUSED)


@pytest.mark.django_db
def test_what_managers_read_of_a_broken_job_holds_no_row(business: Business) -> None:
    breaks_on_a_row.enqueue()

    worker.run_due()

    (job,) = Job.objects.filter(task__endswith="breaks_on_a_row")
    assert "violates not-null constraint" in job.error
    assert "anna" not in job.error.lower()
