"""A position that comes with a hand-out: kept where the campaign and the rider allow it. With statements of its own,
that are done only when a record brings one."""
