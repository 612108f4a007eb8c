// Scenarios: see Docs/architecture.md.
