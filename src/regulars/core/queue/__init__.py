"""Background work whose database row is the queue.

`@task` marks a function as background work (the interface is django-tasks'); `task.enqueue(…)`
puts a row into the caller's transaction, so a rolled-back change leaves no job and a committed
one is never without it. `add()` does the same with a key that makes the job unique; `draft()` and
`add_new()` do it for many at once whose keys are known to be free.
"""

from regulars.core.queue.backend import LeaseTask, add, add_new, draft, task

__all__ = ["LeaseTask", "add", "add_new", "draft", "task"]
