"""Builds the copy of the book that runs in the browser: JupyterLite with the chapters, the package and what it needs."""
