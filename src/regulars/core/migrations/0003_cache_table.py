"""The table of Django's database cache, which allauth counts failed sign-ins in."""

from django.core.management import call_command
from django.db import migrations


def create(apps, schema_editor):
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("core", "0002_installation_state")]

    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
