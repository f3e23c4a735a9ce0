"""The API, version 1, composed from each package's `api.py`."""

from ninja import NinjaAPI

from regulars.core.api import install_problems

api = NinjaAPI(title="Regulars", version="1", urls_namespace="api", docs_url=None)
install_problems(api)
