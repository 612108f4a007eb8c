// Catalogue: see Docs/architecture.md.
