"""Shows the book while it is written: soon after a file is saved, the pages on screen are new.

Starting Sphinx and loading the book takes longer than building the page that has changed. So the
next build is always started before it is wanted: a fresh process that has loaded the book as it
was left, and waits. When a file changes, a copy of that process first makes the pages that
somebody looks at; then the process itself does what every build does, and ends. A process that has
loaded the file that changed is replaced first, so nothing of what it shows is ever older than the
files. Formulas are proved, and cells run, by these builds as by every other.
"""
