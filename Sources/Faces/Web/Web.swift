// Web: see Docs/architecture.md.
