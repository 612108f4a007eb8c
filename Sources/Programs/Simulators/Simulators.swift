// Simulators: see Docs/architecture.md.
