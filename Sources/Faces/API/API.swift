// API: see Docs/architecture.md.
