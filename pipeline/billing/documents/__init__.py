"""How a document looks outside: JSON, PDF, lists of its calls, UBL, FOCUS. All are made from the issued document."""
