// Rules: see Docs/architecture.md.
