// Cases: see Docs/architecture.md.
