"""Timings of dlbook beside other libraries, on the same machine in the same run."""
