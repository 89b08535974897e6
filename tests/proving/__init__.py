"""The prover, held against looking at every patient."""
