"""Marking notebooks: ``python -m dlbook.grade FOLDER_OR_NOTEBOOKS``.

Every notebook runs in a process of its own, with limits on time and memory, on a private copy of ``dlbook`` that holds
no references, no catalogue and no judge. That process calls the student's functions with the inputs it is given and
sends back what they return, as plain numbers. What is right is decided outside, by this process, which never runs a
line of a student: whatever a notebook does to its ``dlbook``, to ``check`` or to the files, its answers are judged by
code that it cannot reach.

The limits keep accidents away, not attacks: a notebook runs with the rights of whoever marks it. For strangers' code
use a container or an account without rights. And no machine sees whether an answer was computed by the package itself.
"""
