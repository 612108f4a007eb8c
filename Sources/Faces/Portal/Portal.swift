// Portal: see Docs/architecture.md.
