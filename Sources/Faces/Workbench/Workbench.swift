// Workbench: see Docs/architecture.md.
