"""Who finds a plan: backends in child processes, the engine, what is believed, what is said when there is none."""
