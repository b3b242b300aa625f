"""The book from a folder of files: `load_book(path)` gives a `RateBook` or names every problem with file and line.

Owns the form of the files. What must hold across rows is decided by `rating.book_checks`, what must hold within a row
by `schemas.reference`.
"""

from pipeline.book.folder import load_book
from pipeline.book.problems import BookFileError, FileProblem

__all__ = ["BookFileError", "FileProblem", "load_book"]
