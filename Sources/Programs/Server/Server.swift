// Server: see Docs/architecture.md.
