"""A process that rises and collapses as recorded campaigns do, and controllers run in it."""
