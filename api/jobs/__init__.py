"""Durable jobs: the queue, the worker, the solve in a process of its own."""
