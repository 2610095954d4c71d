"""The parts behind ``dlbook.explore``: grid, frame, cache and the two ways of showing them."""
