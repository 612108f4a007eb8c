// Kernel: see Docs/architecture.md.
