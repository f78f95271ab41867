"""The parts of refresh.py: each module reads one public package and returns plain tables."""
