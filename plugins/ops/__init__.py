"""Operations that the engine itself does not need: one family a file."""
