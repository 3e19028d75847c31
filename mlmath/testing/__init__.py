"""Test a kernel of your own against mlmath."""
