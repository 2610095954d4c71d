"""Runs that take longer than a notebook may: ``python -m dlbook.experiments NAME``.

Each module holds one experiment: its ``SETTINGS`` and ``run(settings, report)``, which returns the results. The command
writes them, with settings, environment and time, as a record. The records that the book quotes are in ``records/``;
chapters read them with :func:`dlbook.experiments.record.read`, so that no number is typed by hand.
"""
