"""Plans by construction and annealing: the state, its moves, and the loop over them."""
