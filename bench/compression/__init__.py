"""What the compression techniques are made of: replacements of layers, masks, fake quantization, teachers."""
