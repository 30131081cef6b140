"""What every kernel stands on: memory, threads, views, random bits, the processor's abilities."""
