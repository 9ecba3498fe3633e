"""One command, run as if nobody stood between: its output passes through, a copy is kept, and it is ended whole."""
