// Credentials: see Docs/architecture.md.
