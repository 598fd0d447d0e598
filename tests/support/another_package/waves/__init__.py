"""A package of somebody else: a medium, waveforms, and a model of them."""
