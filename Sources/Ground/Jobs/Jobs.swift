// Jobs: see Docs/architecture.md.
