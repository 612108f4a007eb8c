// Identity: see Docs/architecture.md.
