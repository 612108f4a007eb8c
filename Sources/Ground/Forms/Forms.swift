// Forms: see Docs/architecture.md.
