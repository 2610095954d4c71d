"""Exercises that say why: ``check("3.3", my_function)`` and ``progress()``.

For authors. A coded exercise is an :class:`~dlbook.exercises.model.Exercise` (reference, cases, catalogue of mistakes)
in a module of ``dlbook/exercises/chapterNN``, whose ``EXERCISES`` gives the order; right answers and slips in
``tests/exercises/answers`` and ``slips``; and five cells in the chapter's notebook:

1. Markdown, the task::

       ```{exercise} 3.3 The δ of the output layer
       :label: exercise-3-3
       :nonumber:

       Given z and y of a batch, return δ … {run-it}`in a notebook`
       ```

2. Code, the stub: signature, docstring, and ``...`` as the body.
3. Code, the check, alone: ``check("3.3", output_delta)``. For the stub it answers "not attempted yet".
4. Markdown, the hint, folded::

       ```{hint}
       :class: dropdown
       …
       ```

5. Markdown, the solution, folded (four backquotes, because there is code inside)::

       ````{solution} exercise-3-3
       :class: dropdown

       ```python
       def output_delta(Z, Y): …
       ```
       ````

Quick questions need no kernel: see ``chapters/_ext/quiz.py`` for the ``quiz`` directive, and for the role ``run-it``,
which links to the page's launch buttons or, where a book has none, to the notebook itself.

Teachers: ``python -m dlbook.grade FOLDER`` runs and marks the notebooks that students hand in.
"""

from dlbook.exercises.session import check, progress

__all__ = ["check", "progress"]
