"""Faults as drills: each way in which jobs were lost elsewhere is done to a service at work, and counted."""
