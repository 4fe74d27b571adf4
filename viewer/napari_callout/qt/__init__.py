"""Views only: they show the rows they are told, and say what was clicked."""
