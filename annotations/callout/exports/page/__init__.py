"""One self-contained web page of a case: the report, and in it every phrase tied to its region."""

from callout.exports.page.page import write_page

__all__ = ["write_page"]
