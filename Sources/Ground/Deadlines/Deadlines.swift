// Deadlines: see Docs/architecture.md.
