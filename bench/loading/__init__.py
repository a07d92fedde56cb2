"""What decoders, resizers, dataset formats and datasets of other libraries are made of."""
