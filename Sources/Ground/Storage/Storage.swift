// Storage: see Docs/architecture.md.
