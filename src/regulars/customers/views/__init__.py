"""The pages about customers, one module per noun. `urls.py` names them; `urls_imports.py` adds
those of files."""
