// Registers: see Docs/architecture.md.
