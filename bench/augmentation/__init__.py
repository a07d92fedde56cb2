"""One augmentation recipe written for several libraries, with boxes that move with the pixels."""
