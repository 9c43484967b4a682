"""One file per Lambda: read settings, parse, call one function, return."""
