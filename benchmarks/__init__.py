"""Benchmarks of Designate: registered specs, one run for the engine and its peers. Not part of the wheel.

``designate bench run`` measures, ``designate bench report`` makes the table and the plots, and
``README.md`` beside this file says how the figures are to be read.
"""
