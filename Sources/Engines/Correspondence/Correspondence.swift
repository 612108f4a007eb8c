// Correspondence: see Docs/architecture.md.
