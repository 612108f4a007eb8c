// Draws: see Docs/architecture.md.
