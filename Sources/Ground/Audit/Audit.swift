// Audit: see Docs/architecture.md.
