"""Scales a request. A placeholder: the case is about the definition, not about this code."""
