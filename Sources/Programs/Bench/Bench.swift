// Bench: see Docs/architecture.md.
